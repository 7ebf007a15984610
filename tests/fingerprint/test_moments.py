"""Calls, and what heals and begins before each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core import commands
from harness.core.commands import ExpireSessions, ForgetJobs
from harness.core.vocabulary import Composition
from harness.faults.busy import Busy
from harness.faults.failover import Failover
from harness.faults.maintenance import Maintenance
from harness.faults.password_expired import PasswordExpired
from harness.faults.reboot import Reboot
from harness.faults.reset import Reset
from harness.faults.restart import Restart
from harness.faults.slow_name import SlowName
from harness.faults.user_locked import UserLocked
from harness.fingerprint.moments import FAULT, Moment, is_composed, is_of_names, moments_of, witnesses_of


def test_a_well_hmc_is_called_once() -> None:
    assert moments_of(None) == (Moment(),)
    assert witnesses_of(None) == frozenset()
    assert not is_composed(None)
    assert not is_of_names(None)


def test_a_fault_is_in_force_for_one_call() -> None:
    assert moments_of(Reset()) == (Moment(begins=((FAULT, Reset().command()),)),)
    assert witnesses_of(Reset()) == {FAULT}
    assert not is_composed(Reset())


def test_each_phase_gets_a_call_and_so_does_the_end() -> None:
    begun = [(m.heals, [(n, type(c).__name__) for n, c in m.begins]) for m in moments_of(Reboot(refused=0.1))]
    assert begun == [
        ((), [(1, "RefuseConnections"), (2, "ExpireSessions"), (3, "ForgetJobs")]),
        ((1,), [(4, "StallHandshake")]),
        ((4,), [(5, "AnswerWithError")]),
        ((5,), []),
    ]


@pytest.mark.parametrize("life", [Restart(), Failover(), Reboot(), PasswordExpired(), UserLocked(), Maintenance()])
def test_what_begins_in_phases_and_is_no_fact_heals_and_needs_a_witness(life: Composition) -> None:
    assert is_composed(life)
    moments = moments_of(life)
    begun = [step for moment in moments for step, _ in moment.begins]
    assert begun == list(range(FAULT, FAULT + len(life.parts())))
    facts = {n for moment in moments for n, c in moment.begins if isinstance(c, (ExpireSessions, ForgetJobs))}
    assert {step for moment in moments for step in moment.heals} == witnesses_of(life) == set(begun) - facts


def test_a_fault_of_bytes_is_aimed_at_one_connection_and_no_other_can_be() -> None:
    ((_, command),) = moments_of(Reset(), connection=2)[0].begins
    assert isinstance(command, commands.StreamCommand)
    assert command.connection == 2
    assert replace(command, connection=None) == Reset().command()
    with pytest.raises(TypeError, match="is not for one connection"):
        moments_of(Busy(), connection=1)


def test_a_fault_of_names_is_known() -> None:
    assert is_of_names(SlowName(delay=1.0))
    assert not is_of_names(Reset())
    assert not is_of_names(Reboot())

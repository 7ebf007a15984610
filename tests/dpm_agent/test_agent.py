"""The loop: START, RUN and PORT demands of the concept, against fakes of both sides."""

from __future__ import annotations

import logging
import threading

import pytest

from agent_under_test.dpm_agent.agent import Agent
from agent_under_test.dpm_agent.hmc_side import HmcLost
from tests.dpm_agent.fakes import MAC_A, MAC_B, FakeHmc, FakeReporter, HandClock, config

REFUSED = HmcLost("connection refused", answered=False)


class Rig:
    """An agent that has started with one device, whose port exists; time passes by `after`."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.hmc = FakeHmc(MAC_A)
        self.plane = FakeReporter(MAC_A, MAC_B)
        self.stop = threading.Event()
        self.agent = Agent(config(), self.hmc, self.plane, self.stop, self.clock)
        self.agent.start()
        self.agent.tell()
        self.hmc.calls.clear()
        self.plane.said.clear()

    def round(self, after: float = 2.0) -> float:
        self.clock.t += after
        wait_s = self.agent.look()
        self.agent.tell()
        return wait_s


def test_start_connects_looks_and_reports() -> None:
    hmc, plane = FakeHmc(MAC_A, MAC_B), FakeReporter(MAC_A, MAC_B)
    agent = Agent(config(), hmc, plane, threading.Event(), HandClock())
    agent.start()
    agent.tell()
    assert hmc.calls == ["connect", "devices"]
    assert plane.said == [f"details {MAC_A} {MAC_B}", f"up {MAC_A} {MAC_B} down "]


def test_a_failure_at_the_start_ends_the_start_after_one_attempt() -> None:
    hmc = FakeHmc()
    hmc.away = REFUSED
    agent = Agent(config(), hmc, FakeReporter(), threading.Event(), HandClock())
    with pytest.raises(HmcLost):
        agent.start()
    assert hmc.calls == ["connect", "drop"]


def test_nothing_is_told_while_nothing_changes() -> None:
    rig = Rig()
    assert [rig.round() for _ in range(3)] == [2.0, 2.0, 2.0]
    assert rig.plane.said == []
    assert rig.hmc.calls == ["devices"] * 3


def test_a_lost_hmc_changes_no_port_and_is_tried_after_1_2_4_8_8_seconds_with_one_logon_each() -> None:
    rig = Rig()
    rig.hmc.away = REFUSED
    waits = [rig.round(after=10.0)]
    for _ in range(4):
        waits.append(rig.round(after=waits[-1]))
    assert waits == [1, 2, 4, 8, 8]
    assert rig.hmc.calls == ["devices", "drop"] + ["connect", "drop"] * 4
    assert rig.plane.said == []


def test_truth_returns_with_the_hmc_in_a_fresh_session() -> None:
    rig = Rig()
    rig.hmc.away = REFUSED
    rig.round(after=10.0)
    rig.hmc.away, rig.hmc.macs = None, frozenset({MAC_B})
    rig.hmc.calls.clear()
    assert rig.round(after=1.0) == 2.0
    assert rig.hmc.calls == ["connect", "devices"]
    assert rig.plane.said == [f"details {MAC_B}", f"up {MAC_B} down {MAC_A}"]


def test_loss_and_return_are_logged_once_each_with_address_and_cause(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    caplog.set_level(logging.WARNING)
    rig.hmc.away = REFUSED
    rig.round(after=10.0)
    rig.hmc.away = None
    rig.round(after=1.0)
    rig.round()
    assert [record.getMessage() for record in caplog.records] == [
        "lost HMC 127.0.0.2:6794: connection refused; keeping its last known devices, next attempt in 1 s",
        "HMC 127.0.0.2:6794 is back after 1 s",
    ]


def test_a_later_loss_begins_with_the_first_delay_again() -> None:
    rig = Rig()
    for _ in range(2):
        rig.hmc.away = REFUSED
        assert [rig.round(after=10.0), rig.round(after=1.0)] == [1, 2]
        rig.hmc.away = None
        rig.round(after=2.0)


def test_an_hmc_that_fails_right_after_each_logon_is_not_logged_on_to_without_a_pause() -> None:
    rig = Rig()
    waits = []
    for _ in range(4):
        rig.hmc.away = REFUSED
        waits.append(rig.round(after=1.0))
        rig.hmc.away = None
        rig.round(after=waits[-1])
    assert waits == [1, 2, 4, 8]


def test_an_hmc_that_answered_nonsense_is_logged_off_from_so_that_sessions_do_not_pile_up() -> None:
    rig = Rig()
    rig.hmc.away = HmcLost("unexpected answer", answered=True)
    rig.round()
    assert rig.hmc.calls == ["devices", "log off"]


def test_a_device_without_a_port_is_asked_for_again_until_there_is_one() -> None:
    rig = Rig()
    rig.plane.ports = frozenset()
    rig.hmc.macs = frozenset({MAC_A, MAC_B})
    rig.round()
    rig.plane.ports = frozenset({MAC_B})
    rig.round()
    assert rig.plane.said == [f"details {MAC_B}", f"details {MAC_B}", f"up {MAC_B} down "]


def test_what_the_control_plane_did_not_hear_is_told_again_even_while_the_hmc_is_away() -> None:
    rig = Rig()
    rig.hmc.macs = frozenset({MAC_A, MAC_B})
    rig.plane.away = "connection refused"
    rig.round()
    rig.hmc.away, rig.plane.away = REFUSED, ""
    rig.round()
    assert rig.plane.said == [f"details {MAC_B}", f"up {MAC_B} down "]


def test_a_deaf_control_plane_is_logged_and_does_not_end_the_agent(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    caplog.set_level(logging.WARNING)
    rig.plane.away = "connection refused"
    rig.hmc.macs = frozenset({MAC_B})
    rig.round()
    rig.plane.away = ""
    rig.round()
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "lost control plane 127.0.0.1:9696: connection refused",
        "control plane 127.0.0.1:9696 is back after 2 s",
    ]


def test_told_to_stop_it_logs_off() -> None:
    rig = Rig()
    rig.stop.set()
    rig.agent.run()
    assert rig.hmc.calls == ["log off"]


def test_told_to_stop_while_the_hmc_is_lost_it_does_not_try_to_log_off() -> None:
    rig = Rig()
    rig.hmc.away = REFUSED
    rig.round()
    rig.hmc.calls.clear()
    rig.stop.set()
    rig.agent.run()
    assert rig.hmc.calls == ["drop"]

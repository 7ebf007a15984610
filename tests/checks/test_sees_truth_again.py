"""Truth returns with the HMC."""

from __future__ import annotations

import pytest

from harness.checks.sees_truth_again import SeesTruthAgain
from harness.core.events import NicChanged, PortsSampled, StepHealed, TimelineBegan
from harness.core.history import History
from tests.playbook import (
    FAIL,
    PASS,
    UNKNOWN,
    Scene,
    after,
    at,
    each,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    ports,
    started,
    steady,
    story,
    verdict_of,
    watched,
)

CHECK = SeesTruthAgain(within=4.0)
LIE = "port nic-b is ACTIVE, but its NIC is not there, 4.0 s after the HMC was back"


def removed(t: float = 7.0, port: str = "nic-b") -> Scene:
    """Somebody deletes a NIC."""
    return at(t, NicChanged(port=port, present=False))


def seen_from(t: float, until: float = 20.0) -> History:
    """A NIC goes during the fault, which heals at 10 s, and its port goes DOWN at this moment."""
    looks = [*each(0.5, 0.5, t - 0.5, ports), *each(0.5, t, until, lambda: ports(nic_b="DOWN"))]
    return story(less(healthy(end=until), every(PortsSampled)), removed(), looks)


def until(t: float) -> Scene:
    """A healthy agent whose ports nobody looked at any more after this moment."""
    return less(healthy(), after(t, PortsSampled))


def test_a_port_whose_nic_went_during_the_fault_and_that_goes_soon_after_it_passes() -> None:
    assert found(CHECK, seen_from(12.0)) == (PASS, "true 2.0 s later", 12.0)


@pytest.mark.parametrize(("t", "outcome"), [(14.0, PASS), (14.5, FAIL)])
def test_the_truth_has_to_come_within_the_time_its_end_included(t: float, outcome: str) -> None:
    assert found(CHECK, seen_from(t))[0] == outcome


def test_an_agent_that_always_says_active_fails_when_the_time_is_over() -> None:
    assert found(CHECK, story(healthy(), removed())) == (FAIL, LIE, 14.0)


def test_the_truth_that_comes_too_late_fails_with_the_lie_before_it() -> None:
    assert found(CHECK, seen_from(16.0)) == (FAIL, LIE, 14.0)


def test_a_nic_that_came_has_to_be_active() -> None:
    came = at(7.0, NicChanged(port="nic-c", present=True))
    words = "port nic-c is gone, but its NIC is there, 4.0 s after the HMC was back"
    assert found(CHECK, story(healthy(), came))[:2] == (FAIL, words)
    assert found(CHECK, story(healthy(), came, at(12.5, ports(nic_c="BUILD"))))[0] == FAIL
    assert found(CHECK, story(until(12.0), came, at(12.5, ports(nic_c="ACTIVE"))))[2] == 12.5


def test_all_ports_have_to_be_true_in_the_same_sample() -> None:
    history = story(healthy(), removed(), at(12.5, ports(nic_a="DOWN", nic_b="DOWN")))
    assert found(CHECK, history)[0] == FAIL


def test_a_port_that_is_gone_with_its_nic_is_true() -> None:
    assert found(CHECK, story(until(12.0), removed(), at(12.5, PortsSampled(status={"nic-a": "ACTIVE"}))))[0] == PASS


def test_a_change_after_the_last_healing_starts_the_time_anew() -> None:
    late = [*removed(12.0), *at(15.5, ports(nic_b="DOWN"))]
    assert found(CHECK, story(until(15.0), late)) == (PASS, "true 3.5 s later", 15.5)


def test_a_truth_that_is_taken_back_fails_at_the_first_lie() -> None:
    history = story(until(12.0), removed(), at(12.5, ports(nic_b="DOWN")), at(15.0, ports()))
    words = "port nic-b is ACTIVE, but its NIC is not there, which had been told rightly 2.5 s before"
    assert found(CHECK, history) == (FAIL, words, 15.0)


def test_a_port_that_is_asked_for_again_is_no_lie_as_long_as_it_passes_in_time() -> None:
    asked = [*at(12.5, ports(nic_b="DOWN")), *at(13.0, ports(nic_a="BUILD", nic_b="DOWN"))]
    passed = at(13.5, ports(nic_b="DOWN"))
    assert found(CHECK, story(until(12.0), removed(), asked, passed)) == (PASS, "true 2.5 s later", 12.5)
    stays = at(14.5, ports(nic_a="BUILD", nic_b="DOWN"))
    words = "port nic-a is BUILD, but its NIC is there, which had been told rightly 2.0 s before"
    assert found(CHECK, story(until(12.0), removed(), asked, stays)) == (FAIL, words, 14.5)


def test_a_port_that_stays_in_between_fails_although_nobody_looks_on_after_the_time() -> None:
    asked = [*at(12.5, ports(nic_b="DOWN")), *each(13.0, 0.5, 14.0, lambda: ports(nic_a="BUILD", nic_b="DOWN"))]
    words = "port nic-a is BUILD, but its NIC is there, still when the time was over"
    assert found(CHECK, story(until(12.0), removed(), asked)) == (FAIL, words, 13.5)


def test_a_port_in_between_is_not_the_truth_of_a_nic_that_went() -> None:
    asked = at(12.5, ports(nic_b="BUILD"))
    told = at(13.0, ports(nic_b="DOWN"))
    assert found(CHECK, story(until(12.0), removed(), asked, told)) == (PASS, "true 3.0 s later", 13.0)
    lies = story(until(12.0), removed(), asked, at(13.0, ports()), at(14.5, ports()))
    assert found(CHECK, lies) == (FAIL, LIE, 14.0)


def test_one_looks_on_while_a_port_is_in_between() -> None:
    asked = story(until(12.0), removed(), at(12.5, ports(nic_b="DOWN")), at(13.0, ports(nic_a="BUILD", nic_b="DOWN")))
    assert CHECK.watch_until(asked) == 14.0


def test_without_any_fault_a_change_is_a_truth_to_see() -> None:
    history = story(at(0.0, started()), steady(), removed(4.0), at(5.0, ports(nic_b="DOWN")), watched())
    assert found(CHECK, history)[0] == PASS


@pytest.mark.parametrize(
    "history",
    [
        story(healthy()),
        story(healthy(), removed(2.0)),
        story(healthy(), removed(20.1)),
        story(less(healthy(), every(StepHealed)), removed()),
        story(less(healthy(), every(TimelineBegan)), removed()),
    ],
)
def test_without_a_change_since_the_zero_or_with_the_fault_in_force_there_is_no_truth_to_see(history: History) -> None:
    words = "no NIC came or went, so there was no new truth to see"
    assert found(CHECK, history) == (UNKNOWN, words, None)


def test_a_dead_agents_ports_say_nothing() -> None:
    history = story(healthy(), removed(), at(12.5, ports(nic_b="DOWN")), at(13.0, gone(0)))
    assert found(CHECK, history)[:2] == (UNKNOWN, "the agent is gone, so its ports say nothing")


def test_where_nobody_looked_nobody_lied() -> None:
    history = story(less(healthy(), after(9.5, PortsSampled)), removed())
    assert found(CHECK, history)[:2] == (UNKNOWN, "the ports were not looked at in that time")
    only_late = story(history, at(15.0, ports(nic_b="DOWN")))
    assert found(CHECK, only_late)[0] == UNKNOWN


def test_a_sample_in_the_clearing_up_shows_nothing() -> None:
    history = story(less(healthy(end=12.0)), removed(), at(12.1, ports(nic_b="DOWN")))
    assert found(CHECK, history)[0] == FAIL
    assert str(verdict_of(CHECK, history).outcome) == UNKNOWN


def test_it_has_to_be_watched_until_the_truth_is_seen_or_should_be() -> None:
    assert CHECK.watch_until(story(at(0.0, started()))) == 0.0
    assert CHECK.watch_until(story(steady(), fault(5.0, None), removed())) == 0.0
    assert CHECK.watch_until(story(steady(), fault(), removed())) == 14.0
    assert CHECK.watch_until(seen_from(12.0)) == 0.0

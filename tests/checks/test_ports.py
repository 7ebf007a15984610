"""What was available is still treated as available."""

from __future__ import annotations

import pytest

from harness.checks.ports import PortsStay
from harness.core.events import AgentSampled, Event, NicChanged, PortsSampled, TimelineBegan
from harness.core.history import History
from tests.playbook import (
    FAIL,
    PASS,
    UNKNOWN,
    after,
    at,
    changed,
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
    watched,
)

CHECK = PortsStay()


def test_ports_that_are_active_at_every_sample_pass() -> None:
    assert found(CHECK, story(healthy())) == (PASS, "2 ports ACTIVE in 18 samples", None)


@pytest.mark.parametrize("status", ["DOWN", "BUILD", "ERROR"])
def test_one_sample_of_one_port_with_another_status_fails_at_that_sample(status: str) -> None:
    history = story(healthy(), at(6.5, ports(nic_b=status)), at(7.5, ports(nic_a="DOWN")))
    words = f"port nic-b was ACTIVE and became {status}, while its NIC is there"
    assert found(CHECK, history) == (FAIL, words, 6.5)


def test_all_that_it_became_is_told_until_it_was_back() -> None:
    seen = [ports(nic_b=status) for status in ("BUILD", "DOWN", "DOWN", "BUILD", "ACTIVE", "ERROR")]
    history = story(less(healthy(), after(6.0, PortsSampled)), *(at(6.5 + t, sample) for t, sample in enumerate(seen)))
    assert found(CHECK, history)[1] == "port nic-b was ACTIVE and became BUILD and DOWN, while its NIC is there"


def test_a_port_that_is_no_longer_known_is_lost_too() -> None:
    history = story(healthy(), at(6.5, PortsSampled(status={"nic-a": "ACTIVE"})))
    assert found(CHECK, history)[1] == "port nic-b was ACTIVE and became gone, while its NIC is there"


def test_a_port_whose_nic_went_may_go_from_then_on() -> None:
    went = at(6.0, NicChanged(port="nic-b", present=False))
    assert found(CHECK, story(healthy(), went, at(6.5, ports(nic_b="DOWN"))))[0] == PASS
    assert found(CHECK, story(healthy(), went, at(5.9, ports(nic_b="DOWN"))))[0] == FAIL


def test_a_port_that_was_never_active_is_not_asked_to_be() -> None:
    half_down = each(1.0, 1.0, 20.0, lambda: ports(nic_b="DOWN"))
    history = story(less(healthy(), every(PortsSampled)), half_down)
    assert found(CHECK, history)[:2] == (PASS, "1 ports ACTIVE in 18 samples")


def test_a_fault_that_comes_with_the_zero_is_judged_against_the_look_before_it() -> None:
    history = story(
        at(0.0, started()),
        at(2.9, ports()),
        steady(3.0),
        fault(3.0, 10.0),
        each(1.0, 3.1, 20.0, lambda: ports(nic_b="DOWN")),
        watched(),
    )
    assert found(CHECK, history) == (FAIL, "port nic-b was ACTIVE and became DOWN, while its NIC is there", 3.1)


@pytest.mark.parametrize(("t", "outcome"), [(2.9, PASS), (3.0, FAIL), (20.0, FAIL), (20.1, PASS)])
def test_samples_count_from_the_zero_to_the_end_of_the_watching(t: float, outcome: str) -> None:
    history = story(healthy(), at(t, ports(nic_a="DOWN")))
    assert found(CHECK, history)[0] == outcome


def test_another_status_can_be_asked_for() -> None:
    down = story(at(0.0, started()), steady(), fault(), each(1.0, 1.0, 20.0, lambda: ports(nic_a="DOWN")), watched())
    assert found(PortsStay(status="DOWN"), down)[:2] == (PASS, "1 ports DOWN in 18 samples")


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (story(less(healthy(), every(PortsSampled))), "the ports were never looked at"),
        (story(less(healthy(), after(2.5, PortsSampled))), "the ports were never looked at"),
        (story(less(healthy(), every(TimelineBegan))), "the ports were never looked at"),
        (
            story(at(0.0, started()), steady(), at(4.0, PortsSampled(status={})), watched()),
            "no port was ACTIVE at the beginning",
        ),
        (
            story(less(healthy(), after(4.5, PortsSampled))),
            "the ports were not looked at since the last step began",
        ),
        (story(healthy(), at(8.0, gone(0))), "the agent is gone; a dead agent's ports prove nothing"),
        (
            story(healthy(), at(8.0, AgentSampled(alive=False))),
            "the control plane says that the agent is not alive; a dead agent's ports prove nothing",
        ),
    ],
)
def test_where_ports_prove_nothing_nothing_is_known(history: History, words: str) -> None:
    assert found(CHECK, history)[:2] == (UNKNOWN, words)


def test_what_becomes_of_ports_after_the_agents_death_is_not_its_doing() -> None:
    history = story(healthy(), at(8.0, gone(0)), at(8.5, ports(nic_a="DOWN")))
    assert found(CHECK, history)[0] == UNKNOWN
    assert found(CHECK, story(healthy(), at(8.0, gone(0)), at(7.5, ports(nic_a="DOWN"))))[0] == FAIL


def test_an_agent_that_is_not_alive_yet_before_the_zero_is_none_that_died() -> None:
    assert found(CHECK, story(healthy(), at(0.3, AgentSampled(alive=False))))[0] == PASS


def test_it_needs_no_time_of_its_own() -> None:
    assert CHECK.watch_until(story(healthy())) == 0.0


def test_a_port_that_fell_and_rose_between_two_looks_fails_at_the_second_one() -> None:
    looks = [each(1.0, 1.0, 7.0, lambda: changed("nic-b", 3)), each(1.0, 8.0, 20.0, lambda: changed("nic-b", 5))]
    history = story(less(healthy(), every(PortsSampled)), *looks)
    assert found(CHECK, history) == (FAIL, "port nic-b was changed 2 times between two looks, and ACTIVE at both", 8.0)


def test_what_a_port_did_before_the_zero_or_while_its_nic_moved_does_not_count() -> None:
    def looks(rises_at: float) -> list[Event]:
        return [
            *each(1.0, 1.0, rises_at - 1.0, lambda: changed("nic-b", 3)),
            *each(1.0, rises_at, 20.0, lambda: changed("nic-b", 5)),
        ]

    calm = less(healthy(), every(PortsSampled))
    assert found(CHECK, story(calm, looks(2.0)))[0] == PASS
    moved = at(7.5, NicChanged(port="nic-b", present=False)), at(7.6, NicChanged(port="nic-b", present=True))
    assert found(CHECK, story(calm, looks(8.0), *moved))[0] == PASS
    assert found(CHECK, story(calm, looks(8.0)))[0] == FAIL

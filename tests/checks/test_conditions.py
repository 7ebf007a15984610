"""Parts of a steady state say what is still missing."""

from __future__ import annotations

import re

import pytest

from harness.checks.conditions import HeartbeatsSeen, LogSays, PortsHave, RequestsAnswered, Subscribed
from harness.core.events import Heartbeat, NicChanged, PortsSampled
from harness.core.patterns import RequestPattern
from tests.playbook import OTHER, asked, at, listens, log, ports, request, story

BEAT = Heartbeat(source="control plane")
CPCS = RequestPattern.parse("GET /api/cpcs")


@pytest.mark.parametrize(
    ("seen", "missing"),
    [(0, "0 of 2 heartbeats arrived"), (1, "1 of 2 heartbeats arrived"), (2, None), (3, None)],
)
def test_so_many_heartbeats(seen: int, missing: str | None) -> None:
    assert HeartbeatsSeen(count=2).missing(story(at(1.0, *[BEAT] * seen))) == missing


def test_ports_have_a_status_by_their_last_sample() -> None:
    down = at(1.0, ports(nic_a="DOWN"))
    assert PortsHave().missing(story()) == "no port was seen"
    assert PortsHave().missing(story(at(1.0, PortsSampled(status={})))) == "no port was seen"
    assert PortsHave().missing(story(down)) == "ports are not ACTIVE: {'nic-a': 'DOWN'}"
    assert PortsHave().missing(story(down, at(2.0, ports()))) is None
    assert PortsHave(status="DOWN").missing(story(at(1.0, ports(nic_a="DOWN", nic_b="DOWN")))) is None


def test_a_port_without_a_nic_is_not_waited_for() -> None:
    went = at(0.5, NicChanged(port="nic-a", present=False))
    assert PortsHave().missing(story(went, at(1.0, ports(nic_a="DOWN")))) is None


def test_ports_without_nics_alone_are_no_ports() -> None:
    went = at(0.5, NicChanged(port="nic-a", present=False), NicChanged(port="nic-b", present=False))
    assert PortsHave().missing(story(went, at(1.0, ports(nic_a="DOWN", nic_b="DOWN")))) == "no port was seen"


def test_a_nic_whose_port_is_not_known_yet_is_waited_for() -> None:
    came = at(0.5, NicChanged(port="nic-c", present=True))
    assert PortsHave().missing(story(came, at(1.0, ports()))) == "ports are not ACTIVE: {'nic-c': 'not known'}"
    assert PortsHave().missing(story(came, at(1.0, PortsSampled(status={})))) is not None


def test_the_agent_has_printed_a_line() -> None:
    says = LogSays(pattern=re.compile("ready"))
    assert says.missing(story(at(1.0, log("ready", who=OTHER), log("starting")))) == "no line matches 'ready'"
    assert says.missing(story(at(1.0, log("now ready")))) is None


def test_so_many_requests_of_the_agent_were_answered_with_success() -> None:
    condition = RequestsAnswered(match=CPCS, count=2)
    others = at(1.0, request(who=OTHER), request(who=""), request("GET /api/console"), request(status=403), asked())
    assert condition.missing(story(others)) == "0 of 2 requests GET /api/cpcs were answered"
    assert condition.missing(story(others, at(2.0, request()))) == "1 of 2 requests GET /api/cpcs were answered"
    assert condition.missing(story(others, at(2.0, request(), request()))) is None


def test_topics_are_counted_that_the_agent_listens_to_now() -> None:
    assert Subscribed().missing(story()) == "the agent listens to 0 of 1 topics"
    assert Subscribed().missing(story(at(1.0, listens()))) is None
    assert Subscribed().missing(story(at(1.0, listens(who=OTHER)))) == "the agent listens to 0 of 1 topics"
    gone = at(2.0, listens(present=False))
    assert Subscribed().missing(story(at(1.0, listens()), gone)) == "the agent listens to 0 of 1 topics"
    two = at(1.0, listens(), listens(topic="u"))
    assert Subscribed(count=2).missing(story(two)) is None
    assert Subscribed(count=2).missing(story(two, gone)) == "the agent listens to 1 of 2 topics"
    elsewhere = at(1.0, listens(), listens(listener="l2"))
    assert Subscribed().missing(story(elsewhere, gone)) is None

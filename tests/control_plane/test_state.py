"""The control plane's state moves as Neutron's ML2 plugin moves it."""

from __future__ import annotations

import pytest

from harness.control_plane.state import AGENT_FIELDS, PORT_FIELDS, PortStatus, State
from tests.control_plane.fakes import HandClock

MAC = "fa:16:3e:00:00:01"


def state_with_port(clock: HandClock | None = None) -> State:
    """With an agent that was heard of, or its port would not be bound."""
    state = State(clock or HandClock(), agent_down_time_s=75.0)
    beat(state)
    state.add_port(name="port-a", mac=MAC, host="host-1")
    return state


def beat(state: State, *, start: bool = False) -> str:
    return state.report(
        binary="b", host="host-1", agent_type="DPM agent", topic="N/A", configurations={"x": 1}, start=start
    )


def test_a_port_goes_down_build_active_down() -> None:
    state = state_with_port()
    port = state.ports["port-a"]
    seen = [port.status]
    state.details(MAC, "host-1")
    seen.append(port.status)
    for status in (PortStatus.ACTIVE, PortStatus.DOWN):
        state.move(MAC, "host-1", status)
        seen.append(port.status)
    assert seen == ["DOWN", "BUILD", "ACTIVE", "DOWN"]


def test_asking_for_an_active_ports_details_makes_it_build_as_an_agents_restart_does() -> None:
    state = state_with_port()
    state.move(MAC, "host-1", PortStatus.ACTIVE)
    state.details(MAC, "host-1")
    assert state.ports["port-a"].status == "BUILD"


def test_an_unknown_device_is_answered_with_its_name_alone() -> None:
    assert state_with_port().details("fa:16:3e:00:00:99", "host-1") == {"device": "fa:16:3e:00:00:99"}


def test_another_hosts_agent_moves_nothing_and_gets_no_port_id() -> None:
    state = state_with_port()
    assert "port_id" not in state.details(MAC, "host-2")
    state.move(MAC, "host-2", PortStatus.ACTIVE)
    assert state.ports["port-a"].status == "DOWN"


@pytest.mark.parametrize("written", ["FA-16-3E-00-00-01", "FA:16:3E:00:00:01"])
def test_a_device_is_found_only_as_neutron_writes_its_mac(written: str) -> None:
    """As by a real one, on all databases but those that take no notice of case."""
    assert state_with_port().details(written, "host-1") == {"device": written}


def test_without_a_living_agent_a_port_is_not_bound_and_nobody_moves_it() -> None:
    clock = HandClock()
    state = state_with_port(clock)
    clock.t += 80
    state.add_port(name="port-b", mac="fa:16:3e:00:00:02", host="host-1")
    assert state.details("fa:16:3e:00:00:02", "host-1") == {"device": "fa:16:3e:00:00:02"}
    state.move("fa:16:3e:00:00:02", "host-1", PortStatus.ACTIVE)
    assert state.ports["port-b"].status == "DOWN"
    state.move(MAC, "host-1", PortStatus.ACTIVE)
    assert state.ports["port-a"].status == "ACTIVE"
    beat(state)
    assert "port_id" in state.details("fa:16:3e:00:00:02", "host-1")


def test_adding_the_same_port_again_changes_nothing() -> None:
    state = state_with_port()
    state.move(MAC, "host-1", PortStatus.ACTIVE)
    state.add_port(name="port-a", mac=MAC.upper(), host="host-1")
    assert state.ports["port-a"].status == "ACTIVE"


@pytest.mark.parametrize(("name", "mac"), [("port-a", "fa:16:3e:00:00:02"), ("port-b", MAC)])
def test_a_port_that_clashes_is_refused(name: str, mac: str) -> None:
    with pytest.raises(ValueError, match="port"):
        state_with_port().add_port(name=name, mac=mac, host="host-1")


def test_a_removed_port_is_gone_and_removing_it_again_is_no_error() -> None:
    state = state_with_port()
    state.remove_port("port-a")
    state.remove_port("port-a")
    assert state.port_of(MAC) is None


def test_an_agent_is_alive_while_its_last_heartbeat_is_younger_than_agent_down_time() -> None:
    clock = HandClock()
    state = state_with_port(clock)
    beat(state)
    agent = next(iter(state.agents.values()))
    clock.t += 74.9
    assert state.is_alive(agent)
    clock.t += 0.1
    assert not state.is_alive(agent)


def test_heartbeats_are_answered_new_alive_and_revived() -> None:
    clock = HandClock()
    state = State(clock, agent_down_time_s=75.0)
    answers = [beat(state, start=True), beat(state)]
    clock.t += 100
    answers.append(beat(state))
    assert answers == ["new", "alive", "revived"]


def test_an_agents_times_tell_creation_start_and_heartbeat_apart() -> None:
    clock = HandClock()
    state = State(clock, agent_down_time_s=75.0)
    beat(state, start=True)
    clock.t += 10
    beat(state, start=True)
    clock.t += 10
    beat(state)
    (agent,) = state.agents.values()
    assert (agent.created_at, agent.started_at, agent.heartbeat_at) == (1000.0, 1010.0, 1020.0)


def test_views_have_the_attributes_that_filters_may_name() -> None:
    state = state_with_port()
    beat(state)
    (agent,) = state.agents.values()
    assert frozenset(state.agent_view(agent)) == AGENT_FIELDS
    assert frozenset(state.port_view(state.ports["port-a"])) == PORT_FIELDS

"""What an agent's profile has to say for a check or condition to be able to see anything: its signs, and its kind."""

from __future__ import annotations

from harness.core.commands import Address
from harness.core.profile import HeartbeatSource, Kind, Profile


def no_heartbeat(agent: Profile) -> str | None:
    """Why no heartbeat of this agent will ever be seen, and what to do; None if it has one."""
    if agent.heartbeat is not HeartbeatSource.NONE:
        return None
    return f"the profile {agent.name} says heartbeat: none, so none is ever seen; say there where it arrives, or {_OUT}"


def no_ports(agent: Profile) -> str | None:
    """Why this agent has no Neutron ports to look at, and what to do; None if it has."""
    if agent.ports is not None:
        return None
    return f"the profile {agent.name} says ports: none, so none is ever seen; say there whose they are, or {_OUT}"


def no_notifications(agent: Profile) -> str | None:
    """Why this agent hears no notifications, and what to do; None if it listens."""
    if agent.notifications:
        return None
    return f"the profile {agent.name} does not say notifications: true, so it hears none; say it there, or {_OUT}"


def no_bus(agent: Profile) -> str | None:
    """Why no control plane hears this agent, and what to do; None if one does."""
    if agent.heartbeat is HeartbeatSource.CONTROL_PLANE:
        return None
    return (
        f"the profile {agent.name} does not say heartbeat: control_plane, so nobody hears it; say it there, or {_OUT}"
    )


def no_alternate(agent: Profile, address: Address | None) -> str | None:
    """Why this agent can go to no such HMC, and what to do; None if it can."""
    if address is None or agent.has_alternate:
        return None
    words = f"the profile {agent.name} has no {{hmc_alternate}}, so there is one HMC alone"
    return f"{words}; put it there, or take out address"


def one_of_two(address: Address | None) -> None:
    """Refuse `both`, of which nobody can say whether it means each or either.

    Raises:
        ValueError: it is that; says what to write.
    """
    if address is Address.BOTH:
        raise ValueError("address is first or alternate here; take it out for either")


def one_shot(agent: Profile) -> str | None:
    """Why this program cannot keep running, and what to do; None if it is a service."""
    if agent.kind is Kind.SERVICE:
        return None
    return f"the profile {agent.name} says kind: one-shot, so it ends by itself; write exits instead"


_OUT = "take this out"

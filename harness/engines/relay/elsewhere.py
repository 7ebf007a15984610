"""Steps that another engine carries out: what a relay before or behind it, which only looks on, can say. Pure.

Laws:
1. It never says more than it saw: in doubt a step has no witness, and the trial is UNKNOWN.
2. What goes in to the other engine while its fault is in force meets the fault; what comes out has met it.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands import (
    Command,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Hang,
    RefuseConnections,
    StopServer,
    Throttle,
)

GOES_IN = "handed to the engine that has the fault"
NOBODY_HEARS = "sent while no server took messages"
CAME_OUT = "came through the engine that has the fault"


@dataclass(frozen=True, slots=True)
class Sight:
    """What bytes of one direction prove of a step."""

    what: str
    over: bool
    """Whether they have met the fault, or are about to."""
    since: float
    """Bytes before this moment may have been on their way before the fault was there."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A step that another engine carries out."""

    command: Command
    since: float
    behind: bool
    """This relay stands behind that engine, on the HMC's side."""

    def sight(self, direction: Direction) -> Sight | None:
        """What bytes of this direction prove; None if nothing."""
        goes_in = (direction is Direction.REQUEST) is not self.behind
        match self.command:
            case Hang() if goes_in:
                return Sight(GOES_IN, over=True, since=self.since)
            case StopServer() if goes_in:
                return Sight(NOBODY_HEARS, over=True, since=self.since)
            case Delay(direction=way) | Throttle(direction=way) if way is direction and goes_in:
                return Sight(GOES_IN, over=False, since=self.since)
            case Delay(direction=way, delay_s=delay_s, jitter_s=jitter_s) if way is direction:
                return Sight(CAME_OUT, over=True, since=self.since + delay_s - jitter_s)
            case Throttle(direction=way) if way is direction:
                return Sight(CAME_OUT, over=True, since=self.since)
        return None


def ends_with(command: Command, how: Cut) -> bool:
    """Whether a connection that ends in this way, and not by the client, may be the work of such a step."""
    match command:
        case CutConnection(how=wanted):
            return wanted is how
        case RefuseConnections(existing=Existing.CLOSE):
            return how is Cut.FIN
        case RefuseConnections(existing=Existing.RESET):
            return how is Cut.RST
    return False

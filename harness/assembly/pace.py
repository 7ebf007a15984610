"""How fast a trial's clock runs, decided with everything that a decision needs: the wish, the machine, the programs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.assembly.programs import HMC_PORT, Account, Surroundings, expand
from harness.assembly.project import Project
from harness.core.commands import RunBystander, StopBus, StopServer
from harness.core.events import AGENT, WarpUsed
from harness.core.interfaces import Clock
from harness.core.profile import Expanded, PlaneKind
from harness.core.scenario import Scenario, WarpWord
from harness.core.warp import REAL, Machine, Need, Repetition, factor_for, need_of
from harness.engines.warp import build, reach
from harness.engines.warp.warp import Warp
from harness.errors import BadInput, EngineFailed
from harness.observe.clock import WallClock

Wish = WarpWord | float | Repetition
"""How fast a person, a scenario or what came of a trial before wants its clocks to run."""
START_WALL_S = 10.0
"""What the start of a program may take is time of a CPU, so it is counted by the wall however fast the clocks run."""


MOST_ON_NEUTRON = 10.0
"""An agent that imports Neutron spends ten times as much of a CPU at its start as one that does not, and Neutron, whose
clock runs as fast, has to keep up with it."""


class Refused(Exception):
    """The clocks cannot run as was asked for; says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The clocks of one trial."""

    warp: Warp | None = None
    used: WarpUsed | None = None
    """What the history is told; None where nobody asked for a warp."""

    @property
    def factor(self) -> float:
        """Agent seconds in a second of the wall."""
        return self.warp.factor if self.warp else REAL

    def clock(self) -> Clock:
        """The trial's clock."""
        return self.warp.clock() if self.warp else WallClock()

    def environment(self, own: Mapping[str, str]) -> Mapping[str, str]:
        """What a program gets, so that its clock is the trial's."""
        return self.warp.added_to(own) if self.warp else own

    def applied_to(self, scenario: Scenario) -> Scenario:
        """The scenario with the time that programs need for their start given by the wall, and not by their clock."""
        if self.warp is None:
            return scenario
        return replace(
            scenario,
            steady_within_s=scenario.steady_within_s + START_WALL_S * self.factor,
            give_up_after_s=scenario.give_up_after_s + START_WALL_S * self.factor,
        )


async def pace_of(project: Project, scenario: Scenario, wish: Wish) -> Pace:
    """The clocks that a trial gets; those of a warp begin to run fast now.

    Raises:
        Refused: there is no warp, and one was asked for by number or the trial would last too long without.
    """
    programs = _programs(project, scenario)
    need = need_of(scenario, programs[AGENT].timeouts)
    if wish is WarpWord.OFF:
        return Pace()
    obstacle = _obstacle(programs.values(), project.root) or _of_the_wall(scenario)
    used = _chosen(project, scenario, need, obstacle) if isinstance(wish, WarpWord) else _asked_for(wish, need)
    if used.factor == REAL:
        return Pace(used=used)
    if obstacle:
        raise Refused(f"a warp of x{used.factor:g} was asked for, and {obstacle}; use --warp off or warp: auto")
    try:
        warp = await asyncio.to_thread(_tested, used.factor, _pythons(programs.values(), project.root))
    except (BadInput, EngineFailed) as error:
        raise Refused(str(error)) from error
    return Pace(warp=warp.anew(), used=replace(used, factor=warp.factor))


def _asked_for(wish: float | Repetition, need: Need) -> WarpUsed:
    if isinstance(wish, Repetition):
        return WarpUsed(factor=wish.factor, why=wish.why, needs_s=need.lasts_s, earlier=wish.earlier, auto=wish.auto)
    return WarpUsed(factor=wish, why="asked for by number", needs_s=need.lasts_s)


def _chosen(project: Project, scenario: Scenario, need: Need, obstacle: str | None) -> WarpUsed:
    """What `auto` makes of it: real time where there is an obstacle."""
    factor, why = factor_for(need, _machine()), f"for about {need.lasts_s:.0f} s of the agent's"
    if project.profiles[scenario.agent].reports_to is PlaneKind.NEUTRON:
        factor = min(factor, MOST_ON_NEUTRON)
    cannot = build.unsupported() or obstacle
    if cannot or factor == REAL:
        factor, why = REAL, f"real time: {cannot or 'so short a trial gains nothing'}"
    return WarpUsed(factor=factor, why=why, needs_s=need.lasts_s, auto=True)


def _programs(project: Project, scenario: Scenario) -> Mapping[str, Expanded]:
    """The trial's programs, with addresses and accounts that are not theirs: it is about what is executed."""
    place = Surroundings(project.root, "127.0.0.1", HMC_PORT, Path("ca.pem"), "http://127.0.0.1")
    nobody, home = Account("user", "nobody"), Path("work")
    agent = expand(project.profiles[scenario.agent], scenario.agent_settings, nobody, place, home)
    others = [step.command.profile for step in scenario.timeline if isinstance(step.command, RunBystander)]
    return {AGENT: agent, **{name: expand(project.profiles[name], {}, nobody, place, home) for name in others}}


def _obstacle(programs: Iterable[Expanded], root: Path) -> str | None:
    found = (reach.obstacle(program.argv[0], program.environment, root) for program in programs)
    return next((words for words in found if words), None)


def _of_the_wall(scenario: Scenario) -> str | None:
    """RabbitMQ and neutron-rpc-server need seconds of the wall to start, which would be minutes of the agent's."""
    stops = any(isinstance(step.command, StopBus | StopServer) for step in scenario.timeline)
    return "what bus_stopped or server_stopped has to start again takes time of the wall" if stops else None


def _pythons(programs: Iterable[Expanded], root: Path) -> list[Path | None]:
    """The interpreters of the trial's programs, each once; ours (None) for one that is in another language."""
    return list(dict.fromkeys(reach.python(program.argv[0], program.environment, root) for program in programs))


def _tested(factor: float, pythons: Iterable[Path | None]) -> Warp:
    *_, warp = [Warp.prepare(factor, python) for python in pythons]
    return warp


def _machine() -> Machine:
    return Machine(cpus=len(os.sched_getaffinity(0)), load=os.getloadavg()[0])

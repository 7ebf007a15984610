"""An agent through one case after the other, in several lanes at once; each case is a trial as any other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.assembly.pace import Wish
from harness.assembly.project import Project
from harness.assembly.trial import Result, run_trial
from harness.assembly.warped import played_until_it_stands
from harness.assembly.worker import Worker
from harness.core.scenario import WarpWord
from harness.errors import BadInput
from harness.fingerprint.agent_cases import AgentCase, scenario_of
from harness.fingerprint.agent_facts import agent_facts
from harness.fingerprint.facts import Facts
from harness.fingerprint.lanes import in_lanes
from harness.report.store import RunStore

LANES = 3
"""An agent is a program of its own, whose start takes a CPU: more at once would make each of them late."""
SEED = 1
"""The same for each, so that two fingerprints differ by the agent alone."""
PLACE = "fingerprint"


@dataclass(frozen=True, slots=True)
class How:
    """What all cases of an agent share."""

    agent: str
    hmc: str
    """The inventory."""
    watch_s: float
    """How long a fault lasts, in the agent's seconds."""
    warp: Wish = WarpWord.OFF


async def fingerprint_agent(
    project: Project, how: How, cases: Sequence[AgentCase], store: RunStore, *, done: Callable[[AgentCase], None]
) -> list[Facts]:
    """What the agent did in each case; the trials lie in `store`. `done` is told when one is over.

    Raises:
        AgentNotStartable: the agent's program is not set up; says what to type.
        BadInput: the inventory is wrong.
    """
    waiting = iter(range(len(cases)))
    found: dict[int, Facts] = {}

    async def lane() -> None:
        async with Worker(project) as worker:
            for number in waiting:
                found[number] = await _play(worker, how, cases[number], store)
                done(cases[number])

    await in_lanes(min(LANES, len(cases)), waiting, lane)
    return [found[number] for number in range(len(cases))]


async def _play(worker: Worker, how: How, case: AgentCase, store: RunStore) -> Facts:
    project = worker.project
    profile = project.profiles[how.agent]
    scenario = scenario_of(case, profile, project.vocabulary, hmc=how.hmc, watch_s=how.watch_s)

    async def once(wish: Wish | None) -> Result:
        folder = store.open(f"{PLACE}/{how.agent}/{case.id}", f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}")
        return await run_trial(worker, scenario, seed=SEED, folder=folder, warp=wish)

    result = await played_until_it_stands(once, how.warp)
    return agent_facts(case, result.history, result.verdict)


def usual_inventory(project: Project, agent: str) -> str:
    """What the project's own scenarios play this agent with, most of the time.

    Raises:
        BadInput: it is in none of them.
    """
    used = Counter(s.inventory for s in project.all_scenarios([project.root / "scenarios"]) if s.agent == agent)
    if not used:
        known = ", ".join(sorted(project.inventories))
        raise BadInput(f"no scenario says what {agent} finds on its HMC; name an inventory: --hmc NAME, one of {known}")
    return used.most_common(1)[0][0]

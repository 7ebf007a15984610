"""The language of scenario files, as dataclasses: the loader and the JSON Schema are both made of these annotations.

What the words for faults, changes, checks, conditions, agents and inventories are is not said here: the vocabulary is
handed in (`families`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from harness.core.commands import Address, Channel
from harness.core.patterns import RequestPattern
from harness.core.scenario import AGENT_DOWN_TIME_S, Moment, ReachedBy, WarpWord
from harness.core.values import Bounds, Says, Seconds
from harness.core.vocabulary import Vocabulary
from harness.scenario_file.kinds import AnyOf, Family, Form, Text
from harness.scenario_file.matrix import Axes
from harness.scenario_file.shapes import Chosen, Is, Least, MapOf, record_of

SOME_WORDS = Form(r"^[\s\S]*\S[\s\S]*$", "some words")
STEP_NAME = Form(r"^[A-Za-z][A-Za-z0-9_-]{0,59}$", "a name of letters, digits, - and _, as in first-outage")
TAG = Form(
    r"^(?!(and|or|not|True|False|None)$)[A-Za-z_][A-Za-z0-9_]{0,59}$",
    "a word of letters, digits and _, as in slow, that means nothing to pytest -m",
)

SHORTEST_S = 0.001
"""A shorter time is none: timers are no finer than a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentOf:
    """A moment of a step that has a name."""

    step: Annotated[str, Says("the other step's name")]
    is_: Annotated[Moment, Says("which moment of it: began or healed")]


After = Moment | MomentOf


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTrigger:
    """The agent's nth request that matches."""

    request: Annotated[RequestPattern, Says('method and path template, such as "GET /api/cpcs/*"')]
    nth: Annotated[int, Bounds(1, 1_000_000), Says("which one of them; by default the first")] = 1
    after: Annotated[
        After | None,
        Says("counted from then on: began or healed (of the step before this one), or {step: NAME, is: healed}"),
    ] = None
    delay: Annotated[Seconds, Says("so long after it")] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTrigger:
    """The agent's nth line that matches."""

    log: Annotated[re.Pattern[str], Says("regular expression that is searched for in each line the agent prints")]
    nth: Annotated[int, Bounds(1, 1_000_000), Says("which one of them; by default the first")] = 1
    after: Annotated[
        After | None,
        Says("counted from then on: began or healed (of the step before this one), or {step: NAME, is: healed}"),
    ] = None
    delay: Annotated[Seconds, Says("so long after it")] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTrigger:
    """A moment of another step, or some time after it."""

    step: Annotated[str, Says("the other step's name")]
    is_: Annotated[Moment, Says("which moment of it: began or healed")]
    delay: Annotated[Seconds, Says("so long after it")] = 0.0


On = RequestTrigger | LogTrigger | StepTrigger


class Start(StrEnum):
    """The moment before the timeline's zero that a step can name."""

    START = "start"


class OnceWord(StrEnum):
    """How a step says that it ends with the first thing it touched."""

    ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A step: when it begins, what it does, and how long that lasts."""

    PARTIAL: ClassVar = True
    ONE_OF: ClassVar = (("at", "on"), ("fault", "change", "bystander"))

    name: Annotated[str | None, STEP_NAME, Says("by which other steps refer to it; by default step-N")] = None
    at: Annotated[
        Start | Seconds | None,
        Says("when it begins: so long after the timeline's zero, or start: before the agent is started"),
    ] = None
    on: Annotated[On | None, Says("what it begins with: a request, a log line, or a moment of another step")] = None
    fault: Annotated[Chosen | None, AnyOf("faults"), Says("what goes wrong; it heals")] = None
    change: Annotated[Chosen | None, AnyOf("changes"), Says("what becomes different on the HMC; nothing heals it")] = (
        None
    )
    channel: Annotated[
        Channel | None,
        Says(
            "what a fault of connections reaches: the HMC's api (the default), its notifications, both, or the bus, to "
            "which agents of a real Neutron report"
        ),
    ] = None
    address: Annotated[
        Address | None,
        Says(
            "which HMC a fault of connections reaches, where the agent is told two addresses: the first (the default), "
            "the alternate, or both"
        ),
    ] = None
    connection: Annotated[
        int | None,
        Bounds(1, 1_000_000),
        Says(
            "the one connection of that channel that a fault of bytes reaches, counted from when the step begins: "
            "those open then, the oldest first, then new ones; by default it reaches all"
        ),
    ] = None
    bystander: Annotated[str | None, AnyOf("agents"), Says("the profile of another program that runs meanwhile")] = None
    engine: Annotated[str | None, AnyOf("engines"), Says("what carries it out; by default the first that can")] = None
    for_: Annotated[
        OnceWord | Seconds | None,
        Bounds(least=SHORTEST_S),
        Says("how long it lasts; once: until it touched something. By default a fault that waits for a request lasts "
             "once, everything else to the end"),
    ] = None  # fmt: skip
    until: Annotated[On | None, Says("what ends it, instead of a time")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownText:
    """A shortcoming of the agent that is on record, so that it does not fail the test; when it is gone, that does."""

    check: Annotated[str, Says("the check that fails; one of those under expect")]
    says: Annotated[str, SOME_WORDS, Says("part of the words with which it fails")]
    because: Annotated[str, SOME_WORDS, Says("why that is so, and where it is on record")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HmcSettings:
    """How the mock HMC behaves."""

    job_time: Annotated[Seconds, Says("how long an asynchronous job takes; by default 100ms")] = 0.1
    reached_by: Annotated[
        ReachedBy, Says("what programs are told of it: its address, or a name, which they look up")
    ] = ReachedBy.ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioText:
    """A story: what an HMC does, and what the agent must still do then. One file is one story."""

    PARTIAL: ClassVar = True

    title: Annotated[str, SOME_WORDS, Says("what happens, in one line")]
    why: Annotated[str, SOME_WORDS, Says("why the agent has to live up to it")]
    requirements: Annotated[
        tuple[Annotated[str, AnyOf("requirements")], ...], Least(1), Says("ids of the demands that this proves")
    ]
    tags: Annotated[tuple[Annotated[str, TAG], ...], Says("words by which pytest -m chooses scenarios")] = ()
    agent: Annotated[Chosen, AnyOf("agents"), Says("profile of the program under test, with settings that differ")]
    hmc: Annotated[Chosen, AnyOf("inventories"), Says("what the HMC contains: the name of an inventory")]
    steady: Annotated[
        tuple[Annotated[Chosen, AnyOf("conditions")], ...], Says("what has to hold before the timeline begins")
    ] = ()
    steady_within: Annotated[Seconds, Bounds(least=SHORTEST_S), Says("how soon; by default 30s")] = 30.0
    give_up_after: Annotated[
        Seconds,
        Bounds(least=SHORTEST_S),
        Says("the trial ends so long after the timeline's zero, whatever has not happened by then; by default 2min"),
    ] = 120.0
    warp: Annotated[
        WarpWord | float,
        Bounds(1, 1000),
        Says("how many times as fast as the wall the clocks run: auto, off (the default) or a number; docs/warp.md"),
    ] = WarpWord.OFF
    agent_down_time: Annotated[
        Seconds,
        Bounds(least=SHORTEST_S),
        Says("Neutron's: an agent whose last heartbeat is older is not alive; by default 5s"),
    ] = AGENT_DOWN_TIME_S
    timeline: Annotated[tuple[Entry, ...], Says("what happens; without it nothing does, to see that all is well")] = ()
    expect: Annotated[
        tuple[Annotated[Chosen, AnyOf("checks")], ...], Least(1), Says("what the agent must do all the same")
    ]
    known: Annotated[tuple[KnownText, ...], Says("shortcomings that are on record")] = ()
    matrix: Annotated[None, Is(Axes()), Says("values that are put in for ${name}; each combination is a test")] = None


def families(vocabulary: Vocabulary) -> Mapping[str, Family]:
    """The vocabulary's words with the kinds of their settings, by the names that `AnyOf` uses."""
    text, hmc = Text(), record_of(HmcSettings)
    return {
        "faults": Family("fault", {word: record_of(cls) for word, cls in vocabulary.faults.items()}),
        "changes": Family("change", {word: record_of(cls) for word, cls in vocabulary.changes.items()}),
        "checks": Family("check", {word: record_of(cls) for word, cls in vocabulary.checks.items()}),
        "conditions": Family("condition", {word: record_of(cls) for word, cls in vocabulary.conditions.items()}),
        "agents": Family("agent", {
            name: MapOf(text, known=tuple(sorted(profile.settings)), noun="setting")
            for name, profile in sorted(vocabulary.agents.items())
        }),
        "inventories": Family("inventory", dict.fromkeys(sorted(vocabulary.inventories), hmc)),
        "engines": Family("engine", dict.fromkeys(vocabulary.engines, text)),
        "requirements": Family("requirement", dict.fromkeys(vocabulary.requirements, text)),
    }  # fmt: skip

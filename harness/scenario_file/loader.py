"""A file, or the JSON text of a document -> scenarios."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from harness.core.profile import Profile
from harness.core.scenario import Condition, Place, ReachedBy, Scenario, Step
from harness.core.verdict import Check, Expectation, Known
from harness.core.vocabulary import Vocabulary
from harness.errors import BadInput
from harness.scenario_file import document, reader
from harness.scenario_file.document import Document
from harness.scenario_file.kinds import Family, Reading
from harness.scenario_file.language import HmcSettings, ScenarioText, families
from harness.scenario_file.matrix import matrix_of
from harness.scenario_file.nodes import Entries, Node, find, name_of
from harness.scenario_file.problems import Problems, shown, unknown
from harness.scenario_file.reader import Spot
from harness.scenario_file.shapes import Chosen, record_of
from harness.scenario_file.timeline import TimelineBuilder

SUFFIX = ".scenario.yaml"
SCENARIO_SCHEMA = "harness/scenario_file/scenario.schema.json"
"""Where the schema lies below the project's root."""

RELAY = "relay"
"""The engine that is always in the path: it is what the agent connects to, and the witness of each connection."""

SHIPPED = Path(__file__).resolve().parent
"""Where the schemas lie that come with the harness."""

PROJECT_ROOT = SHIPPED.parents[1]

_TIMES = ("within", "after", "max_gap", "takes")
"""Settings of checks that say for how long a trial has to be watched."""

_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SCHEMA_LINE = re.compile(r"^#[ \t]*yaml-language-server:[ \t]*\$schema=(\S*)[ \t]*\r?$", re.MULTILINE)


class Particular(Protocol):
    """A check or condition that can tell beforehand that it would prove nothing. None need have any of these."""

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        """What the timeline lacks and what to do, or None."""
        ...

    def unfit_with(self, agent: Profile) -> str | None:
        """What the agent lacks and what to do, or None."""
        ...

    def unfit_beside(self, others: Sequence[object]) -> str | None:
        """Which other check contradicts it and what to do, or None."""
        ...


def load(path: Path, vocabulary: Vocabulary, root: Path | None = None) -> list[Scenario]:
    """The scenarios of a file: one, or one a combination of its matrix.

    `root` is the project's directory, to which `Scenario.file` and the ``$schema`` line are relative.

    Raises:
        BadInput: its text has one problem a line, each beginning with ``file:line:column``.
    """
    root = root or PROJECT_ROOT
    file = shown_path(path, root)
    stem = _stem(path, file)
    text = reader.read(path, file)
    problems = Problems(file)
    node = mapping(reader.parse(text, problems), problems)
    check_schema_line(text, path, root / SCENARIO_SCHEMA, problems)
    made = _scenarios(stem, node, problems, vocabulary)
    problems.raise_if_any()
    return [scenario for scenario in made if scenario is not None]


def from_document(text: str, vocabulary: Vocabulary) -> Scenario:
    """The scenario whose `document` this text is.

    Raises:
        BadInput: it is none, or uses words that are no longer known.
    """
    read = document.from_json(text)
    problems = Problems(read.file)
    scenario = _scenario(read, problems, vocabulary, families(vocabulary))
    problems.raise_if_any()
    if scenario is None:
        raise AssertionError("a document without problems made no scenario: a defect of the loader")
    return scenario


def shown_path(path: Path, root: Path) -> str:
    """How messages and scenarios name a file: from the project's root, if it lies there."""
    absolute, base = os.path.abspath(path), os.path.abspath(root)
    return Path(os.path.relpath(absolute, base)).as_posix() if absolute.startswith(base + os.sep) else str(path)


def check_schema_line(text: str, path: Path, schema: Path, problems: Problems) -> None:
    """The line by which editors find the schema: without it they neither complete nor check anything.

    The path may be absolute, and may lead to the schema that the installed harness ships, as in a project elsewhere.
    """
    shipped = SHIPPED / schema.name
    near = schema if schema.exists() else shipped
    wanted = f"# yaml-language-server: $schema={_relative(str(path.parent), str(near))}"
    found = _SCHEMA_LINE.search(text)
    if found is None:
        problems.add(Spot(1, 1), f"the line is missing by which editors find the schema; write: {wanted}")
    elif os.path.abspath(path.parent / found[1]) not in (os.path.abspath(schema), str(shipped)):
        line = text.count("\n", 0, found.start()) + 1
        at = Spot(line, found.start(1) - found.start() + 1)
        problems.add(at, f"the schema is not at {shown(found[1])}; write: {wanted}")


def mapping(node: Node, problems: Problems) -> Entries:
    """The document, which has to be a mapping.

    Raises:
        BadInput: it is none.
    """
    if not isinstance(node, Entries):
        problems.add(node, f"the file holds {name_of(node)}; write a mapping that begins with 'title:'")
        problems.raise_if_any()
    return cast(Entries, node)


@functools.lru_cache(maxsize=256)
def _relative(directory: str, schema: str) -> str:
    return Path(os.path.relpath(os.path.abspath(schema), os.path.abspath(directory))).as_posix()


def _stem(path: Path, file: str) -> str:
    stem = path.name.removesuffix(SUFFIX)
    if stem == path.name or not _STEM.fullmatch(stem):
        words = f"the name has to be letters, digits, -, _ and . and to end in {SUFFIX}; rename it"
        raise BadInput(f"{file}: {words}")
    return stem


def _scenarios(stem: str, node: Entries, problems: Problems, vocabulary: Vocabulary) -> list[Scenario | None]:
    matrix = matrix_of(node.get("matrix"), problems)
    without = {word: pair for word, pair in node.entries.items() if word != "matrix"}
    rest = Entries(without, node.line, node.column)
    words = families(vocabulary)
    scenarios: list[Scenario | None] = []
    for ending, values in matrix.combinations():
        filled = cast(Entries, matrix.put_in(rest, values))
        one = Document(f"{stem}{ending}", problems.file, filled)
        scenarios.append(_scenario(one, problems, vocabulary, words))
    matrix.tell_unused(node.get("matrix"))
    return scenarios


def _scenario(
    read: Document, problems: Problems, vocabulary: Vocabulary, words: Mapping[str, Family]
) -> Scenario | None:
    """None if there are problems, which are noted."""
    reading = Reading(problems, words)
    text = record_of(ScenarioText).read(read.node, reading, "scenario")
    if not isinstance(text, ScenarioText):
        return None
    at = find(read.node, "timeline")
    # Where nobody knows what HMC it is, that is told already.
    is_named = not isinstance(text.hmc, Chosen) or _hmc(text).reached_by is ReachedBy.NAME
    agent = text.agent.word if isinstance(text.agent, Chosen) else None
    builder = TimelineBuilder(text.timeline or (), at, text.give_up_after, vocabulary, reading, agent, is_named)
    timeline = builder.steps()
    _check_overrides(text, read.node, vocabulary, reading)
    _check_more(text, read.node, timeline, vocabulary, reading)
    return None if len(problems) else _made(read, text, timeline)


def _hmc(text: ScenarioText) -> HmcSettings:
    return cast(HmcSettings, text.hmc.settings)


def _check_overrides(text: ScenarioText, node: Entries, vocabulary: Vocabulary, reading: Reading) -> None:
    """Each setting has a value that the program can take, and that leaves what it claims a number."""
    if not isinstance(text.agent, Chosen) or reading.is_flawed(find(node, "agent")):
        return
    profile, overrides = vocabulary.agents[text.agent.word], cast(Mapping[str, str], text.agent.settings)
    unfit = {name: profile.unfit_setting(name, value) for name, value in overrides.items()}
    if not any(unfit.values()):
        name, words = profile.unfit_claim(overrides) or ("", None)
        unfit = {name: words}
    for name, words in unfit.items():
        if words:
            reading.problems.add(find(node, "agent", text.agent.word, name), words)


def _check_more(
    text: ScenarioText, node: Entries, timeline: tuple[Step, ...], vocabulary: Vocabulary, reading: Reading
) -> None:
    _check_twice("requirements", text.requirements, node, reading)
    _check_twice("tags", text.tags, node, reading)
    expected = find(node, "expect")
    checks = [item.word for item in text.expect or ()]
    if not reading.is_flawed(expected):
        for number, known in enumerate(text.known or ()):
            if known.check not in checks:
                words = f"check: {unknown('check under expect', known.check, checks)}"
                reading.problems.add(find(node, "known", number, "check"), words)
    if not len(reading.problems):
        agent = vocabulary.agents[text.agent.word]
        for key, number, item in _judging(text):
            unfit = _unfit(item.settings, timeline, agent, [other.settings for other in text.expect])
            if unfit:
                reading.problems.add(find(node, key, number), f"{item.word}: {unfit}")
            for name in _TIMES:
                if (getattr(item.settings, name, None) or 0.0) > text.give_up_after:
                    words = f"{name}: the trial is given up before that; write a shorter time, or raise give_up_after"
                    reading.problems.add(find(node, key, number, item.word, name), words)


def _judging(text: ScenarioText) -> Iterator[tuple[str, int, Chosen]]:
    """The conditions and checks, each with where it stands."""
    for key, items in (("steady", text.steady), ("expect", text.expect)):
        yield from ((key, number, item) for number, item in enumerate(items))


def _check_twice(word: str, names: tuple[str, ...] | None, node: Entries, reading: Reading) -> None:
    for number, name in enumerate(names or ()):
        if name in (names or ())[:number] and not reading.is_flawed(find(node, word)):
            reading.problems.add(find(node, word, number), f"{word}: {name!r} stands here twice; keep one of them")


def _unfit(item: object, timeline: Sequence[Step], agent: Profile, checks: Sequence[object]) -> str | None:
    # Not isinstance: that walks through the protocol for each check of each scenario, a fifth of the whole loading.
    particular = cast(Particular, item)
    unfit = particular.unfit_for(timeline) if hasattr(item, "unfit_for") else None
    unfit = unfit or (particular.unfit_with(agent) if hasattr(item, "unfit_with") else None)
    return unfit or (particular.unfit_beside(checks) if hasattr(item, "unfit_beside") else None)


def _made(read: Document, text: ScenarioText, timeline: tuple[Step, ...]) -> Scenario:
    return Scenario(
        id=read.id,
        file=read.file,
        title=text.title,
        why=text.why,
        requirements=text.requirements,
        tags=text.tags,
        agent=text.agent.word,
        agent_settings=cast(Mapping[str, str], text.agent.settings),
        inventory=text.hmc.word,
        job_seconds=_hmc(text).job_time,
        reached_by=_hmc(text).reached_by,
        steady=tuple(cast(Condition, item.settings) for item in text.steady),
        steady_within_s=text.steady_within,
        give_up_after_s=text.give_up_after,
        timeline=timeline,
        expect=tuple(_expectation(item) for item in text.expect),
        known=tuple(Known(check=item.check, says=item.says, because=item.because) for item in text.known),
        document=read.to_json(),
        place=Place(read.file, read.node.line, read.node.column),
        needs=frozenset({RELAY, *(step.engine for step in timeline)}),
        warp=text.warp,
        agent_down_time_s=text.agent_down_time,
    )


def _expectation(item: Chosen) -> Expectation:
    return Expectation(item.word, cast(Check, item.settings))

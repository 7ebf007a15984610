"""Entries of a timeline -> steps: names become numbers, faults become commands of an engine that carries them.

An entry is one step, unless its fault is a composition: then it is one a part. The entry's name means all of them: it
began with the first, and is healed with the one that ends last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from harness.core.commands import Command, ConnectionCommand, NameCommand, RunBystander
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Lasting,
    Moment,
    Once,
    OnLog,
    OnRequest,
    OnStep,
    Place,
    Step,
    StepMoment,
    ToTheEnd,
    Trigger,
    Until,
)
from harness.core.vocabulary import Action, Composition, Part, Vocabulary, parts_of
from harness.scenario_file.aim import Aim, misaimed, needs_notifications, target, unaddressed
from harness.scenario_file.kinds import Reading
from harness.scenario_file.language import Entry, LogTrigger, MomentOf, On, RequestTrigger, StepTrigger
from harness.scenario_file.nodes import Entries, Items, Node, find
from harness.scenario_file.problems import shown, unknown


@dataclass(slots=True)
class TimelineBuilder:
    """Makes the steps of one timeline, and notes what cannot be."""

    entries: Sequence[Entry]
    node: Node
    give_up_after_s: float
    vocabulary: Vocabulary
    reading: Reading
    agent: str | None = None
    """The profile of the program under test; None if it is not known."""
    is_named: bool = True
    """Programs are told a name of the HMC, or that is not known."""
    _takes_alternate: frozenset[str] = field(init=False)
    """The profiles that are told an alternate HMC."""
    _first: list[int] = field(init=False)
    """By entry: the number of its first step."""

    def __post_init__(self) -> None:
        """Number the steps."""
        agents = self.vocabulary.agents.items()
        self._takes_alternate = frozenset(name for name, profile in agents if profile.has_alternate)
        counts = [len(self._pieces(entry)) or 1 for entry in self.entries]
        self._first = [1 + sum(counts[:before]) for before in range(len(counts))]

    def steps(self) -> tuple[Step, ...]:
        """The steps; those that something is wrong with are left out."""
        self._check_names()
        good = tuple(step for number in range(1, len(self.entries) + 1) for step in self._steps(number))
        self._check_circles(good)
        return good

    def _entry(self, number: int) -> Entry:
        return self.entries[number - 1]

    def _at(self, number: int, *path: str) -> Node:
        """Where a part of an entry stands. What is no mapping made no entry."""
        items = self.node.items if isinstance(self.node, Items) else []
        return find([item for item in items if isinstance(item, Entries)][number - 1], *path)

    def _name(self, number: int) -> str:
        return self._entry(number).name or f"step-{number}"

    def _check_names(self) -> None:
        seen: dict[str, int] = {}
        for number in range(1, len(self.entries) + 1):
            first = seen.setdefault(self._name(number), number)
            if first != number:
                at = self._at(number, "name")
                words = f"name: {self._name(number)!r} is the name of step {first} already; choose another one"
                self.reading.problems.add(at, words)

    # The steps of one entry

    def _steps(self, number: int) -> list[Step]:
        trigger = self._trigger(number)
        lasting = self._lasting(number)
        self._check_channel(number)
        self._check_address(number)
        self._check_connection(number)
        self._check_name(number)
        pieces = self._pieces(self._entry(number))
        made = [self._step(number, index, piece, trigger, lasting) for index, piece in enumerate(pieces)]
        if self.reading.is_flawed(self._at(number)):
            return []
        return [step for step in made if step is not None]

    def _step(
        self, number: int, index: int, piece: _Piece, trigger: Trigger | None, lasting: Lasting | None
    ) -> Step | None:
        at, first = self._at(number), self._first[number - 1]
        engine = self._engine(number, piece.command)
        if trigger is None or lasting is None or engine is None:
            return None
        return Step(
            number=first + index,
            name=self._name(number) + piece.suffix,
            what=_what(self._entry(number)) + piece.suffix + target(piece.command),
            command=piece.command,
            engine=engine,
            needs_witness=piece.needs_witness,
            trigger=trigger if index == 0 else OnStep(StepMoment(first, Moment.BEGAN), piece.at_s),
            lasting=piece.lasting or lasting,
            place=Place(self.reading.problems.file, at.line, at.column),
        )

    def _engine(self, number: int, command: Command) -> str | None:
        entry = self._entry(number)
        carrying = [name for name, commands in self.vocabulary.engines.items() if type(command) in commands]
        able = [name for name in carrying if self._limit(name, command) is None]
        if not able:
            at = self._at(number, _kind(entry))
            self.reading.wrong(at, f"no engine can carry out {_what(entry)}; use another {_kind(entry)}")
            return None
        if entry.engine is None:
            return able[0]
        if entry.engine not in able:
            limit = self._limit(entry.engine, command) if entry.engine in carrying else None
            why = f"{limit}; else " if limit else ""
            advice = f"{why}take out this line, or write {' or '.join(able)}"
            at = self._at(number, "engine")
            self.reading.wrong(at, f"engine: {entry.engine} cannot carry out {_what(entry)}; {advice}")
            return None
        return entry.engine

    def _pieces(self, entry: Entry) -> list[_Piece]:
        return _pieces(entry, has_alternate=self.agent in self._takes_alternate)

    def _commands(self, number: int) -> list[Command]:
        return [piece.command for piece in self._pieces(self._entry(number))]

    def _check_channel(self, number: int) -> None:
        """A port of the HMC is named where a fault reaches connections, and that of notifications where somebody asks.

        Whoever does not ask for notifications has none that a fault could touch.
        """
        entry, at, commands = self._entry(number), self._at(number), self._commands(number)
        if entry.channel is not None and not any(isinstance(command, ConnectionCommand) for command in commands):
            key = self._key(at, "channel")
            self.reading.wrong(key, f"channel: {_what(entry)} is no fault of connections; take this line out")
        elif any(needs_notifications(command) for command in commands) and not self._has_listener():
            words = f"{_what(entry)}: nobody in this scenario listens to notifications, so nothing can be touched"
            advice = "choose an agent whose profile says notifications: true"
            self.reading.wrong(self._at(number, _kind(entry)), f"{words}; {advice}")

    def _check_address(self, number: int) -> None:
        """One HMC of two is named where there are two, and where a fault stands before both."""
        entry, at, commands = self._entry(number), self._at(number), self._commands(number)
        if entry.address is None or not commands:
            return
        words = unaddressed(_what(entry), commands, _aim(entry), has_alternate=self._has_alternate())
        if words:
            self.reading.wrong(self._key(at, "address"), f"address: {words}")

    def _check_connection(self, number: int) -> None:
        """One connection alone is named where a fault acts on those that are there."""
        entry, at, commands = self._entry(number), self._at(number), self._commands(number)
        if entry.connection is None or not commands:
            return
        words = misaimed(_what(entry), commands, _aim(entry), is_composed=_is_composed(entry))
        if words:
            self.reading.wrong(self._key(at, "connection"), f"connection: {words}")

    def _check_name(self, number: int) -> None:
        entry = self._entry(number)
        if not self.is_named and any(isinstance(command, NameCommand) for command in self._commands(number)):
            words = f"{_what(entry)}: nobody looks up the HMC's name here, so nothing can be touched"
            advice = "write hmc: {INVENTORY: {reached_by: name}}"
            self.reading.wrong(self._at(number, _kind(entry)), f"{words}; {advice}")

    def _has_listener(self) -> bool:
        programs = {self.agent, *(entry.bystander for entry in self.entries)}
        listeners = {name for name, profile in self.vocabulary.agents.items() if profile.notifications}
        return self.agent is None or bool(programs & listeners)

    def _has_alternate(self) -> bool:
        programs = {self.agent, *(entry.bystander for entry in self.entries)}
        return self.agent is None or bool(programs & self._takes_alternate)

    def _limit(self, engine: str, command: Command) -> str | None:
        limit = self.vocabulary.limits.get(engine)
        return limit(command) if limit else None

    # When it begins

    def _trigger(self, number: int) -> Trigger | None:
        entry = self._entry(number)
        if entry.on is not None:
            return self._on(number, "on", entry.on)
        if entry.at is None:
            return None
        if isinstance(entry.at, str):
            return AtStart()
        if entry.at >= self.give_up_after_s:
            words = "at: the trial is given up before that; write an earlier time, or raise give_up_after"
            self.reading.wrong(self._at(number, "at"), words)
        return AtTime(entry.at)

    def _on(self, number: int, key: str, on: On) -> OnRequest | OnLog | OnStep | None:
        if on.delay >= self.give_up_after_s:
            words = f"{key}: the trial is given up before that; write a shorter delay, or raise give_up_after"
            self.reading.wrong(self._at(number, key, "delay"), words)
        match on:
            case StepTrigger():
                moment = self._moment(number, key, on.step, on.is_, self._at(number, key, "step"))
                return OnStep(moment, on.delay) if moment else None
            case RequestTrigger() | LogTrigger():
                after = self._after(number, key, on.after)
                if on.after is not None and after is None:
                    return None
                if isinstance(on, RequestTrigger):
                    return OnRequest(on.request, on.nth, after, on.delay)
                return OnLog(on.log, on.nth, after, on.delay)

    def _after(self, number: int, key: str, after: Moment | MomentOf | None) -> StepMoment | None:
        if after is None:
            return None
        at = self._at(number, key, "after")
        if isinstance(after, MomentOf):
            return self._moment(number, key, after.step, after.is_, self._at(number, key, "after", "step"))
        if number == 1:
            words = f"after: there is no step before this one; write after: {{step: NAME, is: {after.value}}}"
            self.reading.wrong(at, words)
            return None
        return self._moment(number, key, self._name(number - 1), after, at)

    def _moment(self, number: int, key: str, name: str, moment: Moment, at: Node) -> StepMoment | None:
        """What the name means. Only an `until` may look at what stands further down."""
        others = [self._name(n) for n in range(1, len(self.entries) + 1) if n != number]
        other = next((n for n in range(1, len(self.entries) + 1) if self._name(n) == name), None)
        if other is None:
            words = unknown("step", name, others)
        elif other == number:
            words = f"{shown(name)} is this step itself; name another one"
        elif other > number and key == "on":
            words = f"{shown(name)} stands further down; move this step below it"
        elif moment is Moment.HEALED and not self._heals(other):
            words = f"{shown(name)} never heals: it lasts to the end; give it 'for' or 'until', or wait for began"
        else:
            return StepMoment(self._meant(other, moment), moment)
        self.reading.wrong(at, f"{key}: {words}")
        return None

    def _meant(self, number: int, moment: Moment) -> int:
        """The step that an entry's moment is one of: of a composition the first, or the part that ends last."""
        if moment is Moment.BEGAN:
            return self._first[number - 1]
        pieces = self._pieces(self._entry(number))
        ends = [
            piece.at_s + piece.lasting.seconds if isinstance(piece.lasting, ForSeconds) else 0.0 for piece in pieces
        ]
        return self._first[number - 1] + (ends.index(max(ends)) if ends else 0)

    # How long it lasts

    def _heals(self, number: int) -> bool:
        entry = self._entry(number)
        if self.reading.is_flawed(self._at(number)):
            return True  # nobody knows, and its own problems are told already
        is_once = isinstance(entry.on, RequestTrigger)
        return entry.fault is not None and (
            _is_composed(entry) or is_once or entry.for_ is not None or entry.until is not None
        )

    def _lasting(self, number: int) -> Lasting | None:
        entry = self._entry(number)
        self._check_lasting(number)
        if entry.until is not None:
            trigger = self._on(number, "until", entry.until)
            return Until(trigger) if trigger else None
        if isinstance(entry.for_, str):
            return Once()
        if entry.for_ is not None:
            begin = entry.at if isinstance(entry.at, float) else 0.0
            if begin + entry.for_ > self.give_up_after_s:
                words = "for: the trial is given up before that; write a shorter time, or raise give_up_after"
                self.reading.wrong(self._at(number, "for"), words)
            return ForSeconds(entry.for_)
        return Once() if entry.fault and isinstance(entry.on, RequestTrigger) else ToTheEnd()

    def _check_lasting(self, number: int) -> None:
        node = self._at(number)
        given = [word for word in ("for", "until") if isinstance(node, Entries) and word in node.entries]
        if len(given) == 2:
            self.reading.wrong(self._key(node, "until"), "until: for and until exclude each other; keep one of them")
        if given and isinstance(node, Entries) and "fault" not in node.entries:
            kind = next((word for word in ("change", "bystander") if word in node.entries), None)
            if kind:
                words = f"{given[0]}: a {kind} lasts to the end, nothing heals it; take this line out"
                self.reading.wrong(self._key(node, given[0]), words)
        for word in ("for", "until", "engine"):
            if _is_composed(self._entry(number)) and isinstance(node, Entries) and word in node.entries:
                words = f"{word}: {_what(self._entry(number))} is made of phases, and its settings say how long each"
                self.reading.wrong(self._key(node, word), f"{words} lasts; take this line out")

    @staticmethod
    def _key(node: Node, word: str) -> Node:
        return node.entries[word][0] if isinstance(node, Entries) else node

    # All of them

    def _check_circles(self, steps: Sequence[Step]) -> None:
        """Steps that wait for each other never begin or never end."""
        waits = {moment: set(others) for step in steps for moment, others in _waits(step)}
        while waits:
            free = [moment for moment, others in waits.items() if not others & waits.keys()]
            if not free:
                break
            for moment in free:
                del waits[moment]
        if waits:
            numbers = sorted({self._entry_of(moment.step) for moment in waits})
            first = self._at(numbers[0], "until" if self._entry(numbers[0]).until else "on")
            names = ", ".join(shown(self._name(number)) for number in numbers)
            self.reading.wrong(first, f"the steps {names} wait for each other; end one of them by a time")

    def _entry_of(self, step: int) -> int:
        return sum(first <= step for first in self._first)


def _is_composed(entry: Entry) -> bool:
    return entry.fault is not None and hasattr(entry.fault.settings, "parts")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one step of an entry does."""

    command: Command
    needs_witness: bool
    suffix: str = ""
    """What its name has behind the entry's."""
    at_s: float = 0.0
    lasting: Lasting | None = None
    """None: as the entry says."""


def _aim(entry: Entry) -> Aim:
    return Aim(entry.channel, entry.address, entry.connection)


def _pieces(entry: Entry, *, has_alternate: bool) -> list[_Piece]:
    """One for each part of a composition, otherwise one; none where the entry says nothing that is known."""
    if entry.bystander:
        return [_Piece(RunBystander(profile=entry.bystander), needs_witness=False)]
    chosen = entry.fault or entry.change
    if chosen is None:
        return []
    if _is_composed(entry):
        parts = parts_of(cast(Composition, chosen.settings), has_alternate=has_alternate)
        pieces = [_piece(part) for part in parts]
    else:
        pieces = [_Piece(cast(Action, chosen.settings).command(), needs_witness=entry.fault is not None)]
    return [replace(piece, command=_aim(entry).at(piece.command)) for piece in pieces]


def _piece(part: Part) -> _Piece:
    is_fault = part.lasts_s is not None
    lasting = ToTheEnd() if part.lasts_s is None else ForSeconds(part.lasts_s)
    return _Piece(part.action.command(), is_fault, f".{part.name}", part.at_s, lasting)


def _waits(step: Step) -> Iterator[tuple[StepMoment, list[StepMoment]]]:
    """What each moment of a step waits for."""
    began = StepMoment(step.number, Moment.BEGAN)
    yield began, _awaited(step.trigger)
    until = _awaited(step.lasting.trigger) if isinstance(step.lasting, Until) else []
    yield StepMoment(step.number, Moment.HEALED), [began, *until]


def _awaited(trigger: Trigger) -> list[StepMoment]:
    match trigger:
        case OnStep(moment=moment):
            return [moment]
        case OnRequest(after=after) | OnLog(after=after) if after is not None:
            return [after]
    return []


def _kind(entry: Entry) -> str:
    if entry.bystander:
        return "bystander"
    return "fault" if entry.fault else "change"


def _what(entry: Entry) -> str:
    chosen = entry.fault or entry.change
    return chosen.word if chosen else str(entry.bystander)

"""The verdict: PASS, UNKNOWN or FAIL, as a pure function of a scenario and a recorded history.

Laws:
1. The worst finding wins: FAIL over UNKNOWN over PASS.
2. What proves nothing is UNKNOWN: a check that crashed, a fault without a witness, a step that never began or
   failed, a steady state that never held, a crashed part of the harness, a healing that left something behind.
3. A known finding (a recorded shortcoming) turns exactly that FAIL into a PASS that says so; when the agent no longer
   falls short, the trial fails, so that the record is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from harness.core.events import (
    ComponentCrashed,
    Leftover,
    ProbeFailed,
    SteadyMissed,
    StepBegan,
    StepFailed,
    StepNeverBegan,
    TimelineBegan,
    Touched,
    WatchEnded,
)
from harness.core.history import History


class Outcome(Enum):
    """What a finding or verdict says; the value orders them from good to bad."""

    PASS = 0
    UNKNOWN = 1
    FAIL = 2

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, in words that a person can act on."""

    check: str
    outcome: Outcome
    words: str
    t: float | None = None
    """The moment that decided it, where there is one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A shortcoming that is on record: this check fails, with words that hold this text."""

    check: str
    says: str
    because: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a trial and all findings behind it, worst first."""

    outcome: Outcome
    findings: tuple[Finding, ...]


class Check(Protocol):
    """Judges one demand. Frozen, with its settings as fields."""

    def judge(self, history: History) -> Finding:
        """What the history shows."""
        ...

    def watch_until(self, history: History) -> float:
        """Until when the trial has to be watched, as things stand, before this check can be decided."""
        ...


@dataclass(frozen=True, slots=True)
class Expectation:
    """A check under the name that the scenario gives it."""

    name: str
    check: Check


def judge(
    expectations: Sequence[Expectation],
    history: History,
    *,
    needs_witness: Iterable[int],
    known: Sequence[Known] = (),
) -> Verdict:
    """The verdict on a history. `needs_witness` are the steps whose fault must have touched something."""
    findings = [_run(item, history) for item in expectations]
    findings = [finding for name in findings for finding in _with_known(name, known)]
    findings += _soundness(history, frozenset(needs_witness))
    outcome = max((finding.outcome for finding in findings), key=_badness, default=Outcome.UNKNOWN)
    return Verdict(outcome, tuple(sorted(findings, key=lambda f: -_badness(f.outcome))))


def _badness(outcome: Outcome) -> int:
    return outcome.value


def _run(item: Expectation, history: History) -> Finding:
    try:
        return item.check.judge(history)
    except Exception as error:  # noqa: BLE001 - law 2: whatever a check dies of, the trial is UNKNOWN, never PASS
        words = f"the check itself failed: {type(error).__name__}: {error}; this is a defect of the harness"
        return Finding(item.name, Outcome.UNKNOWN, words)


def _with_known(finding: Finding, known: Sequence[Known]) -> list[Finding]:
    record = next((item for item in known if item.check == finding.check), None)
    if record is None:
        return [finding]
    if finding.outcome is Outcome.FAIL and record.says in finding.words:
        words = f"known finding: {finding.words} ({record.because})"
        return [Finding(finding.check, Outcome.PASS, words, finding.t)]
    if finding.outcome is Outcome.PASS:
        words = f"the known finding {record.says!r} is no longer true: take it out of the scenario ({finding.words})"
        return [Finding(finding.check, Outcome.FAIL, words, finding.t)]
    return [finding]


def _soundness(history: History, needs_witness: frozenset[int]) -> list[Finding]:
    """Everything that makes a trial prove nothing."""
    return [
        *_steady(history),
        *_steps(history, needs_witness),
        *(_unknown("harness", f"{e.component}: {e.error}", e.t) for e in history.all(ComponentCrashed)),
        *(_unknown("healing", f"left behind: {e.what}", e.t) for e in history.all(Leftover)),
        *_blind_probes(history),
        *_unfinished(history),
    ]


def _unknown(check: str, words: str, t: float | None = None) -> Finding:
    return Finding(check, Outcome.UNKNOWN, words, t)


def _steady(history: History) -> list[Finding]:
    missed = history.first(SteadyMissed)
    return [_unknown("steady", f"the steady state never held: {missed.reason}", missed.t)] if missed else []


def _steps(history: History, needs_witness: frozenset[int]) -> list[Finding]:
    touched = {e.step for e in history.all(Touched)}
    silent = [e for e in history.all(StepBegan) if e.step in needs_witness and e.step not in touched]
    return [
        *(_unknown("witness", f"step {e.step} ({e.what}) touched nothing, so it proves nothing", e.t) for e in silent),
        *(
            _unknown("timeline", f"step {e.step} ({e.what}) never began: its trigger did not come", e.t)
            for e in history.all(StepNeverBegan)
        ),
        *(_unknown("timeline", f"step {e.step} could not {e.phase}: {e.error}", e.t) for e in history.all(StepFailed)),
    ]


def _blind_probes(history: History) -> list[Finding]:
    failed = [e for e in history.all(ProbeFailed) if e.t <= history.watched_until]
    if not failed:
        return []
    return [_unknown("probe", f"could not look {len(failed)} times, first: {failed[0].probe}: {failed[0].error}")]


def _unfinished(history: History) -> list[Finding]:
    if history.first(WatchEnded) is not None:
        return (
            []
            if history.first(TimelineBegan) or history.first(SteadyMissed)
            else [_unknown("timeline", "the timeline never began")]
        )
    return [_unknown("harness", "the history has no end: the trial was cut short")]

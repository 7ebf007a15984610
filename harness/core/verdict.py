"""The verdict: PASS, UNKNOWN or FAIL, as a pure function of a scenario and a recorded history.

Laws:
1. The worst finding wins: FAIL over UNKNOWN over PASS.
2. What proves nothing is UNKNOWN: a check that crashed, a fault without a witness, a step that never began or
   failed, a steady state that never held, a crashed part of the harness, a healing that left something behind.
3. A known finding (a recorded shortcoming) turns exactly that FAIL into a PASS that says so; when the agent no longer
   falls short, the trial fails, so that the record is taken out.
4. What could only be decided after the watching ended is UNKNOWN, unless the agent was gone by then: a dead agent does
   nothing more. A touch after that end is no witness either: the clearing up makes traffic of its own.
5. Once a step could not begin, no FAIL stands: the agent was not shown what it is judged by.
6. Where clocks ran faster than the wall, a bound that was missed by no more than the machine's own delays is UNKNOWN,
   also where such a lateness is on record: it may have been the machine's this time. Once a program ran in real time,
   no FAIL stands: it was too slow, and did too little. A PASS stands, and tells where the machine may have carried an
   agent to a lower bound that it would have missed: an agent that measures time is not delayed by that, one that counts
   its pauses is, and from outside they look the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.core.events import (
    ComponentCrashed,
    Leftover,
    ProbeFailed,
    SteadyHeld,
    SteadyMissed,
    StepBegan,
    StepFailed,
    StepNeverBegan,
    TimelineBegan,
    Touched,
    Unseen,
    Unwarped,
    WarpBurden,
    WarpRefused,
    WatchEnded,
)
from harness.core.finding import Finding, Kept, Late, Outcome
from harness.core.history import History
from harness.core.machine import if_not_warped
from harness.core.values import seconds_text

__all__ = ["Check", "Expectation", "Finding", "Kept", "Known", "Late", "Outcome", "Verdict", "judge"]

MOST_DRIFT_S = 0.1
"""Both clocks are computed from the same kernel clock, so that anything above a rounding is a defect. It is known to
microseconds of the wall."""


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
    # What the machine made late is no sign that a recorded shortcoming is still there: law 6 comes before law 3.
    findings = [if_not_warped(_run(item, history), history) for item in expectations]
    findings = [_if_shown(finding, history) for finding in _with_known(findings, known)]
    # First among equals: why the trial proves nothing is often why a check cannot tell.
    findings = _soundness(history, frozenset(needs_witness)) + findings
    outcome = max((finding.outcome for finding in findings), key=_badness, default=Outcome.UNKNOWN)
    return Verdict(outcome, tuple(sorted(findings, key=lambda f: -_badness(f.outcome))))


def _badness(outcome: Outcome) -> int:
    return outcome.value


def _run(item: Expectation, history: History) -> Finding:
    try:
        return _if_watched(item.check.judge(history), item.check.watch_until(history), history)
    except Exception as error:  # noqa: BLE001 - law 2: whatever a check dies of, the trial is UNKNOWN, never PASS
        words = f"the check itself failed: {type(error).__name__}: {error}; this is a defect of the harness"
        return Finding(item.name, Outcome.UNKNOWN, words)


def _if_watched(finding: Finding, needed: float, history: History) -> Finding:
    """The finding, or UNKNOWN where the watching ended before it could be decided (law 4)."""
    if finding.outcome is Outcome.UNKNOWN or history.watched(needed) or history.exited() is not None:
        return finding
    if finding.outcome is Outcome.FAIL and (finding.t is None or history.watched(finding.t)):
        return finding
    ended, wanted = seconds_text(history.watched_until), seconds_text(needed)
    return _unknown(finding.check, f"the watching ended at {ended}, before {wanted}, when this could be decided")


def _if_shown(finding: Finding, history: History) -> Finding:
    """The finding, or UNKNOWN where it blames the agent after a step that could not begin (law 5)."""
    missing = next((e for e in history.all(StepFailed) if e.phase == "begin"), None)
    early = missing is not None and finding.t is not None and finding.t < missing.t
    if missing is None or early or finding.outcome is not Outcome.FAIL:
        return finding
    words = f"{finding.words}; but step {missing.step} could not begin, so the agent is not to blame"
    return _unknown(finding.check, words, finding.t)


def _with_known(findings: Sequence[Finding], known: Sequence[Known]) -> list[Finding]:
    """The findings with the known ones as PASS, and a FAIL for each record that is no longer true."""
    settled = [(finding, _record_of(finding, known)) for finding in findings]
    used = [record for _, record in settled if record is not None]
    now = [_as_known(finding, record) if record else finding for finding, record in settled]
    return now + [stale for record in known if record not in used for stale in _stale(record, now)]


def _record_of(finding: Finding, known: Sequence[Known]) -> Known | None:
    if finding.outcome is not Outcome.FAIL:
        return None
    return next((item for item in known if item.check == finding.check and item.says in finding.words), None)


def _as_known(finding: Finding, record: Known) -> Finding:
    return Finding(finding.check, Outcome.PASS, f"known finding: {finding.words} ({record.because})", finding.t)


def _stale(record: Known, findings: Sequence[Finding]) -> list[Finding]:
    """Only where all findings of that check pass: an UNKNOWN one may still be the one on record."""
    mine = [finding for finding in findings if finding.check == record.check]
    if not mine or any(finding.outcome is not Outcome.PASS for finding in mine):
        return []
    seen = "; ".join(finding.words for finding in mine)
    words = f"the known finding {record.says!r} is no longer true: take it out of the scenario ({seen})"
    return [Finding(record.check, Outcome.FAIL, words, mine[0].t)]


def _soundness(history: History, needs_witness: frozenset[int]) -> list[Finding]:
    """Everything that makes a trial prove nothing."""
    return [
        *(_unknown("warp", e.why, e.t) for e in history.all(WarpRefused)),
        *(_unknown("warp", f"{e.why}; {e.remedy}", e.t) for e in history.all(Unwarped)),
        *_drift(history),
        *_steady(history),
        *_steps(history, needs_witness),
        *(_unknown("harness", f"{e.component}: {e.error}", e.t) for e in history.all(ComponentCrashed)),
        *(_unknown("healing", f"left behind: {e.what}", e.t) for e in history.all(Leftover)),
        *_blind_probes(history),
        *_unfinished(history),
    ]


def _unknown(check: str, words: str, t: float | None = None) -> Finding:
    return Finding(check, Outcome.UNKNOWN, words, t)


def _drift(history: History) -> list[Finding]:
    told = history.last(WarpBurden)
    if told is None or told.drift_s <= MOST_DRIFT_S:
        return []
    words = f"the agent's clock and the harness's differ by up to {seconds_text(told.drift_s)}: its times prove nothing"
    return [_unknown("warp", words, told.t)]


def _steady(history: History) -> list[Finding]:
    missed = history.first(SteadyMissed)
    return [_unknown("steady", f"the steady state never held: {missed.reason}", missed.t)] if missed else []


def _steps(history: History, needs_witness: frozenset[int]) -> list[Finding]:
    never, failed = history.all(StepNeverBegan), history.all(StepFailed)
    return [
        *_witnesses(history, needs_witness - {e.step for e in never} - {e.step for e in failed}),
        *(_unknown("timeline", f"step {e.step} ({e.what}) never began: its moment did not come", e.t) for e in never),
        *(_unknown("timeline", f"step {e.step} could not {e.phase}: {e.error}", e.t) for e in failed),
    ]


def _witnesses(history: History, needed: frozenset[int]) -> list[Finding]:
    """One finding for each of these steps that has no witness."""
    touched = {e.step for e in history.seen(Touched)}
    began = {e.step: e for e in history.seen(StepBegan)}
    unplayed = history.first(SteadyMissed) or history.first(WarpRefused)
    lost = [] if unplayed else sorted(needed - began.keys())
    silent = [event for number, event in began.items() if number in needed - touched]
    unseen = {e.step: f" that could be seen: {e.what} {e.why}. So it" for e in history.seen(Unseen)}
    return [
        *(
            _unknown(
                "witness",
                f"step {e.step} ({e.what}) touched nothing{unseen.get(e.step, ', so it')} proves nothing",
                e.t,
            )
            for e in silent
        ),
        *(_unknown("witness", f"step {number} is not in the history, so it proves nothing") for number in lost),
    ]


def _blind_probes(history: History) -> list[Finding]:
    """Looks that failed before the steady state proved nothing and hid nothing: it held all the same."""
    steady = history.first(SteadyHeld)
    failed = [e for e in history.seen(ProbeFailed) if steady is None or e.t >= steady.t]
    if not failed:
        return []
    first = failed[0]
    return [_unknown("probe", f"could not look {len(failed)} times, first: {first.probe}: {first.error}", first.t)]


def _unfinished(history: History) -> list[Finding]:
    if history.first(WatchEnded) is not None:
        return (
            []
            if history.first(TimelineBegan) or history.first(SteadyMissed) or history.first(WarpRefused)
            else [_unknown("timeline", "the timeline never began")]
        )
    return [_unknown("harness", "the history has no end: the trial was cut short")]

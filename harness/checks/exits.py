"""START-1: the agent ends by itself, in time, with the right status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from harness.checks.keeps_running import KeepsRunning
from harness.core.events import (
    AGENT,
    PROCESS,
    ConnectionAttempt,
    ProcessStarted,
    RequestArrived,
    StepBegan,
    Touched,
    Unseen,
)
from harness.core.history import History
from harness.core.values import Says, Seconds, seconds_text
from harness.core.verdict import Finding, Late, Outcome


class Status(StrEnum):
    """What an exit status has to say."""

    FAILURE = "failure"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """The agent's process ends by itself, within a time, with a status that tells the truth."""

    status: Annotated[Status, Says("failure: not 0 and no signal; success: 0")] = Status.FAILURE
    within: Annotated[
        Seconds | None,
        Says("counted from the agent's start; by default what its own timeouts allow, and the slack"),
    ] = None
    slack: Annotated[Seconds, Says("start-up and shut-down of the process itself")] = 10.0

    def unfit_beside(self, others: Sequence[object]) -> str | None:
        """One of both would always fail."""
        keeps = any(isinstance(other, KeepsRunning) for other in others)
        return "keeps_running stands here too, and no agent can do both; keep one of them" if keeps else None

    def judge(self, history: History) -> Finding:
        """PASS if it was gone in time with the right status."""
        started, gone = history.started(), history.exited()
        if started is None:
            return Finding("exits", Outcome.UNKNOWN, "the agent never started")
        allowed = self._allowed(history)
        if self.within is None and not _claims(history) and gone is None:
            return Finding("exits", Outcome.UNKNOWN, "no timeout is known that it could exceed; give within")
        if gone is None or gone.t > started.t + allowed:
            words = f"still running {seconds_text(allowed)} after its start; its own timeouts allow no longer"
            return Finding("exits", Outcome.FAIL, words, started.t + allowed, _late(history, started.t, allowed))
        after = seconds_text(gone.t - started.t)
        if not self._is_right(gone.status):
            words = f"ended after {after} with {_status_text(gone.status)}; {self._wanted()}"
            return Finding("exits", Outcome.FAIL, words, gone.t)
        ended = f"ended after {after} with {_status_text(gone.status)}"
        if not _met_the_hmc(history):
            words = "but it never tried to reach the HMC, so that says nothing of one: was it started rightly?"
            return Finding("exits", Outcome.UNKNOWN, f"{ended}, {words}", gone.t)
        return Finding("exits", Outcome.PASS, ended, gone.t)

    def watch_until(self, history: History) -> float:
        """Until it is gone, or should be; where clocks run fast longer, to see how late it is (verdict, law 6)."""
        started = history.started()
        if started is None or history.exited():
            return 0.0
        grace = 0.0 if self.within is None else self._working(history)
        return started.t + self._allowed(history) + grace

    def _allowed(self, history: History) -> float:
        """What the agent's claimed settings allow for one call to an HMC that does not answer (TR-1 to TR-4)."""
        if self.within is not None:
            return self.within
        claims = _claims(history)
        connecting = claims.get("connect_timeout", 0.0) * (1 + claims.get("connect_retries", 0.0))
        reading = claims.get("read_timeout", 0.0) * (1 + claims.get("read_retries", 0.0))
        return connecting + reading + self.slack + self._working(history)

    def _working(self, history: History) -> float:
        """What a program does at its start and end is work of a CPU, whose clock runs with the wall."""
        return self.slack * (history.factor - 1)

    def _is_right(self, status: int) -> bool:
        return status == 0 if self.status is Status.SUCCESS else status > 0

    def _wanted(self) -> str:
        if self.status is Status.SUCCESS:
            return "0 was expected"
        return "a failure has to show as an exit status above 0"


def _met_the_hmc(history: History) -> bool:
    """Whether it got as far as an HMC, or a fault in its place: a wrong option ends a program before that.

    Where not all can be seen it may have. A connection says nothing of who made it: with a bystander it proves nothing.
    """
    asked = any(e.who == AGENT for e in history.seen(RequestArrived))
    elsewhere = {step.step for step in history.all(StepBegan) if step.engine == PROCESS}
    touched = any(e.step not in elsewhere for e in history.seen(Touched))
    alone = all(e.who == AGENT for e in history.all(ProcessStarted))
    connected = alone and bool(history.seen(ConnectionAttempt))
    return asked or touched or connected or bool(history.seen(Unseen))


def _late(history: History, began: float, allowed: float) -> Late:
    """By how much its end was missed; it is at least so much where it still ran when the watching ended."""
    gone = history.exited()
    if gone is not None:
        return Late(began, gone.t - began - allowed, gone.t)
    watched = history.watched_until
    return Late(began, max(Late.of(began, allowed, None).by_s, watched - began - allowed), watched)


def _claims(history: History) -> Mapping[str, float]:
    return history.header.timeouts if history.header else {}


def _status_text(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {-status}"

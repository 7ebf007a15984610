"""How the mock HMC behaves, apart from what it contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.core.patterns import RequestPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What each of an HMC's ports puts up with, so that clients who never finish take nothing from the others."""

    request_s: float | None = 120.0
    """How long a client may take for TLS's handshake, for all of a request's head, for all of its body, for a logon to
    the message broker, and to read a part of a large answer. None is for ever."""
    connections: int | None = 450
    """How many there are at once. For one more the client is hung up on whose turn it is and who was silent for the
    longest; if there is none, the new one. Two ports stay below 1,024, the usual limit of files of a process. None is
    any number."""


NO_LIMITS = Limits(request_s=None, connections=None)
"""Where connections are held on purpose: what is held back between client and HMC must not make the HMC hang up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HmcSettings:
    """Settings of one mock HMC."""

    users: Mapping[str, str] = field(repr=False)
    """Password by user."""
    job_seconds: float = 0.1
    """How long an asynchronous job takes."""
    job_seconds_of: Mapping[RequestPattern, float] = field(default_factory=dict)
    """Other durations, by the request that starts the job; the first pattern that matches counts."""
    session_idle_s: float = 6 * 3600.0
    """A session that was not used for so long is gone. The console's own setting on a real HMC; six hours is ours."""
    told_before_answer_s: float = 0.02
    """Head start that notifications get over the answer to the request that caused them, where anybody listens. A real
    HMC takes longer to answer anyway, and the tests of zhmcclient's AutoUpdater count on it."""
    max_sessions: int | None = None
    """How many sessions each of `users` may have; those of the inventory have a number of their own."""
    max_failed_logons: int | None = None
    """After how many refused logons in a row one of `users` is locked out; those of the inventory have their own."""
    locked_out_s: float = 60.0
    """For how long."""
    job_keep_s: float = 4 * 3600.0
    """How long the result of a job is kept that nobody deletes."""
    restart_seconds: float = 0.0
    """How long nobody can reach the console after Restart Console; with 0 its port stays open all the time."""
    begins_ms: int | None = None
    """The HMC's time of day at its start, in ms since 1970, for the same times at every run; None is the real time."""
    clock_factor: float = 1.0
    """How many seconds of its clients' clocks pass in one of the wall's: heart-beats are agreed on in theirs."""
    limits: Limits = field(default_factory=Limits)
    """Of each port; their seconds are the wall's."""
    seed: int = 0
    """Session, job and object ids are made from it."""

    def seconds_of(self, method: str, path: str) -> float:
        """How long the job takes that this request starts."""
        for pattern, seconds in self.job_seconds_of.items():
            if pattern.matches(method, path):
                return seconds
        return self.job_seconds

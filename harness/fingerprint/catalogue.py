"""The faults that a client or agent is put through, each under a name, with short settings; shared by both.

A fault that is missing here is told by a test, where there is no reason for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.commands import AnswerPart, Cut, Direction, ErrorBody, JobField, RedirectTo
from harness.core.patterns import RequestPattern
from harness.core.vocabulary import Action, Composition
from harness.faults.accept_and_close import AcceptAndClose
from harness.faults.bad_certificate import BadCertificate, Flaw
from harness.faults.bad_chunk import BadChunk
from harness.faults.bad_gzip import BadGzip
from harness.faults.bandwidth import Bandwidth
from harness.faults.blackhole import Blackhole
from harness.faults.busy import Busy
from harness.faults.canceled_job import CanceledJob
from harness.faults.dead_address import DeadAddress
from harness.faults.drip import Drip
from harness.faults.drop import Drop
from harness.faults.failed_job import FailedJob
from harness.faults.failover import Failover
from harness.faults.flapping import Flapping
from harness.faults.giant_body import GiantBody
from harness.faults.giant_headers import GiantHeaders
from harness.faults.handshake_cut import HandshakeCut
from harness.faults.handshake_stall import HandshakeStall
from harness.faults.hang import Hang
from harness.faults.http_error import HttpError
from harness.faults.incomplete_job import IncompleteJob
from harness.faults.invalid_utf8 import InvalidUtf8
from harness.faults.job_without_effect import JobWithoutEffect
from harness.faults.latency import Latency
from harness.faults.lost_answer import LostAnswer
from harness.faults.lost_job import LostJob
from harness.faults.lost_request import LostRequest
from harness.faults.maintenance import Maintenance
from harness.faults.malformed_json import MalformedJson
from harness.faults.new_certificate import NewCertificate
from harness.faults.old_tls import OldTls
from harness.faults.password_expired import PasswordExpired
from harness.faults.reboot import Reboot
from harness.faults.redirect import Redirect
from harness.faults.refuse_after import RefuseAfter
from harness.faults.refuse_connections import RefuseConnections
from harness.faults.reset import Reset
from harness.faults.restart import Restart
from harness.faults.session_refused import SessionRefused
from harness.faults.slow_answer import SlowAnswer
from harness.faults.slow_first_byte import SlowFirstByte
from harness.faults.slow_job import SlowJob
from harness.faults.slow_name import SlowName
from harness.faults.slow_requests import SlowRequests
from harness.faults.stale_connections import StaleConnections
from harness.faults.stall import Stall
from harness.faults.stuck_job import StuckJob
from harness.faults.truncated import Truncated
from harness.faults.unresolved_name import UnresolvedName
from harness.faults.user_locked import UserLocked
from harness.faults.wrong_content_type import WrongContentType
from harness.faults.wrong_json_type import WrongJsonType

MIDDLE = 100
"""So many bytes are somewhere in the middle of a TLS record: the head of a request or answer is longer."""

DRIP_BYTES_PER_S = 400
"""A TLS record is of no use before its last byte: an answer with a body takes clearly longer than the read timeout that
a client is told (`cases.CLAIMS`), and one without clearly less."""

SLOW_ANSWER_BYTES_PER_S = 150
"""Each byte is a record of its own: the headers take longer than the read timeout, and it restarts at each of them."""

LATE_S = 1.2
"""Longer than that read timeout."""


@dataclass(frozen=True, slots=True)
class Sickness:
    """A fault under the name that its case has."""

    name: str
    action: Action
    is_lie: bool = False
    """What is answered is no answer: to return it as a result is to be deceived."""


def of_connections() -> Iterator[Sickness]:
    """They reach each operation alike, also over a connection that was open before.

    Before: the HMC never gets the request. After: it has carried it out. Within: it is in the middle of its answer.
    Where a connection is new, all of them meet its handshake.
    """
    yield Sickness("refuse_connections", RefuseConnections())
    yield Sickness("flapping", Flapping(down=0.3, up=0.3))
    yield Sickness("blackhole", Blackhole())
    yield Sickness("hang", Hang())
    yield Sickness("stall-before", Stall(direction=Direction.REQUEST))
    yield Sickness("stall-after", Stall())
    yield Sickness("stall-within", Stall(after=MIDDLE))
    yield Sickness("reset-before", Reset())
    yield Sickness("reset-after", Reset(direction=Direction.RESPONSE))
    yield Sickness("reset-within", Reset(direction=Direction.RESPONSE, after=MIDDLE))
    yield Sickness("drop-before", Drop())
    yield Sickness("drop-after", Drop(direction=Direction.RESPONSE))
    yield Sickness("drop-within", Drop(direction=Direction.RESPONSE, after=MIDDLE))
    yield Sickness("latency", Latency(delay=0.1, jitter=0.05))
    yield Sickness("slow_first_byte", SlowFirstByte(delay=LATE_S))
    yield Sickness("drip", Drip(rate=DRIP_BYTES_PER_S))
    yield Sickness("bandwidth", Bandwidth(rate=20_000))
    yield from (Sickness(f"certificate-{flaw.value}", BadCertificate(flaw=flaw)) for flaw in Flaw)
    yield Sickness("new_certificate", NewCertificate())
    yield Sickness("old_tls", OldTls())


def of_new_connections() -> Iterator[Sickness]:
    """Who is connected already does not meet them."""
    yield Sickness("accept_and_close", AcceptAndClose())
    yield Sickness("accept_and_reset", AcceptAndClose(how=Cut.RST))
    yield Sickness("handshake_stall", HandshakeStall())
    yield Sickness("handshake-reset", HandshakeCut())
    yield Sickness("handshake-drop", HandshakeCut(how=Cut.FIN))


def of_names() -> Iterator[Sickness]:
    """Who is told an address, or is connected already, does not meet them."""
    yield Sickness("unresolved_name", UnresolvedName())
    yield Sickness("unresolved_name-temporary", UnresolvedName(temporary=True))
    yield Sickness("dead_address", DeadAddress())
    yield Sickness("dead_address-silent", DeadAddress(silent=True))
    yield Sickness("slow_name", SlowName(delay=LATE_S))


def of_lives(phase_s: float) -> Iterator[tuple[str, Composition]]:
    """What happens to a whole console, by name; each of its phases lasts so long."""
    yield "restart", Restart(away=phase_s)
    yield "failover", Failover(silent=phase_s, alternate=phase_s)
    yield "reboot", Reboot(refused=phase_s, stalled=phase_s, unavailable=phase_s)
    yield "password_expired", PasswordExpired(lasts=phase_s)
    yield "user_locked", UserLocked(lasts=phase_s)
    yield "maintenance", Maintenance(window=phase_s)


def of_many_connections() -> Iterator[Sickness]:
    """Who connects only once does not meet them."""
    yield Sickness("refuse_after", RefuseAfter(connections=1))


def of_open_connections() -> Iterator[Sickness]:
    """Who is not connected yet does not meet them."""
    yield Sickness("stale_connections", StaleConnections())


def of_answers(match: RequestPattern) -> Iterator[Sickness]:
    """Faults of one request, whatever it is."""
    yield Sickness("lost_request", LostRequest(match=match))
    yield Sickness("lost_answer", LostAnswer(match=match))
    yield Sickness("lost_answer-reset", LostAnswer(how=Cut.RST, match=match))
    yield Sickness("slow_requests", SlowRequests(delay=LATE_S, match=match))
    yield Sickness("slow_answer", SlowAnswer(rate=SLOW_ANSWER_BYTES_PER_S, part=AnswerPart.HEADERS, match=match))
    yield Sickness("giant_headers", GiantHeaders(match=match))
    yield Sickness("page-with-200", HttpError(status=200, body=ErrorBody.HTML, match=match), True)
    yield Sickness("page-with-502", HttpError(status=502, body=ErrorBody.HTML, match=match), True)
    yield Sickness("empty-503", HttpError(status=503, body=ErrorBody.EMPTY, match=match), True)
    yield Sickness("retry-after", HttpError(status=503, retry_after=1.0, match=match), True)
    yield Sickness("unauthorized", HttpError(status=401, match=match), True)
    yield Sickness("forbidden", HttpError(status=403, reason=1, match=match), True)
    yield Sickness("busy", Busy(match=match), True)
    yield Sickness("session-unknown", SessionRefused(match=match, logon=True), True)
    yield Sickness("redirect-once", Redirect(match=match, status=307, once=True))
    yield Sickness("redirect-loop", Redirect(match=match, status=307), True)
    yield Sickness("redirect-away", Redirect(match=match, status=307, to=RedirectTo.OTHER_HOST), True)
    yield Sickness("redirect-plain-http", Redirect(match=match, status=307, to=RedirectTo.PLAIN_HTTP), True)


def of_bodies(match: RequestPattern) -> Iterator[Sickness]:
    """Faults of an answer's body: a DELETE has none."""
    yield Sickness("truncated", Truncated(match=match))
    yield Sickness("truncated-at-close", Truncated(content_length=False, match=match), True)
    yield Sickness("bad_chunk", BadChunk(match=match), True)
    yield Sickness("malformed_json", MalformedJson(match=match), True)
    yield Sickness("wrong_json_type", WrongJsonType(match=match), True)
    yield Sickness("wrong_content_type", WrongContentType(match=match), True)
    yield Sickness("invalid_utf8", InvalidUtf8(match=match), True)
    yield Sickness("bad_gzip", BadGzip(match=match), True)
    yield Sickness("giant_body", GiantBody(match=match))


def of_jobs(start: RequestPattern) -> Iterator[Sickness]:
    """Faults of a job that an operation starts."""
    yield Sickness("stuck_job", StuckJob(), True)
    yield Sickness("slow_job", SlowJob(time=0.3))
    yield Sickness("canceled_job", CanceledJob(), True)
    yield Sickness("failed_job", FailedJob(), True)
    yield Sickness("lost_job", LostJob(), True)
    yield Sickness("job-without-status", IncompleteJob(without=JobField.STATUS), True)
    yield Sickness("job-without-code", IncompleteJob(without=JobField.JOB_STATUS_CODE), True)
    yield Sickness("job-without-uri", IncompleteJob(without=JobField.JOB_URI), True)
    yield Sickness("job_without_effect", JobWithoutEffect(match=start))
    yield Sickness("lost_answer-of-start", LostAnswer(match=start), True)
    yield Sickness("lost_answer-of-delete", LostAnswer(match=RequestPattern("DELETE", "/api/jobs/*")))

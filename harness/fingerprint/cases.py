"""Which fault, on which operation, at the start or once logged on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.core.commands import Direction, ErrorBody, JobField, RedirectTo
from harness.core.patterns import RequestPattern
from harness.core.vocabulary import Action
from harness.faults.bad_certificate import BadCertificate, Flaw
from harness.faults.bad_chunk import BadChunk
from harness.faults.bad_gzip import BadGzip
from harness.faults.blackhole import Blackhole
from harness.faults.busy import Busy
from harness.faults.canceled_job import CanceledJob
from harness.faults.drop import Drop
from harness.faults.failed_job import FailedJob
from harness.faults.giant_headers import GiantHeaders
from harness.faults.hang import Hang
from harness.faults.http_error import HttpError
from harness.faults.incomplete_job import IncompleteJob
from harness.faults.invalid_utf8 import InvalidUtf8
from harness.faults.lost_answer import LostAnswer
from harness.faults.lost_job import LostJob
from harness.faults.lost_request import LostRequest
from harness.faults.malformed_json import MalformedJson
from harness.faults.old_tls import OldTls
from harness.faults.redirect import Redirect
from harness.faults.refuse_connections import RefuseConnections
from harness.faults.reset import Reset
from harness.faults.session_refused import SessionRefused
from harness.faults.truncated import Truncated
from harness.faults.wrong_content_type import WrongContentType
from harness.faults.wrong_json_type import WrongJsonType

CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"
PARTITION = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
IDLE = "/api/partitions/dddddddd-0000-4000-8000-000000000002"
NIC = f"{PARTITION}/nics/eeeeeeee-0000-4000-8000-000000000001"
"""Resources of the inventory two-nics."""


class Does(StrEnum):
    """What the client is asked to do."""

    LOGON = "logon"
    GET = "GET"
    POST = "POST"
    DELETE = "DELETE"
    JOB = "job"


TARGETS: Mapping[Does, tuple[str, str]] = {
    Does.LOGON: ("POST", "/api/sessions"),
    Does.GET: ("GET", CPC),
    Does.POST: ("POST", f"{PARTITION}/nics"),
    Does.DELETE: ("DELETE", NIC),
    Does.JOB: ("POST", f"{IDLE}/operations/start"),
}
"""Method and path of each."""

CLAIMS: Mapping[str, float] = {
    "connect_timeout": 0.5,
    "connect_retries": 1,
    "read_timeout": 0.7,
    "read_retries": 0,
    "max_redirects": 3,
    "operation_timeout": 5,
    "status_timeout": 5,
}
"""What the client is told about patience, by zhmcclient's names; seconds short enough to wait for."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a client is put through."""

    name: str
    does: Does
    action: Action | None
    """None: the HMC is well, and the settings are what is odd."""
    settings: Mapping[str, float] = field(default_factory=lambda: CLAIMS)
    is_lie: bool = False
    """What is answered is no answer: to return it as a result is to be deceived."""

    @property
    def id(self) -> str:
        """As a person names it."""
        return f"{self.name}/{self.does.value}"


def _request(does: Does) -> RequestPattern:
    return RequestPattern(*TARGETS[does])


def _anywhere() -> Iterator[tuple[str, Action, bool]]:
    """Faults of the connection: they reach each operation alike."""
    yield "refuse_connections", RefuseConnections(), False
    yield "blackhole", Blackhole(), False
    yield "hang", Hang(), False
    yield "reset-before", Reset(), False
    yield "reset-after", Reset(direction=Direction.RESPONSE), False
    yield "drop-before", Drop(), False
    yield "drop-after", Drop(direction=Direction.RESPONSE), False
    yield "expired-certificate", BadCertificate(flaw=Flaw.EXPIRED), False
    yield "unknown-ca", BadCertificate(flaw=Flaw.UNKNOWN_CA), False
    yield "old_tls", OldTls(), False


def _on(match: RequestPattern) -> Iterator[tuple[str, Action, bool]]:
    """Faults of one request."""
    yield "lost_request", LostRequest(match=match), False
    yield "lost_answer", LostAnswer(match=match), False
    yield "giant_headers", GiantHeaders(match=match), False
    yield "page-with-200", HttpError(status=200, body=ErrorBody.HTML, match=match), True
    yield "page-with-502", HttpError(status=502, body=ErrorBody.HTML, match=match), True
    yield "empty-503", HttpError(status=503, body=ErrorBody.EMPTY, match=match), True
    yield "retry-after", HttpError(status=503, retry_after=1.0, match=match), True
    yield "unauthorized", HttpError(status=401, match=match), True
    yield "forbidden", HttpError(status=403, reason=1, match=match), True
    yield "busy", Busy(match=match), True
    yield "session-unknown", SessionRefused(match=match, logon=True), True
    yield "redirect-loop", Redirect(match=match, status=307), True
    yield "redirect-away", Redirect(match=match, status=307, to=RedirectTo.OTHER_HOST), True
    yield "redirect-plain-http", Redirect(match=match, status=307, to=RedirectTo.PLAIN_HTTP), True


def _on_body(match: RequestPattern) -> Iterator[tuple[str, Action, bool]]:
    """Faults of an answer's body: a DELETE has none."""
    yield "truncated", Truncated(match=match), False
    yield "truncated-at-close", Truncated(content_length=False, match=match), True
    yield "bad_chunk", BadChunk(match=match), True
    yield "malformed_json", MalformedJson(match=match), True
    yield "wrong_json_type", WrongJsonType(match=match), True
    yield "wrong_content_type", WrongContentType(match=match), True
    yield "invalid_utf8", InvalidUtf8(match=match), True
    yield "bad_gzip", BadGzip(match=match), True


def _of_jobs() -> Iterator[tuple[str, Action, bool]]:
    yield "canceled_job", CanceledJob(), True
    yield "failed_job", FailedJob(), True
    yield "lost_job", LostJob(), True
    yield "job-without-status", IncompleteJob(without=JobField.STATUS), True
    yield "job-without-code", IncompleteJob(without=JobField.JOB_STATUS_CODE), True
    yield "job-without-uri", IncompleteJob(without=JobField.JOB_URI), True
    yield "lost_answer-of-start", LostAnswer(match=_request(Does.JOB)), True
    yield "lost_answer-of-delete", LostAnswer(match=RequestPattern("DELETE", "/api/jobs/*")), False


def _all() -> Iterator[Case]:
    yield from (Case("well", does, None) for does in Does)
    for does in (Does.LOGON, Does.GET, Does.POST, Does.DELETE):
        of_body = () if does is Does.DELETE else _on_body(_request(does))
        for name, action, is_lie in (*_anywhere(), *_on(_request(does)), *of_body):
            yield Case(name, does, action, is_lie=is_lie)
    for name, action, is_lie in _of_jobs():
        yield Case(name, Does.JOB, action, is_lie=is_lie)
    for name in ("connect_timeout", "read_timeout"):
        yield Case(f"{name}-0", Does.LOGON, None, {**CLAIMS, name: 0})


CASES: tuple[Case, ...] = tuple(_all())
"""The catalogue, in the order in which it is played and told."""

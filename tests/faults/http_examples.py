"""What the faults yield that need HTTP, TLS or the agent's process, and which of their settings make no sense."""

from __future__ import annotations

from collections.abc import Callable

from harness.core import commands
from harness.core.commands import (
    AnswerPart,
    Certificate,
    Command,
    Cut,
    ErrorBody,
    Framing,
    JobEnd,
    JobField,
    RedirectTo,
    Spoil,
)
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.core.vocabulary import Action
from harness.faults.bad_certificate import BadCertificate, Flaw
from harness.faults.bad_chunk import BadChunk
from harness.faults.bad_gzip import BadGzip
from harness.faults.busy import Busy
from harness.faults.canceled_job import CanceledJob
from harness.faults.failed_job import FailedJob
from harness.faults.failover import Failover
from harness.faults.giant_body import GiantBody
from harness.faults.giant_headers import GiantHeaders
from harness.faults.http_error import HttpError
from harness.faults.incomplete_job import IncompleteJob
from harness.faults.invalid_utf8 import InvalidUtf8
from harness.faults.job_without_effect import JobWithoutEffect
from harness.faults.kill_agent import KillAgent
from harness.faults.lost_answer import LostAnswer
from harness.faults.lost_job import LostJob
from harness.faults.lost_request import LostRequest
from harness.faults.maintenance import Maintenance
from harness.faults.new_certificate import NewCertificate
from harness.faults.old_tls import OldTls
from harness.faults.password_expired import PasswordExpired
from harness.faults.pause_agent import PauseAgent
from harness.faults.reboot import Reboot
from harness.faults.redirect import Redirect
from harness.faults.restart import Restart
from harness.faults.session_refused import SessionRefused
from harness.faults.slow_answer import SlowAnswer
from harness.faults.slow_job import SlowJob
from harness.faults.truncated import Truncated
from harness.faults.user_locked import UserLocked
from harness.faults.wrong_json_type import WrongJsonType

CPCS = RequestPattern.parse("GET /api/cpcs/*")
START = RequestPattern.parse("POST /api/partitions/*/operations/start")

YIELDS: list[tuple[Action, Command]] = [
    (
        HttpError(status=200, message="hi", body=ErrorBody.HTML, retry_after=2.0, match=CPCS),
        commands.AnswerWithError(
            match=CPCS, status=200, reason=0, message="hi", body=ErrorBody.HTML, retry_after_s=2.0
        ),
    ),
    (
        Busy(match=CPCS),
        commands.AnswerWithError(
            match=CPCS, status=409, reason=2, message="The object is busy with another operation."
        ),
    ),
    (SessionRefused(), commands.RefuseSessions(match=ANY_REQUEST, logon=False)),
    (SessionRefused(logon=True, match=CPCS), commands.RefuseSessions(match=CPCS, logon=True)),
    (WrongJsonType(match=CPCS), commands.SpoilBody(match=CPCS, how=Spoil.JSON_TYPE)),
    (InvalidUtf8(match=CPCS), commands.SpoilBody(match=CPCS, how=Spoil.UTF8)),
    (BadGzip(match=CPCS), commands.SpoilBody(match=CPCS, how=Spoil.GZIP)),
    (GiantHeaders(size=9), commands.EnlargeAnswer(match=ANY_REQUEST, part=AnswerPart.HEADERS, size_bytes=9)),
    (GiantBody(size=9, match=CPCS), commands.EnlargeAnswer(match=CPCS, part=AnswerPart.BODY, size_bytes=9)),
    (Truncated(), commands.TruncateAnswer(match=ANY_REQUEST, framing=Framing.CONTENT_LENGTH)),
    (Truncated(content_length=False, match=CPCS), commands.TruncateAnswer(match=CPCS, framing=Framing.CLOSE)),
    (BadChunk(match=CPCS), commands.TruncateAnswer(match=CPCS, framing=Framing.CHUNKED)),
    (LostAnswer(match=CPCS), commands.LoseExchange(match=CPCS, executed=True)),
    (LostRequest(match=CPCS), commands.LoseExchange(match=CPCS, executed=False)),
    (LostAnswer(how=Cut.RST), commands.LoseExchange(match=ANY_REQUEST, executed=True, how=Cut.RST)),
    (LostRequest(how=Cut.RST), commands.LoseExchange(match=ANY_REQUEST, executed=False, how=Cut.RST)),
    (SlowAnswer(rate=9.0), commands.DripAnswer(match=ANY_REQUEST, part=AnswerPart.BODY, bytes_per_s=9.0)),
    (
        SlowAnswer(rate=9.0, part=AnswerPart.HEADERS, match=CPCS),
        commands.DripAnswer(match=CPCS, part=AnswerPart.HEADERS, bytes_per_s=9.0),
    ),
    (Redirect(), commands.Redirect(match=ANY_REQUEST, to=RedirectTo.SAME, status=302, once=False)),
    (
        Redirect(to=RedirectTo.OTHER_HOST, status=307, match=CPCS),
        commands.Redirect(match=CPCS, to=RedirectTo.OTHER_HOST, status=307, once=False),
    ),
    (SlowJob(time=3.0), commands.FreezeJobs(match=ANY_JOB, for_s=3.0)),
    (CanceledJob(), commands.MisreportJobs(match=ANY_JOB, end=JobEnd.CANCELED)),
    (
        FailedJob(status=404, reason=1, message="no"),
        commands.MisreportJobs(match=ANY_JOB, end=JobEnd.FAILED, status=404, reason=1, message="no"),
    ),
    (LostJob(), commands.AnswerWithError(match=ANY_JOB, status=404, reason=1, message="There is no such job.")),
    (IncompleteJob(without=JobField.STATUS), commands.OmitFromJobs(match=ANY_REQUEST, field=JobField.STATUS)),
    (JobWithoutEffect(match=START), commands.PretendJobs(match=START)),
    *((BadCertificate(flaw=flaw), commands.PresentCertificate(certificate=Certificate(flaw.value))) for flaw in Flaw),
    (NewCertificate(), commands.PresentCertificate(certificate=Certificate.ROTATED)),
    (OldTls(), commands.OfferOldTls()),
    (PauseAgent(), commands.PauseAgent()),
    (KillAgent(), commands.KillAgent()),
]

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: HttpError(status=200), "status 200 is no error, and the HMC's body is for errors"),
    (lambda: HttpError(status=204, body=ErrorBody.HTML), "status 204 has no body; write body: empty"),
    (lambda: HttpError(status=503, retry_after=-1.0), "retry_after cannot be negative"),
    (lambda: GiantHeaders(size=0), "size has to be more than 0B"),
    (lambda: GiantBody(size=10**12), "at most 200MB"),
    (lambda: SlowAnswer(rate=0.0), "rate has to be more than 0; for no byte at all use the fault hang"),
    (lambda: Redirect(status=304), "status 304 is no redirect"),
    (lambda: Redirect(to=RedirectTo.PLAIN_HTTP, once=True), "nothing comes back from another one"),
    (lambda: SlowJob(time=0.0), "time has to be more than 0"),
    (lambda: Restart(away=0.0), "the phase 'refused' has to last longer than 0s"),
    (lambda: Failover(alternate=-1.0), "the phase 'alternate' has to last longer"),
    (lambda: Reboot(stalled=0.0), "the phase 'stalled' has to last longer"),
    (lambda: Maintenance(window=0.0), "the phase 'unavailable' has to last longer"),
    (lambda: PasswordExpired(lasts=0.0), "the phase 'logons-refused' has to last longer"),
    (lambda: UserLocked(lasts=0.0), "the phase 'logons-refused' has to last longer"),
]

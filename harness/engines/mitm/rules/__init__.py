"""What each command does: one class a command, in a file a subject.

base.py         what a rule is; answers in the HMC's form
answers.py      wrong, late, lost
slow.py         byte by byte
jobs.py         what is told of asynchronous jobs
redirects.py    elsewhere, but never out of the trial
handshakes.py   certificates and protocol versions
"""

from __future__ import annotations

from harness.core import commands
from harness.engines.mitm.rules import answers, handshakes, jobs, redirects, slow
from harness.engines.mitm.rules.base import ANSWERED_BY_US, LOST_BY_US, SESSION_HEADER, Place, Rule, Say, answer_page

__all__ = ["ANSWERED_BY_US", "LOST_BY_US", "SESSION_HEADER", "Place", "Rule", "Say", "answer_page", "rule"]


ANYWHERE = Place()


def rule(command: commands.Command, place: Place = ANYWHERE) -> Rule:
    """The rule of a command.

    Raises:
        ValueError: the command is none of ours.
    """
    made = _of_answers(command, place) or _of_jobs(command, place) or _of_handshakes(command, place)
    if made is None:
        raise ValueError(f"mitmproxy does not carry out {type(command).__name__}")
    return made


def _of_answers(command: commands.Command, place: Place) -> Rule | None:  # noqa: PLR0911 - one line a command
    match command:
        case commands.AnswerWithError(match=match, status=status, reason=reason, message=message):
            return answers.AnswerWithError(
                match, status, reason, message, command.body, command.retry_after_s, place.speed
            )
        case commands.RefuseSessions(match=match, logon=logon):
            return answers.RefuseSessions(match, logon)
        case commands.BreakJson(match=match):
            return answers.BreakJson(match)
        case commands.ChangeContentType(match=match, content_type=content_type):
            return answers.ChangeContentType(match, content_type)
        case commands.SpoilBody(match=match, how=how):
            return answers.SpoilBody(match, how)
        case commands.EnlargeAnswer(match=match, part=part, size_bytes=size_bytes):
            return answers.EnlargeAnswer(match, part, size_bytes)
        case commands.TruncateAnswer(match=match, framing=framing):
            return answers.TruncateAnswer(match, framing)
        case commands.LoseExchange(match=match, executed=executed, how=how):
            return answers.LoseExchange(match, executed, how)
        case commands.DripAnswer(match=match, part=part, bytes_per_s=bytes_per_s):
            return slow.DripAnswer(match, part, bytes_per_s * place.speed)
        case commands.DelayRequest(match=match, delay_s=delay_s):
            return answers.DelayRequest(match, delay_s / place.speed)
        case commands.NoteRequests(match=match):
            return answers.NoteRequests(match)
        case commands.Redirect(match=match, to=to, status=status, once=once):
            return redirects.Redirect(match, to, status, once, place.elsewhere)
    return None


def _of_jobs(command: commands.Command, place: Place) -> Rule | None:
    match command:
        case commands.FreezeJobs(match=match, for_s=for_s):
            return jobs.FreezeJobs(match, None if for_s is None else for_s / place.speed)
        case commands.MisreportJobs(match=match, end=end, status=status, reason=reason, message=message):
            return jobs.MisreportJobs(match, end, status, reason, message)
        case commands.OmitFromJobs(match=match, field=field):
            return jobs.OmitFromJobs(match, field)
        case commands.PretendJobs(match=match):
            return jobs.PretendJobs(match)
    return None


def _of_handshakes(command: commands.Command, place: Place) -> Rule | None:
    match command:
        case commands.PresentCertificate(certificate=certificate):
            return handshakes.PresentCertificate(certificate, place.known_as, place.ca_pem)
        case commands.OfferOldTls():
            return handshakes.OfferOldTls(place.known_as, place.ca_pem)
    return None

"""Sessions: who may speak, as a real HMC decides it.

Laws, from the API book and measured with zhmcclient 1.26:
1. A logon that is refused says 403,0; never 403,5, on which zhmcclient logs on again and again without end.
2. No session id: 403,4. One that is unknown, logged off or expired: 403,5, on which a client logs on again.
3. A user may have several sessions, up to a cap; to end one leaves the others alone.
4. A user who was locked out is refused with the right password, too, in the same words.
5. Refused logons count for the lockout wherever they were tried: at the API or at the message broker.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.hmc.errors import HmcError
from harness.hmc.ids import Ids
from harness.hmc.observer import EXPIRED, LOGOFF, LOGON, LOGON_REFUSED, UNKNOWN_SESSION

ENDED_KEPT = 1000
"""So many sessions that have ended are remembered, to say whose a late request was."""
_TOKEN = re.compile(r"[0-9a-f]{64}")
"""What ids of sessions look like."""


@dataclass(slots=True)
class Session:
    """One logon of a user."""

    id: str = field(repr=False)
    credential: str = field(repr=False)
    user: str
    topic: str
    """Name of its topic for notifications about objects; the one about jobs has ``job`` appended."""
    last_used_s: float
    has_roles: bool = False
    """What it may do depends on its user's roles; else everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the console knows of a user, as far as it decides about sessions."""

    password: str = field(repr=False)
    idle_s: float | None = None
    """A session that was not used for so long is gone; None is the console's own setting."""
    max_sessions: int | None = None
    max_failed_logons: int | None = None
    """After so many refused logons in a row the user is locked out."""
    locked_out_s: float = 0.0
    """For so long."""
    is_disabled: bool = False


Accounts = Callable[[str], Account | None]
"""Account by user; None where there is no such user."""


@dataclass(slots=True)
class _Failures:
    """Refused logons of a user since the last one that succeeded."""

    count: int = 0
    locked_until_s: float = 0.0


def _no_others(user: str) -> None:
    """Nobody is known."""


def _ignore(session: Session) -> None:
    """Nobody wants to know."""


class Sessions:
    """All sessions of one HMC. Users are those of `users`, by password, and those of `others`.

    `now` gives monotonic seconds; `tell` is told (user, what), `hide` each secret (text, name) before anyone sees it.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        idle_s: float,
        ids: Ids,
        now: Callable[[], float],
        tell: Callable[[str, str], None],
        hide: Callable[[str, str], None],
        others: Accounts = _no_others,
        limits: Account | None = None,
        ended: Callable[[Session], None] = _ignore,
    ) -> None:
        self._users = {
            user: replace(limits or Account(password=""), password=password) for user, password in users.items()
        }
        self._others = others
        self._ended_one = ended
        self._failures: dict[str, _Failures] = {}
        self._idle_s = idle_s
        self._ids = ids
        self._now = now
        self._tell = tell
        self._hide = hide
        self._open: dict[str, Session] = {}
        self._ended: dict[str, str] = {}

    def logon(self, userid: object, password: object) -> Session:
        """A new session.

        Raises:
            HmcError: 403,0: no such user, or another password.
        """
        user = userid if isinstance(userid, str) else ""
        account = self._account(user)
        if account is None or not self._may_log_on(user, account, password):
            self._tell(user, LOGON_REFUSED)
            raise HmcError(403, 0, "The user ID or password is not valid.")
        if account.max_sessions is not None and self._count(user) >= account.max_sessions:
            self._tell(user, LOGON_REFUSED)
            raise HmcError(403, 0, f"The user has {account.max_sessions} sessions already, and may not have more.")
        session = self._new(user)
        self._tell(user, LOGON)
        return session

    def _account(self, user: str) -> Account | None:
        return self._users.get(user) or self._others(user)

    def _may_log_on(self, user: str, account: Account, password: object) -> bool:
        failures = self._failures.setdefault(user, _Failures())
        if account.is_disabled or failures.locked_until_s > self._now():
            return False
        if isinstance(password, str) and _same(account.password, password):
            del self._failures[user]
            return True
        failures.count += 1
        if account.max_failed_logons and failures.count >= account.max_failed_logons:
            self._failures[user] = _Failures(locked_until_s=self._now() + account.locked_out_s)
        return False

    def _count(self, user: str) -> int:
        for session in list(self._open.values()):
            if session.user == user and self._is_idle(session):
                self._end(session, EXPIRED)
        return sum(session.user == user for session in self._open.values())

    def _is_idle(self, session: Session) -> bool:
        account = self._account(session.user)
        idle_s = self._idle_s if account is None or account.idle_s is None else account.idle_s
        return self._now() - session.last_used_s > idle_s

    def _new(self, user: str) -> Session:
        session = Session(
            id=self._ids.token(),
            credential=self._ids.token(),
            user=user,
            topic=f"{user}.{self._ids.number('session topic')}",
            last_used_s=self._now(),
            has_roles=user not in self._users,
        )
        self._hide(session.id, "session id")
        self._hide(session.credential, "session credential")
        self._open[session.id] = session
        return session

    def user_of(self, session_id: str | None) -> str:
        """Whose session this is or was; empty if it never was one."""
        if session_id is None:
            return ""
        session = self._open.get(session_id)
        return session.user if session else self._ended.get(session_id, "")

    def require(self, session_id: str | None) -> Session:
        """The session of a request; this counts as use.

        Raises:
            HmcError: 403,4 without an id, 403,5 with one that is not, or no longer, a session.
        """
        if session_id is None:
            raise HmcError(403, 4, "The request requires a session, but has no X-API-Session header.")
        session = self._open.get(session_id)
        if session and self._is_idle(session):
            self._end(session, EXPIRED)
            session = None
        if session is None:
            self._tell(self._ended.get(session_id, ""), UNKNOWN_SESSION)
            raise HmcError(403, 5, "The x-api-session header did not map to a known session.")
        session.last_used_s = self._now()
        return session

    def may_listen(self, login: str, passcode: str) -> bool:
        """Whether the message broker lets one in: a user with his password, or a session id with its credential.

        A user is refused, and locked out, as by `logon`. To listen is no use of a session: it expires all the same.
        """
        session = self._open.get(login)
        if session:
            may, user = _same(session.credential, passcode), session.user
        else:
            user = self._ended.get(login, "" if _TOKEN.fullmatch(login) else login)  # never told: a session's id
            account = self._account(login)
            may = account is not None and self._may_log_on(login, account, passcode)
        if not may:
            self._tell(user, LOGON_REFUSED)
        return may

    def topics(self) -> list[str]:
        """The object topic of each session that is logged on, the oldest first."""
        return [session.topic for session in self._open.values()]

    def opened(self) -> list[Session]:
        """The sessions that are logged on, the oldest first."""
        return list(self._open.values())

    def logoff(self, session: Session) -> None:
        """The client ends its session."""
        self._end(session, LOGOFF)

    def expire_all(self) -> None:
        """Every session is forgotten; each client learns it at its next request."""
        for session in list(self._open.values()):
            self._end(session, EXPIRED)

    def _end(self, session: Session, what: str) -> None:
        self._open.pop(session.id, None)
        self._ended_one(session)
        self._ended[session.id] = session.user
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        self._tell(session.user, what)


def _same(known: str, given: str) -> bool:
    # JSON, and so an inventory, can say half a surrogate pair, which is no UTF-8.
    return hmac.compare_digest(known.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))

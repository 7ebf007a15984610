"""Sessions: who may speak, as a real HMC decides it.

Laws, from the API book and measured with zhmcclient 1.26:
1. A logon that is refused says 403,0; never 403,5, on which zhmcclient logs on again and again without end.
2. No session id: 403,4. One that is unknown, logged off or expired: 403,5, on which a client logs on again.
3. A user may have several sessions, up to a cap; to end one leaves the others alone.
4. A user who was locked out is refused with the right password, too, in the same words.
5. Refused logons count for the lockout wherever they were tried: at the API or at the message broker.
6. A session ends when it was idle for too long, or its user is gone, whether or not anybody asks for it afterwards.
7. Whose name somebody claims to have is told cut short: who is not logged on fills no log and no memory.
"""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from harness.hmc.deadlines import Deadlines
from harness.hmc.errors import HmcError
from harness.hmc.ids import Ids
from harness.hmc.lockouts import Lockouts
from harness.hmc.observer import EXPIRED, LOGOFF, LOGON, LOGON_REFUSED, UNKNOWN_SESSION

ENDED_KEPT = 1000
"""So many sessions that have ended are remembered, to say whose a late request was."""
LONGEST_NAME = 256
"""Whatever is longer is no user's name; ours, far above what people call themselves."""
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
    user_uri: str | None = None
    """The object of its user, on whose roles it depends what it may do; None: everything. A user who is called
    otherwise from now on is the same one, and a new one of an old name is not."""

    @property
    def owner(self) -> str:
        """To whom belongs what is a user's and not a session's: jobs."""
        return self.user_uri or self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the console knows of a user, as far as it decides about sessions."""

    password: str = field(repr=False)
    name: str = ""
    uri: str | None = None
    """Of his object, with his roles; None: he may do everything."""
    idle_s: float | None = None
    """A session that was not used for so long is gone; None is the console's own setting."""
    max_sessions: int | None = None
    max_failed_logons: int | None = None
    """After so many refused logons in a row the user is locked out."""
    locked_out_s: float = 0.0
    """For so long."""
    is_disabled: bool = False


class Accounts(Protocol):
    """Users who come, go and change while the HMC runs."""

    def named(self, name: str) -> Account | None:
        """The one of this name; None if there is none."""
        ...

    def at(self, uri: str) -> Account | None:
        """The one whose object this is; None if he is gone."""
        ...


class _NoOthers:
    """Nobody is known."""

    def named(self, name: str) -> None:
        """Nobody."""

    def at(self, uri: str) -> None:
        """Nobody."""


def _ignore(_: object) -> None:
    """Nobody wants to know."""


class Sessions:
    """All sessions of one HMC. Users are those of `users`, by password, and those of `others`.

    `now` gives monotonic seconds, and `wake` is told in how many of them `settle` is worth while; `tell` is told (user,
    what), `hide` each secret (text, name) before anyone sees it.
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
        others: Accounts | None = None,
        limits: Account | None = None,
        ended: Callable[[Session], None] = _ignore,
        wake: Callable[[float], None] = _ignore,
    ) -> None:
        self._users = {
            user: replace(limits or Account(password=""), name=user, password=password)
            for user, password in users.items()
        }
        self._others: Accounts = others or _NoOthers()
        self._ended_one = ended
        self._lockouts = Lockouts(now)
        self._idle_s = idle_s
        self._ids = ids
        self._now = now
        self._tell = tell
        self._hide = hide
        self._open: dict[str, Session] = {}
        self._deadlines = Deadlines(now, wake)
        self._ended: dict[str, str] = {}

    def logon(self, userid: object, password: object) -> Session:
        """A new session.

        Raises:
            HmcError: 403,0: no such user, or another password.
        """
        self.settle()
        user = userid if isinstance(userid, str) else ""
        account = self._account(user)
        if account is None or not self._may_log_on(account, password):
            self._tell(cut(user), LOGON_REFUSED)
            raise HmcError(403, 0, "The user ID or password is not valid.")
        if account.max_sessions is not None and self._count(account) >= account.max_sessions:
            self._tell(user, LOGON_REFUSED)
            raise HmcError(403, 0, f"The user has {account.max_sessions} sessions already, and may not have more.")
        session = self._new(account)
        self._tell(user, LOGON)
        return session

    def _account(self, name: str) -> Account | None:
        if len(name) > LONGEST_NAME:
            return None
        return self._users.get(name) or self._others.named(name)

    def _may_log_on(self, account: Account, password: object) -> bool:
        who = account.uri or account.name
        if account.is_disabled or self._lockouts.is_out(who):
            return False
        if isinstance(password, str) and _same(account.password, password):
            self._lockouts.forget(who)
            return True
        self._lockouts.add(who, account.max_failed_logons, account.locked_out_s)
        return False

    def _count(self, account: Account) -> int:
        owner = account.uri or account.name
        return sum(session.owner == owner for session in self.opened())

    def _new(self, account: Account) -> Session:
        session = Session(
            id=self._ids.token(),
            credential=self._ids.token(),
            user=account.name,
            topic=f"{account.name}.{self._ids.number('session topic')}",
            last_used_s=self._now(),
            user_uri=account.uri,
        )
        self._hide(session.id, "session id")
        self._hide(session.credential, "session credential")
        self._open[session.id] = session
        self._deadlines.set(session.id, self._ends_s(session))
        return session

    def _ends_s(self, session: Session) -> float:
        """When it ends if nobody uses it any more."""
        account = self._users[session.user] if session.user_uri is None else self._others.at(session.user_uri)
        if account is None:
            return -math.inf  # it has ended with its user
        return session.last_used_s + (self._idle_s if account.idle_s is None else account.idle_s)

    def settle(self) -> None:
        """End each session that nobody has used for too long."""
        for session_id in self._deadlines.over():
            session = self._open[session_id]
            if not self._end_if_over(session):
                self._deadlines.set(session_id, self._ends_s(session))

    def wake_again(self) -> None:
        """All timers were thrown away, and sessions are to end by themselves from now on."""
        self._deadlines.wake_again()

    def _end_if_over(self, session: Session) -> bool:
        is_over = self._is_over(session)
        if is_over:
            self._end(session, EXPIRED)
        return is_over

    def _is_over(self, session: Session) -> bool:
        return self._now() > self._ends_s(session)

    def user_changed(self, uri: str) -> None:
        """A user of `others` is not as he was: his sessions have his new name and idle time, or end with him.

        That they end is a guess; that they could go on without a user, and so without roles, is none that can be right.
        """
        account = self._others.at(uri)
        if account is None:
            self._lockouts.forget(uri)
        for session in [session for session in self._open.values() if session.user_uri == uri]:
            if account is not None:
                session.user = cut(account.name)
                self._deadlines.set(session.id, self._ends_s(session))
            else:
                self._end(session, EXPIRED)

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
        session = self._find(session_id)
        if session is None:
            self._tell(self._ended.get(session_id, ""), UNKNOWN_SESSION)
            raise HmcError(403, 5, "The x-api-session header did not map to a known session.")
        session.last_used_s = self._now()
        return session

    def _find(self, session_id: str) -> Session | None:
        session = self._open.get(session_id)
        return None if session is None or self._end_if_over(session) else session

    def may_listen(self, login: str, passcode: str) -> bool:
        """Whether the message broker lets one in: a user with his password, or a session id with its credential.

        A user is refused, and locked out, as by `logon`. To listen is no use of a session: it expires all the same.
        """
        self.settle()
        session = self._find(login)
        if session:
            may, user = _same(session.credential, passcode), session.user
        else:
            user = self._ended.get(login, "" if _TOKEN.fullmatch(login) else login)  # never told: a session's id
            account = self._account(login)
            may = account is not None and self._may_log_on(account, passcode)
        if not may:
            self._tell(cut(user), LOGON_REFUSED)
        return may

    def topics(self) -> list[str]:
        """The object topic of each session that is logged on, the oldest first."""
        return [session.topic for session in self.opened()]

    def opened(self) -> list[Session]:
        """The sessions that are logged on, the oldest first. It ends none: that is for `settle`."""
        return [session for session in self._open.values() if not self._is_over(session)]

    def logoff(self, session: Session) -> None:
        """The client ends its session."""
        self._end(session, LOGOFF)

    def expire_all(self) -> None:
        """Every session is forgotten; each client learns it at its next request."""
        for session in list(self._open.values()):
            self._end(session, EXPIRED)

    def _end(self, session: Session, what: str) -> None:
        self._open.pop(session.id, None)
        self._deadlines.drop(session.id)
        self._ended_one(session)
        self._ended[session.id] = session.user
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        self._tell(session.user, what)


def cut(name: str) -> str:
    """The name that somebody says he has, as it is told."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."


def _same(known: str, given: str) -> bool:
    # JSON, and so an inventory, can say half a surrogate pair, which is no UTF-8.
    return hmac.compare_digest(known.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))

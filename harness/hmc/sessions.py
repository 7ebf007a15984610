"""Sessions: who may speak, as a real HMC decides it.

Laws, from the API book and measured with zhmcclient 1.26:
1. A logon that is refused says 403,0; never 403,5, on which zhmcclient logs on again and again without end.
2. No session id: 403,4. One that is unknown, logged off or expired: 403,5, on which a client logs on again.
3. A user may have several sessions; to end one leaves the others alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.hmc.errors import HmcError
from harness.hmc.ids import Ids
from harness.hmc.observer import EXPIRED, LOGOFF, LOGON, LOGON_REFUSED, UNKNOWN_SESSION


@dataclass(slots=True)
class Session:
    """One logon of a user."""

    id: str = field(repr=False)
    credential: str = field(repr=False)
    user: str
    topic: str
    """Name of its topic for notifications about objects; the one about jobs has ``job`` appended."""
    last_used_s: float


class Sessions:
    """All sessions of one HMC.

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
    ) -> None:
        self._users = users
        self._idle_s = idle_s
        self._ids = ids
        self._now = now
        self._tell = tell
        self._hide = hide
        self._open: dict[str, Session] = {}
        self._ended: dict[str, str] = {}
        self._topics = 0

    def logon(self, userid: object, password: object) -> Session:
        """A new session.

        Raises:
            HmcError: 403,0: no such user, or another password.
        """
        user = userid if isinstance(userid, str) else ""
        known = self._users.get(user)
        if known is None or not isinstance(password, str) or not _same(known, password):
            self._tell(user, LOGON_REFUSED)
            raise HmcError(403, 0, "The user ID or password is not valid.")
        session = self._new(user)
        self._tell(user, LOGON)
        return session

    def _new(self, user: str) -> Session:
        self._topics += 1
        session = Session(
            id=self._ids.token(),
            credential=self._ids.token(),
            user=user,
            topic=f"{user}.{self._topics}",
            last_used_s=self._now(),
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
        if session and self._now() - session.last_used_s > self._idle_s:
            self._end(session, EXPIRED)
            session = None
        if session is None:
            self._tell(self._ended.get(session_id, ""), UNKNOWN_SESSION)
            raise HmcError(403, 5, "The X-API-Session header holds no valid session ID.")
        session.last_used_s = self._now()
        return session

    def may_listen(self, login: str, passcode: str) -> bool:
        """Whether the message broker lets one in: a user with his password, or a session id with its credential.

        This is no use of the session: who only listens lets it expire.
        """
        session = self._open.get(login)
        if session:
            return _same(session.credential, passcode)
        return login in self._users and _same(self._users[login], passcode)

    def topics(self) -> list[str]:
        """The object topic of each session that is logged on, the oldest first."""
        return [session.topic for session in self._open.values()]

    def logoff(self, session: Session) -> None:
        """The client ends its session."""
        self._end(session, LOGOFF)

    def expire_all(self) -> None:
        """Every session is forgotten; each client learns it at its next request."""
        for session in list(self._open.values()):
            self._end(session, EXPIRED)

    def _end(self, session: Session, what: str) -> None:
        self._open.pop(session.id, None)
        self._ended[session.id] = session.user
        self._tell(session.user, what)


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())

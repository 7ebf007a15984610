"""The HMC as the agent sees it, through zhmcclient: a session, and the NICs that are this agent's. It only reads.

What counts as a loss of the HMC: whatever comes out of zhmcclient. That is each `zhmcclient.Error`, also an answer with
an error status, and whatever else a broken answer makes of the client: errors of requests, urllib3 and the
system that leak, KeyError or TypeError where JSON is not what the API says, RecursionError. An agent that took
only the expected ones as a loss would die of the next one, and one that took an error status as an empty answer
would report ports down whose NICs are there.

There is no retry here (TR-8): zhmcclient alone retries, as its settings say, and a failed call ends the look.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
import zhmcclient

from agent_under_test.dpm_agent.causes import RedirectedAway, cause_of
from agent_under_test.dpm_agent.config import HmcConfig, Timeouts

LOGOFF_TIMEOUT_S = 2.0
"""How long a logoff may wait: it is a courtesy, and the HMC ends idle sessions by itself."""

_OWNER = "OpenStack"
_MAC = re.compile(r"mac=((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})(?![0-9A-Fa-f])")
_LOGON = "/api/sessions"
_GONE = 404


class HmcLost(Exception):
    """The HMC could not be asked, or its answer is of no use; the text is the cause in words, without secrets."""

    def __init__(self, cause: str, *, answered: bool) -> None:
        super().__init__(cause)
        self.answered = answered
        """Whether the HMC did answer, so that a logoff has a chance."""


class Hmc(Protocol):
    """What the agent's loop wants of an HMC. Used by one thread."""

    def connect(self) -> None:
        """Log on once, in a fresh session, and find the CPC.

        Raises:
            HmcLost: it did not work; there is no session then.
        """
        ...

    def devices(self) -> frozenset[str]:
        """The MAC addresses of this agent's NICs, as they are now.

        Raises:
            HmcLost: it could not be seen; nothing is known of the NICs then.
        """
        ...

    def drop(self, *, log_off: bool) -> None:
        """Forget the session, after a logoff of at most `LOGOFF_TIMEOUT_S` seconds if wished. Never fails."""
        ...


class ZhmcHmc:
    """An HMC behind zhmcclient."""

    def __init__(self, config: HmcConfig, timeouts: Timeouts, agent_host: str) -> None:
        self._config = config
        self._timeouts = timeouts
        self._agent_host = agent_host
        self._session: Any = None
        self._cpc: Any = None

    def connect(self) -> None:
        """Log on and find the CPC; see `Hmc`."""
        self.drop(log_off=False)
        self._session = self._new_session()
        try:
            with _losses():
                self._session.logon()
                self._cpc = self._find_cpc()
        except HmcLost as error:
            self.drop(log_off=error.answered)
            raise

    def devices(self) -> frozenset[str]:
        """Look at the NICs of all virtual switches; see `Hmc`."""
        with _losses():
            macs = (mac for switch in self._switches() for mac in self._macs(switch))
            return frozenset(macs)

    def drop(self, *, log_off: bool) -> None:
        """Forget the session; see `Hmc`."""
        session, self._session, self._cpc = self._session, None, None
        if session is None:
            return
        pool = session.session
        if log_off:
            _log_off(session)
        if pool is not None:
            pool.close()

    def _new_session(self) -> Any:
        wait = self._timeouts
        return _ReadingSession(
            self._config.host,
            self._config.user,
            self._config.password,
            port=self._config.port,
            verify_cert=self._config.ca_certs,
            retry_timeout_config=zhmcclient.RetryTimeoutConfig(
                connect_timeout=wait.connect_timeout,
                connect_retries=wait.connect_retries,
                read_timeout=wait.read_timeout,
                read_retries=wait.read_retries,
                max_redirects=wait.max_redirects,
                operation_timeout=wait.operation_timeout,
                status_timeout=wait.status_timeout,
            ),
        )

    def _find_cpc(self) -> Any:
        try:
            cpc = zhmcclient.Client(self._session).cpcs.find(name=self._config.cpc)
        except zhmcclient.NotFound:
            raise HmcLost(f"CPC {self._config.cpc!r} not found", answered=True) from None
        if cpc.dpm_enabled is not True:
            raise HmcLost(f"CPC {self._config.cpc!r} not found in DPM mode", answered=True)
        return cpc

    def _switches(self) -> list[Any]:
        """The CPC's virtual switches.

        zhmcclient takes each empty answer, also ``[]`` and ``{}``, as an empty list. That there are none (as from z17
        on) has to be said properly, or all ports would go down by an answer that says nothing.
        """
        switches: list[Any] = self._cpc.virtual_switches.list()
        if not switches and self._session.get(f"{self._cpc.uri}/virtual-switches")["virtual-switches"]:
            raise ValueError("the same list was empty and not empty")
        return switches

    def _macs(self, switch: Any) -> Iterator[str]:
        """The MAC addresses of this agent's NICs on a virtual switch."""
        for nic in switch.get_connected_nics():
            try:
                description = nic.get_property("description")
            except zhmcclient.Error as error:
                if not _is_gone(error) or self._is_listed(switch, nic):
                    raise
                continue
            mac = own_mac(description, self._agent_host)
            if mac is not None:
                yield mac

    @staticmethod
    def _is_listed(switch: Any, nic: Any) -> bool:
        """Whether a NIC that was not found is still on its switch: then the HMC contradicts itself."""
        return any(other.uri == nic.uri for other in switch.get_connected_nics())


def own_mac(description: str, agent_host: str) -> str | None:
    """The MAC address that Nova wrote into a NIC's description, if the NIC is this agent's.

    As in networking-dpm: it begins with ``OpenStack``, names the agent's host, and has a ``mac=``. Unlike there the
    host's name has to stand for itself: dpm-host-1 does not own what belongs to dpm-host-10.

    Raises:
        TypeError: the description is no text, so it cannot be said whose the NIC is.
    """
    if not isinstance(description, str):
        raise TypeError(f"a NIC's description is {type(description).__name__}, not text")
    if not description.startswith(_OWNER):
        return None
    if not re.search(rf"(?<![\w.-]){re.escape(agent_host)}(?![\w.-])", description):
        return None
    found = _MAC.search(description)
    return found.group(1).lower().replace("-", ":") if found else None


class _ReadingSession(zhmcclient.Session):  # type: ignore[misc]  # zhmcclient has no types
    """A session that logs on and otherwise only reads (GET-1), logs on once a try, and stays with its HMC.

    zhmcclient answers "session unknown" (403,5) with a logon and, when that logon gets the same answer, with another
    one, until Python's stack ends: hundreds of logons in a burst.
    """

    def post(self, uri: str, **options: Any) -> Any:
        """Only a logon, and no second one inside it."""
        if uri != _LOGON:
            raise PermissionError(f"this agent only reads; POST {uri} is a defect")
        return super().post(uri, **{**options, "renew_session": False})

    @staticmethod
    def _new_session(retry_timeout_config: Any) -> requests.Session:
        """There is no public way to say what is followed or waited for; zhmcclient heeds no max_redirects (TR-5)."""
        theirs = zhmcclient.Session._new_session(retry_timeout_config)
        pool = _LoyalPool()
        pool.max_redirects = retry_timeout_config.max_redirects
        for prefix, adapter in theirs.adapters.items():
            # Or an HMC's Retry-After would make the agent wait in silence, for as long as that says.
            adapter.max_retries = adapter.max_retries.new(respect_retry_after_header=False)
            pool.mount(prefix, adapter)
        return pool


class _LoyalPool(requests.Session):
    """Connections that follow redirects within one HMC only: a request holds the session id, and a logon the password.

    requests takes out what it knows as a secret when a redirect leads to another host; an HMC's session id it does not.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where the answer leads, if it leads somewhere.

        Raises:
            RedirectedAway: to another host or port, or out of TLS.
        """
        target = super().get_redirect_target(resp)
        if target is not None and _origin(urljoin(resp.url, target)) != _origin(resp.url):
            resp.close()  # nobody else will
            raise RedirectedAway("the HMC redirects to another address", response=resp)
        return target


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


@contextlib.contextmanager
def _losses() -> Iterator[None]:
    try:
        yield
    except HmcLost:
        raise
    except Exception as error:  # whatever an answer makes of the client, the agent has to outlive it (RUN-1)
        answered = not isinstance(error, zhmcclient.ConnectionError | OSError)
        raise HmcLost(cause_of(error), answered=answered) from error


def _is_gone(error: zhmcclient.Error) -> bool:
    return isinstance(error, zhmcclient.CeasedExistence) or getattr(error, "http_status", None) == _GONE


def _log_off(session: Any) -> None:
    limits = session.retry_timeout_config
    limits.connect_timeout = limits.read_timeout = LOGOFF_TIMEOUT_S
    with contextlib.suppress(Exception):  # a courtesy to an HMC that may be ill: there is nothing left to do about it
        session.session.get_adapter(session.base_url).max_retries = urllib3.Retry(0, read=False)
        session.logoff()

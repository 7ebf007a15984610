"""mitmproxy's hooks -> rules.

mitmproxy swallows what a hook raises and lets the request pass: a fault that did not happen, and nobody knows. So
every hook here is wrapped, and tells the harness, whose trial is UNKNOWN then.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mitmproxy.connection import Client, ConnectionState
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.layers import ClientTLSLayer, HttpLayer
from mitmproxy.tls import TlsData

from harness.engines.mitm.drip_layer import DripLayer, Drips
from harness.engines.mitm.rules import ANSWERED_BY_US, LOST_BY_US, SESSION_HEADER, Rule, Say, answer_page

T = TypeVar("T")


def heard(
    hook: Callable[[Faults, T], Coroutine[Any, Any, None]],
) -> Callable[[Faults, T], Coroutine[Any, Any, None]]:
    """A hook whose failure is told."""

    @functools.wraps(hook)
    async def wrapped(self: Faults, data: T) -> None:
        try:
            await hook(self, data)
        except Exception as error:  # noqa: BLE001 - whatever it is, mitmproxy would swallow it
            self.say({"crashed": f"hook {hook.__name__}: {words(error)}"})

    return wrapped


class Faults:
    """The addon: knows which steps are in force, and which clients are connected."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.serving = False
        """A trial is attached."""
        self.rules: dict[int, Rule] = {}
        self.elsewhere: tuple[str, int] | None = None
        """Another host's address: what arrives there is recorded, and goes no further."""
        self._handshakes: dict[str, list[tuple[int, str]]] = {}
        """By client: which steps had a part in its TLS handshake, and what they did."""
        self._drips = Drips()
        self._clients: set[str] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    def begin(self, step: int, rule: Rule) -> None:
        """In force for every request and answer that comes from now on."""
        self.rules[step] = rule

    def heal(self, step: int) -> None:
        """No longer in force; what waits because of it goes on."""
        rule = self.rules.pop(step, None)
        if rule is not None:
            rule.release()

    def heal_all(self) -> None:
        """As if nothing had ever begun."""
        for step in list(self.rules):
            self.heal(step)

    async def wait_for_nobody(self) -> None:
        """Returns once no client is connected."""
        await self._nobody.wait()

    # mitmproxy calls these by their names

    @heard
    async def client_connected(self, client: Client) -> None:
        """A client has come."""
        self._clients.add(client.id)
        self._nobody.clear()

    @heard
    async def client_disconnected(self, client: Client) -> None:
        """A client has gone."""
        self._clients.discard(client.id)
        self._handshakes.pop(client.id, None)
        self._drips.take(client.id)
        if not self._clients:
            self._nobody.set()

    @heard
    async def next_layer(self, data: NextLayer) -> None:
        """What a client speaks is known by now; mitmproxy's own addon, which comes first, has chosen who hears it."""
        if isinstance(data.layer, ClientTLSLayer) and isinstance(data.layer.child_layer, HttpLayer):
            data.layer.child_layer = DripLayer(data.context, data.layer.child_layer, self._drips)

    @heard
    async def request(self, flow: HTTPFlow) -> None:
        """A request was read, and its HMC has not been asked."""
        flow.request.scheme = "https"  # the mode says http: see `Proxy._attach`
        if self._strayed(flow):
            return
        for step, rule in list(self.rules.items()):
            if flow.response is not None or flow.error is not None:
                break
            self._touched(step, flow, await rule.request(flow))

    @heard
    async def response(self, flow: HTTPFlow) -> None:
        """An answer was read, and its client has not seen it."""
        if flow.response is None or ANSWERED_BY_US in flow.metadata:
            return
        for step, rule in list(self.rules.items()):
            self._touched(step, flow, rule.response(flow, flow.response))
        for step, rule in list(self.rules.items()):
            drip = None if flow.error else rule.drip(flow, flow.response)
            if drip is not None:
                drip.tell = functools.partial(self._touched, step, flow)
                self._drips.add(flow.client_conn.id, drip)

    @heard
    async def tls_start_client(self, data: TlsData) -> None:
        """A client wants to speak TLS."""
        for step, rule in list(self.rules.items()):
            what = rule.handshake(data)
            if what is not None:
                self._handshakes.setdefault(data.conn.id, []).append((step, what))

    @heard
    async def tls_established_client(self, data: TlsData) -> None:
        """And is content with what it was offered."""
        self._shook_hands(data, "the client accepted it")

    @heard
    async def tls_failed_client(self, data: TlsData) -> None:
        """And is not."""
        self._shook_hands(data, "the client refused it")

    @heard
    async def error(self, flow: HTTPFlow) -> None:
        """mitmproxy answers 502 by itself where the HMC's answer does not come: no fault of ours does that."""
        there = flow.client_conn.state & ConnectionState.CAN_READ
        if LOST_BY_US in flow.metadata:
            return
        if self.serving and there and flow.error is not None and flow.response is None:
            self.say({"crashed": f"no answer from the HMC to {public(flow.request.path)}: {flow.error.msg}"})

    def _strayed(self, flow: HTTPFlow) -> bool:
        """Whether a client asks where no HMC is: it was redirected there. It is told so, and asked for no more."""
        host = flow.client_conn.sockname[0]
        if self.elsewhere is not None and host == self.elsewhere[0]:
            where = "another host"
        elif not flow.client_conn.tls_established:
            where = "a port without TLS"
        else:
            return False
        answer_page(flow, 404, "There is no HMC here.")
        # A logon that is redirected by 307 or 308 comes with its body.
        password = "password" if b'"password"' in (flow.request.raw_content or b"") else ""
        secret = "session id" if SESSION_HEADER in flow.request.headers else password
        self.say({"strayed": where, "method": flow.request.method, "path": public(flow.request.path), "secret": secret})
        return True

    def _shook_hands(self, data: TlsData, end: str) -> None:
        for step, what in self._handshakes.pop(data.conn.id, []):
            self.say({"touched": step, "what": f"{what}; {end}", "over": True})

    def _touched(self, step: int, flow: HTTPFlow, what: str | None, over: bool = True) -> None:
        if what is not None:
            words = f"{flow.request.method} {public(flow.request.path)}: {what}"
            self.say({"touched": step, "what": words, "over": over})


def public(path: str) -> str:
    """A path as others may see it: no query, and no session id (DELETE names the session to end)."""
    return re.sub(r"^(/api/sessions/)(?!this-session)[^/]+", r"\1*", path.partition("?")[0])


def words(error: BaseException) -> str:
    """What was raised and where. Never its message: that may quote a header or a body."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


class ErrorLog(logging.Handler):
    """Tells what mitmproxy or asyncio log as an error: something went wrong without a hook of ours failing."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it. The exception's own message is left out, as in `words`."""
        error = record.exc_info[1] if record.exc_info else None
        self._say({"crashed": f"{record.name}: {words(error) if error else record.getMessage()}"})

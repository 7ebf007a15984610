"""The optional L4 engine: a real Toxiproxy server between two relays that only look on.

Toxiproxy tells nothing of what it does to whom. What goes in to it and what comes out is seen by the relay that the
agent meets, and by one more behind it; see docs/decisions/0007-toxiproxy-between-two-relays.md.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import ClassVar, Self

from harness.core.commands import Command, Flap, RefuseConnections
from harness.core.events import ComponentCrashed, Event, Touched
from harness.core.interfaces import Clock, Recorder
from harness.engines import toxiproxy_toxics
from harness.engines.relay import Relay
from harness.engines.toxiproxy_door import Door, look_round
from harness.engines.toxiproxy_server import ToxiproxyServer
from harness.errors import EngineFailed


class _OnlyTouches:
    """A recorder for the relay behind Toxiproxy, whose clients are Toxiproxy's connections and no agent's."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.now, self.hide, self.redact = recorder.now, recorder.hide, recorder.redact

    def record(self, event: Event) -> None:
        """Witnesses and failures go on; who connected is told by the relay in front."""
        if isinstance(event, Touched | ComponentCrashed):
            self._recorder.record(event)


class Toxiproxy:
    """One trial's proxy on a server. Made by `attach` only."""

    CARRIES: ClassVar[frozenset[type[Command]]] = toxiproxy_toxics.CARRIES

    def __init__(
        self, server: ToxiproxyServer, front: Relay, behind: Relay, *, recorder: Recorder, clock: Clock, speed: float
    ) -> None:
        self.address = ("", 0)
        """Where it listens; what is connected to it is carried on to the upstream."""
        self._server, self._front, self._behind, self._speed = server, front, behind, speed
        self._name = f"{server.prefix}-{secrets.token_hex(4)}"
        self._toxics: dict[int, list[str]] = {}
        self._recorder = recorder
        self._door = Door(front, clock, self._enable, self._crashed)

    @classmethod
    async def attach(
        cls,
        server: ToxiproxyServer,
        recorder: Recorder,
        clock: Clock,
        front: Relay,
        *,
        upstream: tuple[str, int],
        speed: float = 1.0,
    ) -> Self:
        """Put a proxy of the server between the relay that agents meet, and the upstream.

        `speed` says how many of the agent's seconds pass in one of the wall's: a command's durations are the agent's.

        Raises:
            EngineFailed: the server does not; says why. Nothing is left behind.
        """
        behind = Relay(_OnlyTouches(recorder), clock, seed=0)
        self = cls(server, front, behind, recorder=recorder, clock=clock, speed=speed)
        host, _ = front.address
        try:
            await behind.listen(host, 0)
            behind.connect_to(*upstream)
            await self._make(host)
        except BaseException:
            await behind.close()
            raise
        server.on_end = self._crashed
        front.connect_to(*self.address)
        return self

    async def _make(self, host: str) -> None:
        behind_host, behind_port = self._behind.address
        wanted = {"listen": f"{host}:0", "upstream": f"{behind_host}:{behind_port}", "enabled": True}
        made = await self._server.ask("POST", "/proxies", {"name": self._name, **wanted})
        bound_host, _, bound_port = str(made["listen"]).rpartition(":")
        self.address = bound_host, int(bound_port)

    async def begin(self, step: int, command: Command) -> None:
        """See `Engine.begin`."""
        if type(command) not in self.CARRIES:
            raise EngineFailed(f"toxiproxy: step {step}: {type(command).__name__} is not for this engine")
        if why := toxiproxy_toxics.cannot(command):
            raise EngineFailed(f"toxiproxy: step {step}: {why}")
        if step in self._toxics or step in self._door:
            raise EngineFailed(f"toxiproxy: step {step} is in force already; heal it first")
        try:
            await self._begin(step, command)
        except BaseException:
            with contextlib.suppress(EngineFailed):  # what it leaves goes with the proxy
                await self.heal(step)
            raise

    async def _begin(self, step: int, command: Command) -> None:
        if isinstance(command, RefuseConnections | Flap):
            await self._door.begin(step, command)
            return
        names = self._toxics[step] = []
        for toxic in toxiproxy_toxics.toxics(command, self._speed):
            name = f"step-{step}-{toxic.stream}"
            names.append(name)  # before it is there: a begin that is interrupted has to be healed, too
            body = {"name": name, "type": toxic.type, "stream": toxic.stream, "toxicity": 1.0}
            await self._server.ask("POST", f"/proxies/{self._name}/toxics", {**body, "attributes": toxic.attributes})
        await look_round()
        self._front.observe(step, command)
        self._behind.observe(step, command, behind=True)

    async def heal(self, step: int) -> None:
        """See `Engine.heal`."""
        if step in self._door:
            await self._door.heal(step)
            return
        for name in self._toxics.pop(step, []):
            await self._take_off(name)
        self._front.stop_observing(step)
        self._behind.stop_observing(step)

    async def close(self) -> None:
        """Take the proxy off the server, with all its connections.

        Raises:
            EngineFailed: it may still be there; only a server that is gone is none.
        """
        try:
            await self._door.close()
            if self._server.alive:
                self._server.on_end = lambda _: None
                await self._server.ask("DELETE", f"/proxies/{self._name}")
        finally:
            await self._behind.close()

    def _crashed(self, words: str) -> None:
        self._recorder.record(ComponentCrashed(component="toxiproxy", error=words))

    async def _enable(self, enabled: bool) -> None:
        await self._server.ask("POST", f"/proxies/{self._name}", {"enabled": enabled})

    async def _take_off(self, name: str) -> None:
        there = await self._server.ask("GET", f"/proxies/{self._name}")
        if any(toxic["name"] == name for toxic in there.get("toxics", [])):
            await self._server.ask("DELETE", f"/proxies/{self._name}/toxics/{name}")

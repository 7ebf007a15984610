"""Between mitmproxy's HTTP and its TLS: what leaves here in pieces goes in TLS records of their own.

mitmproxy can stream a body (`flow.response.stream`), but its callables are not awaited: who waits in one stops the
whole proxy. Its layers can wait: they ask for an alarm. `next_layer` is the hook to put one of one's own in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer

from harness.engines.mitm.drips import Drip, Outflow

LOOK_S = 0.05
"""An alarm cannot be taken back, so none is further away: a healing is to be noticed."""


class Drips:
    """Which answers are to drip, by their client."""

    def __init__(self) -> None:
        self._of: dict[str, list[Drip]] = {}

    def add(self, client: str, drip: Drip) -> None:
        """The next answer to this client drips so."""
        self._of.setdefault(client, []).append(drip)

    def take(self, client: str) -> list[Drip]:
        """How the answer drips that goes to this client now."""
        return self._of.pop(client, [])


class DripLayer(Layer):
    """Hands on what its child says, to the client as slowly as the drips want it."""

    def __init__(self, context: Context, child: Layer, drips: Drips) -> None:
        context.layers.remove(child)
        super().__init__(context)
        context.layers.append(child)
        self._child = child
        self._drips = drips
        self._outflow: Outflow | None = None
        self._held: list[commands.Command] = []
        """What may happen to the client's connection only once all is said."""

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        if isinstance(event, events.Wakeup) and isinstance(event.command, _Alarm):
            yield from self._pour()
            return
        if isinstance(event, events.ConnectionClosed) and event.connection == self.context.client and self._outflow:
            self._outflow.give_up()
            yield from self._finish()
        was_pouring = self._outflow is not None
        for command in self._child.handle_event(event):
            if not self._takes(command):
                yield command
        if self._outflow is not None and not was_pouring:
            yield from self._pour()

    def _takes(self, command: commands.Command) -> bool:
        """Whether a command waits; the first piece of an answer decides it for the whole of it."""
        if not isinstance(command, commands.ConnectionCommand) or command.connection != self.context.client:
            return False
        if self._outflow is None:
            drips = self._drips.take(self.context.client.id)
            if not drips:
                return False
            self._outflow = Outflow(drips)
        if isinstance(command, commands.SendData) and not self._held:
            self._outflow.add(command.data)
        else:
            self._held.append(command)
        return True

    def _pour(self) -> Iterator[commands.Command]:
        if self._outflow is None:
            return
        for piece in self._outflow.pieces(time.monotonic()):
            yield commands.SendData(self.context.client, piece)
        wait_s = self._outflow.wait_s(time.monotonic())
        if wait_s is None:
            yield from self._finish()
        else:
            yield _Alarm(min(wait_s, LOOK_S))

    def _finish(self) -> Iterator[commands.Command]:
        self._outflow = None
        held, self._held = self._held, []
        yield from held


class _Alarm(commands.RequestWakeup):
    """Ours, and none of the child's."""

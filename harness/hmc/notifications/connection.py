"""A conversation on a socket: bytes, heart-beats, and an end for clients that do not read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from harness.hmc.notifications.conversation import Conversation
from harness.hmc.notifications.frames import BadFrame, Frame, FrameReader
from harness.hmc.notifications.interference import Interference
from harness.hmc.notifications.messages import Notification

_LOG = logging.getLogger(__name__)

PILE_LIMIT_BYTES = 4 * 1024 * 1024
"""What may wait for a client that does not read; with more its connection is ended, and the client knows it."""

PATIENCE = 2.0
"""A client is taken for gone after so many of the cycles in which it promised to be heard: what ActiveMQ does."""


class Connection(asyncio.Protocol):
    """One client. It is one of `connections` while its connection lasts, which begins when TLS stands."""

    def __init__(
        self,
        conversation: Conversation,
        connections: set[Connection],
        interference: Interference,
        clock_factor: float = 1.0,
        logon_within_s: float | None = None,
    ) -> None:
        self._logon_within_s = logon_within_s
        self.name = conversation.name
        self._conversation = conversation
        self._connections = connections
        self._interference = interference
        self._clock_factor = clock_factor
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._heard_s = self._said_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The client has connected, and TLS stands."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a stream's protocol
        self._transport = transport
        self._connections.add(self)
        self._heard_s = _now()
        if self._logon_within_s is not None:
            self._later(self._wait_no_longer, self._logon_within_s)

    def silent_since_s(self) -> float | None:
        """Since when it is the client's turn to speak: who has logged on only listens."""
        return None if self._conversation.connected else self._heard_s

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's form; why does not matter
        """The client is gone."""
        for timer in self._timers:
            timer.cancel()
        self._transport = None
        self._connections.discard(self)
        for topic in self._conversation.topics:
            self._interference.subscribed(self, topic, present=False)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: parts of frames, frames, heart-beats."""
        self._heard_s = _now()
        if self._over():
            return
        try:
            for frame in self._reader.feed(data):
                self._answer(frame)
                if self._over():
                    break
        except BadFrame as error:
            self._send(self._conversation.error(str(error)))
        if self._over():
            self._hang_up()

    def deliver(self, topic: str, notification: Notification) -> None:
        """Send a notification to this client, if it listens to the topic."""
        if self._conversation.over:
            return
        frames = list(self._conversation.messages(topic, notification.headers, notification.body))
        self.send(self._interference.messages(self, frames))

    def send(self, frames: Iterable[Frame]) -> None:
        """Send these messages to the client as they are, if it is still there and still wants them.

        One that was held back may be of a subscription that has ended meanwhile.
        """
        for frame in frames:
            if self._conversation.has(frame.headers["subscription"]) and self._send(frame):
                self._interference.sent(self, frame)

    def listens_to(self, topic: str) -> bool:
        """Whether the client wants this topic."""
        return not self._conversation.over and self._conversation.listens_to(topic)

    def abort(self) -> None:
        """End the connection as a machine does that is switched off."""
        self._conversation.over = True
        if self._transport and not self._transport.is_closing():
            self._transport.abort()

    def _answer(self, frame: Frame) -> None:
        was_connected, topics = self._conversation.connected, self._conversation.topics
        if not was_connected and self._interference.refuses(self):
            self._send(self._conversation.error("The message broker takes no logons at this time."))
            return
        for answer in self._conversation.receive(frame):
            self._send(answer)
        if self._conversation.connected and not was_connected:
            self._begin_heartbeats()
        for topic in topics ^ self._conversation.topics:
            self._interference.subscribed(self, topic, present=topic not in topics)

    def _send(self, frame: Frame) -> bool:
        return self._write(frame.encode(self._conversation.version))

    def _write(self, data: bytes) -> bool:
        """Whether it is on its way."""
        if self._transport is None or self._transport.is_closing():
            return False
        if self._transport.get_write_buffer_size() > PILE_LIMIT_BYTES:
            _LOG.warning("a client does not read its notifications; its connection is ended")
            self.abort()
            return False
        self._transport.write(data)
        self._said_s = _now()
        return True

    def _over(self) -> bool:
        return self._conversation.over

    def _hang_up(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.close()

    # Heart-beats

    def _begin_heartbeats(self) -> None:
        self._heard_s = self._said_s = _now()
        if self._conversation.send_every_ms:
            self._later(self._beat, self._conversation.send_every_ms / 1000 / self._clock_factor / 2)
        if self._conversation.expect_every_ms:
            self._later(self._listen, PATIENCE * self._conversation.expect_every_ms / 1000 / self._clock_factor)

    def _later(self, what: Callable[[float], None], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_later(seconds, what, seconds))

    def _wait_no_longer(self, seconds: float) -> None:  # noqa: ARG002 - a timer's form
        if not self._conversation.connected:
            self._hang_up()

    def _beat(self, half_cycle_s: float) -> None:
        # Whatever we said counts as a heart-beat, too. Looking twice a cycle keeps us from being silent for more than
        # three quarters of one, whenever that was.
        if _now() - self._said_s >= half_cycle_s / 2 and not self._interference.swallows_heartbeat(self):
            self._write(b"\n")
        self._later(self._beat, half_cycle_s)

    def _listen(self, patience_s: float) -> None:
        if _now() - self._heard_s >= patience_s:
            _LOG.warning("a client has not sent the heart-beats that it promised; its connection is ended")
            self.abort()
        else:
            self._later(self._listen, patience_s)


def _now() -> float:
    return asyncio.get_running_loop().time()

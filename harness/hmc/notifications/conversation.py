"""One client's side of STOMP, decided without I/O: frames come in, frames to send go out.

    (new) --CONNECT or STOMP, good login--> (talking) --DISCONNECT--> (over)
      +-- anything else: ERROR, over         +-- what is refused: ERROR, over

Clients only listen: SEND and what belongs to it is refused. Messages need no acknowledgement (ack:auto), as all known
clients of an HMC have it. After an ERROR the server hangs up, as the protocol demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.hmc.notifications.access import Access
from harness.hmc.notifications.frames import Frame

VERSIONS = ("1.2", "1.1", "1.0")
SUBSCRIPTIONS_LIMIT = 1000
"""Of one connection; ours, to bound what a client can make us keep."""
TOPIC_PREFIX = "/topic/"
HEARTBEAT_LEAST_MS = 100
"""We promise no shorter cycle than this, whatever a client wishes for."""

_MEANT_FOR_SENDERS = frozenset({"SEND", "BEGIN", "COMMIT", "ABORT", "ACK", "NACK"})


@dataclass(slots=True)
class Conversation:
    """What has been agreed on with one client, and what it listens to."""

    access: Access
    name: str
    """Of the connection, in its CONNECTED frame."""
    version: str = "1.2"
    connected: bool = False
    over: bool = False
    """Nothing more is to be read; hang up once all is sent."""
    send_every_ms: int = 0
    """How often the client wants to hear from us at least; 0: it does not care."""
    expect_every_ms: int = 0
    """How often it will let us hear from it at least; 0: it has not promised."""
    _topics: dict[str, str] = field(default_factory=dict)
    """Topic by subscription id."""
    _sent: int = 0

    def receive(self, frame: Frame) -> Iterator[Frame]:
        """What to send in answer to a frame. `over` afterwards means: then hang up."""
        try:
            yield from self._answer(frame)
        except _Refused as refusal:
            yield self._end(str(refusal), frame, refusal.headers)
            return
        receipt = frame.headers.get("receipt")
        if receipt is not None and frame.command not in ("CONNECT", "STOMP"):
            yield Frame("RECEIPT", {"receipt-id": receipt})

    def error(self, text: str) -> Frame:
        """Say that the conversation cannot go on, whatever the client did."""
        return self._end(text, None, {})

    def messages(self, topic: str, headers: dict[str, str], body: bytes) -> Iterator[Frame]:
        """The frames that bring a notification on a topic to this client: one for each of its subscriptions."""
        for subscription, subscribed in self._topics.items():
            if subscribed == topic:
                yield self._message(subscription, topic, headers, body)

    def listens_to(self, topic: str) -> bool:
        """Whether the client has subscribed to it."""
        return topic in self._topics.values()

    def has(self, subscription: str) -> bool:
        """Whether there is a subscription with this id."""
        return subscription in self._topics

    @property
    def topics(self) -> frozenset[str]:
        """What the client listens to."""
        return frozenset(self._topics.values())

    def _message(self, subscription: str, topic: str, headers: dict[str, str], body: bytes) -> Frame:
        told = {
            "subscription": subscription,
            "message-id": f"ID:{self.name}:{self._sent}",
            "destination": f"{TOPIC_PREFIX}{topic}",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "session-sequence-nr": str(self._sent),
            **headers,
        }
        self._sent += 1
        return Frame("MESSAGE", told, body)

    def _answer(self, frame: Frame) -> Iterator[Frame]:
        if not self.connected:
            if frame.command not in ("CONNECT", "STOMP"):
                raise _Refused("The first frame has to be CONNECT or STOMP.")
            yield self._connect(frame)
        elif frame.command == "SUBSCRIBE":
            self._subscribe(frame)
        elif frame.command == "UNSUBSCRIBE":
            self._unsubscribe(frame)
        elif frame.command == "DISCONNECT":
            self.over = True
        elif frame.command in _MEANT_FOR_SENDERS:
            raise _Refused(f"{frame.command} is not allowed: clients of an HMC can only listen.")
        else:
            raise _Refused("The frame's command is unknown, or not expected now.")

    def _connect(self, frame: Frame) -> Frame:
        offered = frame.headers.get("accept-version", "1.0").split(",")
        common = [version for version in VERSIONS if version in offered]
        if not common:
            raise _Refused("None of the accept-version is supported.", {"version": ",".join(reversed(VERSIONS))})
        self.version = common[0]
        if not self.access.may_connect(frame.headers.get("login", ""), frame.headers.get("passcode", "")):
            raise _Refused("User name or password is invalid.")
        self._agree_on_heartbeats(frame.headers.get("heart-beat", "0,0"))
        self.connected = True
        beats = f"{self.send_every_ms},{self.expect_every_ms}"
        return Frame(
            "CONNECTED", {"version": self.version, "heart-beat": beats, "session": self.name, "server": "mock-HMC"}
        )

    def _agree_on_heartbeats(self, offer: str) -> None:
        parts = offer.split(",")
        if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
            raise _Refused("heart-beat has to be two numbers of milliseconds with a comma between.")
        can_send, wants = int(parts[0]), int(parts[1])
        self.expect_every_ms = max(can_send, HEARTBEAT_LEAST_MS) if can_send else 0
        self.send_every_ms = max(wants, HEARTBEAT_LEAST_MS) if wants else 0

    def _subscribe(self, frame: Frame) -> None:
        destination = frame.headers.get("destination", "")
        topic = destination.removeprefix(TOPIC_PREFIX)
        subscription = frame.headers.get("id", destination if self.version == "1.0" else None)
        if subscription is None:
            raise _Refused("SUBSCRIBE needs the header id.")
        if frame.headers.get("ack", "auto") != "auto":
            raise _Refused("Only ack:auto is supported.")
        if subscription in self._topics:
            raise _Refused("There is a subscription with this id already.")
        if len(self._topics) >= SUBSCRIPTIONS_LIMIT:
            raise _Refused(f"A connection can have {SUBSCRIPTIONS_LIMIT} subscriptions.")
        if topic == destination or not self.access.has_topic(topic):
            raise _Refused("There is no such topic, or it is not for this user.")
        self._topics[subscription] = topic

    def _unsubscribe(self, frame: Frame) -> None:
        subscription = frame.headers.get("id", frame.headers.get("destination") if self.version == "1.0" else None)
        if subscription is None or self._topics.pop(subscription, None) is None:
            raise _Refused("There is no subscription with this id.")

    def _end(self, text: str, frame: Frame | None, more: dict[str, str]) -> Frame:
        self.over = True
        headers = {"message": text, "content-type": "text/plain", "content-length": str(len(text.encode())), **more}
        if frame is not None and "receipt" in frame.headers:
            headers["receipt-id"] = frame.headers["receipt"]
        return Frame("ERROR", headers, text.encode())


class _Refused(Exception):
    def __init__(self, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.headers = headers or {}

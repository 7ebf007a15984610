"""What stands between the broker and those who listen to it: whoever wants to know what is sent, and what goes wrong.

    Conversation (what there is to send) -> Interference.messages (each disturbance, oldest first) -> the client

Laws:
1. Without a disturbance everything is sent as it is, at once.
2. A disturbance that ends lets go of what it holds; that passes those which are still there.
3. Numbers (session-sequence-nr) are given before: what a disturbance takes away leaves a gap that a client can see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.hmc.notifications.frames import Frame


class Subscriber(Protocol):
    """A client's connection."""

    name: str

    def send(self, frames: Iterable[Frame]) -> None:
        """Send these, if it is still there."""
        ...


class Watcher(Protocol):
    """Is told what passes. What it raises is a crash of whoever caused it; it must not wait."""

    def on_subscription(self, subscriber: str, topic: str, present: bool) -> None:
        """A client listens to a topic, or no longer does."""
        ...

    def on_message(self, subscriber: str, frame: Frame) -> None:
        """A message was written to a client."""
        ...


class Disturbance:
    """Something that goes wrong between the broker and its clients; by itself it does nothing."""

    def refuses(self, subscriber: Subscriber) -> bool:  # noqa: ARG002 - what the ones below decide by
        """Whether who logs on now is refused."""
        return False

    def messages(self, subscriber: Subscriber, frames: Sequence[Frame]) -> Sequence[Frame]:  # noqa: ARG002 - as above
        """What is sent to a client instead of these messages."""
        return frames

    def swallows_heartbeat(self, subscriber: Subscriber) -> bool:  # noqa: ARG002 - as above
        """Whether a heart-beat that is due is not sent."""
        return False

    def release(self) -> Sequence[tuple[Subscriber, Sequence[Frame]]]:
        """It ends: what goes on now."""
        return ()


class Interference:
    """The disturbances in force, by the step that began each, and the one who watches."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self._disturbances: dict[int, Disturbance] = {}

    def begin(self, step: int, disturbance: Disturbance) -> None:
        """From now on this goes wrong."""
        self._disturbances[step] = disturbance

    def end(self, step: int) -> None:
        """It no longer does. What never began ends without a word."""
        disturbance = self._disturbances.pop(step, None)
        for subscriber, frames in disturbance.release() if disturbance else ():
            subscriber.send(self.messages(subscriber, frames))

    def refuses(self, subscriber: Subscriber) -> bool:
        """Whether who logs on now is refused."""
        answers = [disturbance.refuses(subscriber) for disturbance in self._disturbances.values()]
        return any(answers)  # each was asked: each that refuses has met somebody

    def messages(self, subscriber: Subscriber, frames: Sequence[Frame]) -> Sequence[Frame]:
        """What is sent to a client instead of these messages."""
        for disturbance in self._disturbances.values():
            frames = disturbance.messages(subscriber, frames) if frames else frames
        return frames

    def swallows_heartbeat(self, subscriber: Subscriber) -> bool:
        """Whether a heart-beat that is due is not sent."""
        answers = [disturbance.swallows_heartbeat(subscriber) for disturbance in self._disturbances.values()]
        return any(answers)  # as above

    def subscribed(self, subscriber: Subscriber, topic: str, present: bool) -> None:
        """A client listens to a topic, or no longer does."""
        if self.watcher:
            self.watcher.on_subscription(subscriber.name, topic, present)

    def sent(self, subscriber: Subscriber, frame: Frame) -> None:
        """A message was written to a client."""
        if self.watcher:
            self.watcher.on_message(subscriber.name, frame)

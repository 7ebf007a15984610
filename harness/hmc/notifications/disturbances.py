"""What may go wrong with notifications, one class each; `met` is told of each message, logon or heart-beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.hmc.notifications.frames import Frame
from harness.hmc.notifications.interference import Disturbance, Subscriber

Met = Callable[[str], None]


def described(frame: Frame) -> str:
    """A message in a few words: its type, what it is about, and its number."""
    headers = frame.headers
    about = headers.get("name") or headers.get("object-uri") or headers.get("job-uri") or "the HMC"
    return f"{headers.get('notification-type', 'message')} of {about} (#{headers.get('session-sequence-nr')})"


@dataclass(slots=True)
class Refusal(Disturbance):
    """Who logs on is refused."""

    met: Met

    def refuses(self, subscriber: Subscriber) -> bool:
        """Always."""
        self.met(f"refused the logon of {subscriber.name}")
        return True


@dataclass(slots=True)
class Silence(Disturbance):
    """No message is sent; with `kept` they are sent in the end."""

    met: Met
    kept: bool
    _kept: list[tuple[Subscriber, Frame]] = field(default_factory=list)

    def messages(self, subscriber: Subscriber, frames: Sequence[Frame]) -> Sequence[Frame]:
        """Nothing."""
        for frame in frames:
            self.met(f"withheld {described(frame)} from {subscriber.name}")
            if self.kept:
                self._kept.append((subscriber, frame))
        return ()

    def release(self) -> Sequence[tuple[Subscriber, Sequence[Frame]]]:
        """All that was kept, in order."""
        return [(subscriber, [frame]) for subscriber, frame in self._kept]


@dataclass(slots=True)
class Repetition(Disturbance):
    """Each message is sent several times."""

    met: Met
    times: int

    def messages(self, subscriber: Subscriber, frames: Sequence[Frame]) -> Sequence[Frame]:
        """Each one so many times."""
        for frame in frames:
            self.met(f"sent {self.times} times: {described(frame)} to {subscriber.name}")
        return [frame for frame in frames for _ in range(self.times)]


@dataclass(slots=True)
class Swap(Disturbance):
    """Of each two messages to one client the second one is sent first."""

    met: Met
    _waiting: dict[Subscriber, Frame] = field(default_factory=dict)

    def messages(self, subscriber: Subscriber, frames: Sequence[Frame]) -> Sequence[Frame]:
        """Nothing for the first of two, and both for the second."""
        passed: list[Frame] = []
        for frame in frames:
            first = self._waiting.pop(subscriber, None)
            if first is None:
                self._waiting[subscriber] = frame
                continue
            self.met(f"sent {described(frame)} before {described(first)} to {subscriber.name}")
            passed += [frame, first]
        return passed

    def release(self) -> Sequence[tuple[Subscriber, Sequence[Frame]]]:
        """The ones that still waited for a second."""
        return [(subscriber, [frame]) for subscriber, frame in self._waiting.items()]


@dataclass(slots=True)
class Lifeless(Disturbance):
    """No heart-beat is sent."""

    met: Met

    def swallows_heartbeat(self, subscriber: Subscriber) -> bool:
        """Always."""
        self.met(f"sent no heart-beat to {subscriber.name}")
        return True

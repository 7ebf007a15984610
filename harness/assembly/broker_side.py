"""The mock HMC's message broker and the history: what it sends becomes events, and its faults are carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from harness.core.commands import (
    Command,
    RefuseListeners,
    RepeatNotifications,
    StallHeartbeats,
    SwapNotifications,
    WithholdNotifications,
)
from harness.core.events import NotificationSent, SubscriptionChanged, Touched
from harness.core.interfaces import Recorder
from harness.errors import EngineFailed
from harness.hmc.notifications.disturbances import Lifeless, Met, Refusal, Repetition, Silence, Swap
from harness.hmc.notifications.frames import Frame
from harness.hmc.notifications.interference import Disturbance, Interference


@dataclass(frozen=True, slots=True)
class BrokerWitness:
    """Watches the broker. A topic's name begins with the HMC user whose session it is of, which tells whose it is."""

    recorder: Recorder
    programs: Mapping[str, str]
    """Program by HMC user."""

    def on_subscription(self, subscriber: str, topic: str, present: bool) -> None:
        """A client listens to a topic, or no longer does."""
        who = self._who(topic)
        self.recorder.record(SubscriptionChanged(who=who, listener=subscriber, topic=topic, present=present))

    def on_message(self, subscriber: str, frame: Frame) -> None:
        """A message was written to a client."""
        headers = frame.headers
        topic = headers["destination"].removeprefix("/topic/")
        self.recorder.record(
            NotificationSent(
                who=self._who(topic),
                listener=subscriber,
                topic=topic,
                kind=headers["notification-type"],
                about=headers.get("name") or headers.get("object-uri") or headers.get("job-uri") or "",
                number=int(headers["session-sequence-nr"]),
            )
        )

    def _who(self, topic: str) -> str:
        return self.programs.get(topic.rpartition(".")[0], "")


@dataclass(frozen=True, slots=True)
class BrokerEngine:
    """Carries out faults that need to see the frames between the broker and its clients."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({
        RefuseListeners, WithholdNotifications, RepeatNotifications, SwapNotifications, StallHeartbeats,
    })  # fmt: skip

    interference: Interference
    recorder: Recorder

    async def begin(self, step: int, command: Command) -> None:
        """See `Engine.begin`."""
        self.interference.begin(step, self._disturbance(step, command))

    async def heal(self, step: int) -> None:
        """See `Engine.heal`."""
        self.interference.end(step)

    def _disturbance(self, step: int, command: Command) -> Disturbance:
        met = self._met(step)
        match command:
            case RefuseListeners():
                return Refusal(met)
            case WithholdNotifications(kept=kept):
                return Silence(met, kept)
            case RepeatNotifications(times=times):
                return Repetition(met, times)
            case SwapNotifications():
                return Swap(met)
            case StallHeartbeats():
                return Lifeless(met)
        raise EngineFailed(f"broker: step {step}: {type(command).__name__} is not for this engine")

    def _met(self, step: int) -> Met:
        return lambda what: self.recorder.record(Touched(step=step, what=what))

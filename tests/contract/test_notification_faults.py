"""Faults of notifications on the wire: raw STOMP clients before a mock HMC whose broker is under an engine's command.

Each fault bites with its witness, heals, and proves nothing where it meets nobody.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.assembly.broker_side import BrokerEngine, BrokerWitness
from harness.core.commands import (
    Command,
    Hang,
    RefuseListeners,
    RepeatNotifications,
    StallHeartbeats,
    SwapNotifications,
    WithholdNotifications,
)
from harness.core.events import (
    Event,
    NotificationSent,
    StepBegan,
    StepHealed,
    SubscriptionChanged,
    TimelineBegan,
    WatchEnded,
)
from harness.core.history import History
from harness.core.verdict import Expectation, Finding, Outcome, judge
from harness.errors import EngineFailed
from harness.hmc import HmcSettings
from harness.hmc.notifications import STOMP_PORT
from harness.hmc.notifications.frames import Frame, FrameReader
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until
from tests.contract.relay_world import ListRecorder

pytestmark = pytest.mark.contract

STEP = 1
BITES: list[Command] = [
    WithholdNotifications(kept=False),
    WithholdNotifications(kept=True),
    RepeatNotifications(times=3),
    SwapNotifications(),
]
"""What befalls messages."""
ALL: list[Command] = [*BITES, RefuseListeners(), StallHeartbeats()]


class Alive:
    """A check that is content."""

    def judge(self, history: History) -> Finding:
        return Finding("alive", Outcome.PASS, "alive")

    def watch_until(self, history: History) -> float:
        return 0.0


@dataclass
class Scene:
    """An HMC whose broker is watched, a session with its topic, and the engine."""

    world: World
    topic: str
    recorder: ListRecorder
    engine: BrokerEngine

    def begin(self, command: Command, step: int = STEP) -> None:
        self.world.wait(self.engine.begin(step, command))

    def heal(self, step: int = STEP) -> None:
        self.world.wait(self.engine.heal(step))

    def change(self, *statuses: str) -> None:
        for status in statuses:
            self.world.do(
                lambda status=status: self.world.hmc.by_hand(  # type: ignore[misc] # bound to what it is now
                    lambda console: console.model.set_partition_status("part-1", status)
                )
            )

    def touches(self, step: int = STEP) -> list[str]:
        return [event.what for event in self.recorder.touches(step)]

    def events(self, kind: type[Event]) -> list[Event]:
        return list(self.recorder.all(kind))

    def outcome(self) -> Outcome:
        """The verdict on a trial in which this was all that happened."""
        began = StepBegan(step=STEP, what="it", engine="broker", fault=True, due=0.0)
        seen = [event for _, event in self.recorder.events]
        story = [TimelineBegan(), began, *seen, StepHealed(step=STEP, due=0.0), WatchEnded(reason="over")]
        return judge([Expectation("alive", Alive())], History.of(story), needs_witness=[STEP]).outcome


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with hmc_world(tmp_path) as world:
        session, recorder = world.session(), ListRecorder()
        session.logon()
        between = world.hmc.notifications.interference
        between.watcher = BrokerWitness(recorder, {USER: "agent"})
        yield Scene(world, session.object_topic, recorder, BrokerEngine(between, recorder))
        session.logoff()


@dataclass
class Client:
    """A raw STOMP client. Every wait has a deadline."""

    tls: ssl.SSLSocket
    reader: FrameReader = field(default_factory=FrameReader)
    frames: list[Frame] = field(default_factory=list)
    beats: int = 0

    def send(self, command: str, *headers: str) -> None:
        self.tls.sendall("\n".join([command, *headers, "", "\0"]).encode())

    def take(self) -> Frame:
        """The next frame; heart-beats between frames are counted."""
        while not self.frames:
            data = self.tls.recv(65536)
            assert data, "the broker hung up"
            if not data.strip(b"\n"):
                self.beats += len(data)
            self.frames += self.reader.feed(data)
        return self.frames.pop(0)

    def receipt(self) -> Frame:
        """What comes before the answer to a question of ours: nothing else can be on its way then."""
        self.send("SUBSCRIBE", "id:probe", f"destination:{self.probe}", "receipt:r")
        first = self.take()
        self.send("UNSUBSCRIBE", "id:probe")
        return first

    probe: str = ""

    def statuses(self, count: int) -> list[tuple[str, str]]:
        """Number and new status of so many messages."""
        messages = [self.take() for _ in range(count)]
        return [(frame.headers["session-sequence-nr"], frame.body.decode().split('"')[-2]) for frame in messages]


@contextmanager
def client(scene: Scene, heart_beat: str = "0,0") -> Iterator[Client]:
    context = ssl.create_default_context(cafile=scene.world.ca_file)
    raw = socket.create_connection((scene.world.host, STOMP_PORT), timeout=10)
    with context.wrap_socket(raw, server_hostname=scene.world.host) as tls:
        made = Client(tls, probe=f"/topic/{scene.topic}job")
        made.send("CONNECT", "accept-version:1.1", f"login:{USER}", f"passcode:{PASSWORD}", f"heart-beat:{heart_beat}")
        yield made


@contextmanager
def listener(scene: Scene, heart_beat: str = "0,0") -> Iterator[Client]:
    with client(scene, heart_beat) as made:
        assert made.take().command == "CONNECTED"
        made.send("SUBSCRIBE", "id:1", f"destination:/topic/{scene.topic}", "receipt:sub")
        assert made.take().headers["receipt-id"] == "sub"
        yield made


def test_what_passes_is_recorded_with_whose_it_is(scene: Scene) -> None:
    with listener(scene) as c:
        scene.change("stopped")
        assert c.statuses(1) == [("0", "stopped")]
    until(lambda: len(scene.events(SubscriptionChanged)) == 2)
    came, went = scene.recorder.all(SubscriptionChanged)
    assert (came.who, came.topic, came.present, went.present) == ("agent", scene.topic, True, False)
    [sent] = scene.recorder.all(NotificationSent)
    assert (sent.who, sent.kind, sent.about, sent.number) == ("agent", "status-change", "part-1", 0)
    assert sent.listener == came.listener == went.listener


def test_silence_loses_messages_and_leaves_a_gap_in_their_numbers(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(WithholdNotifications(kept=False))
        scene.change("stopped", "degraded")
        assert c.receipt().command == "RECEIPT"
        scene.heal()
        scene.change("active")
        assert c.statuses(1) == [("2", "active")]
    assert scene.touches() == [f"withheld status-change of part-1 (#{n}) from mock-HMC-1" for n in (0, 1)]
    assert [event.number for event in scene.recorder.all(NotificationSent)] == [2]
    assert scene.outcome() is Outcome.PASS


def test_silence_that_keeps_sends_all_of_it_in_order_when_it_heals(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(WithholdNotifications(kept=True))
        scene.change("stopped", "degraded")
        assert c.receipt().command == "RECEIPT"
        scene.heal()
        scene.change("active")
        assert c.statuses(3) == [("0", "stopped"), ("1", "degraded"), ("2", "active")]


def test_what_was_kept_for_a_subscription_that_has_ended_is_not_sent(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(WithholdNotifications(kept=True))
        scene.change("stopped")
        c.send("UNSUBSCRIBE", "id:1", "receipt:bye")
        assert c.take().headers["receipt-id"] == "bye"
        scene.heal()
        assert c.receipt().command == "RECEIPT"


def test_a_repeated_message_is_the_same_frame_each_time(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(RepeatNotifications(times=3))
        scene.change("stopped")
        frames = [c.take() for _ in range(3)]
        assert frames[0] == frames[1] == frames[2]
        scene.heal()
        scene.change("active")
        assert c.statuses(1) == [("1", "active")]
    assert scene.outcome() is Outcome.PASS


def test_swapped_messages_keep_their_numbers_and_the_last_one_comes_with_the_healing(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(SwapNotifications())
        scene.change("stopped", "degraded", "paused")
        assert c.statuses(2) == [("1", "degraded"), ("0", "stopped")]
        assert c.receipt().command == "RECEIPT"
        scene.heal()
        scene.change("active")
        assert c.statuses(2) == [("2", "paused"), ("3", "active")]
    assert len(scene.touches()) == 1
    assert scene.outcome() is Outcome.PASS


def test_one_message_alone_is_not_swapped_so_nothing_is_proved(scene: Scene) -> None:
    with listener(scene) as c:
        scene.begin(SwapNotifications())
        scene.change("stopped")
        scene.heal()
        assert c.statuses(1) == [("0", "stopped")]
    assert scene.outcome() is Outcome.UNKNOWN


def test_who_logs_on_is_refused_in_words_and_who_is_there_stays(scene: Scene) -> None:
    with listener(scene) as there:
        scene.begin(RefuseListeners())
        with client(scene) as refused:
            error = refused.take()
            assert (error.command, error.headers["message"]) == (
                "ERROR",
                "The message broker takes no logons at this time.",
            )
            assert refused.tls.recv(1) == b"", "and is hung up on"
        scene.change("stopped")
        assert there.statuses(1) == [("0", "stopped")]
        scene.heal()
        with listener(scene):
            pass
    assert scene.touches() == ["refused the logon of mock-HMC-2"]
    assert scene.outcome() is Outcome.PASS


def test_heartbeats_stop_messages_do_not_and_healing_starts_the_heart_again(scene: Scene) -> None:
    with listener(scene, "0,100") as c:
        beats_until(c, 2)
        scene.begin(StallHeartbeats())
        until(lambda: len(scene.touches()) > 4)
        scene.change("stopped")
        assert c.statuses(1) == [("0", "stopped")]
        seen = c.beats
        until(lambda: len(scene.touches()) > 8)
        scene.heal()
        beats_until(c, seen + 1)
    assert set(scene.touches()) == {"sent no heart-beat to mock-HMC-1"}
    assert scene.outcome() is Outcome.PASS


def beats_until(c: Client, count: int) -> None:
    while c.beats < count:
        data = c.tls.recv(65536)
        assert data
        assert not data.strip(b"\n")
        c.beats += len(data)


@pytest.mark.parametrize("cycle_ms", [100, 400])
def test_the_broker_is_never_silent_for_longer_than_it_promised_also_after_a_message(
    scene: Scene, cycle_ms: int
) -> None:
    """It looked once a cycle: a message in the middle of one made it silent for one and a half."""
    with listener(scene, f"0,{cycle_ms}") as c:
        beats_until(c, 1)
        last = time.monotonic()
        gaps: list[float] = []
        for turn in range(12):
            if turn % 2:
                scene.change(("stopped", "active")[turn // 2 % 2])
            c.tls.recv(65536)
            now = time.monotonic()
            gaps.append(now - last)
            last = now
        # The median, for the machine's sake; each second gap used to be one and a half cycles.
        assert sorted(gaps)[len(gaps) * 3 // 4] < cycle_ms / 1000


@pytest.mark.parametrize("command", ALL, ids=str)
def test_where_nobody_listens_nothing_is_proved(scene: Scene, command: Command) -> None:
    scene.begin(command)
    scene.change("stopped", "active")
    scene.heal()
    assert scene.touches() == []
    assert scene.outcome() is Outcome.UNKNOWN


@pytest.mark.parametrize("command", ALL, ids=str)
def test_where_somebody_listens_and_nothing_is_told_nothing_is_proved(scene: Scene, command: Command) -> None:
    with listener(scene) as c:
        scene.begin(command)
        assert c.receipt().command == "RECEIPT"
        scene.heal()
    assert scene.touches() == []
    assert scene.outcome() is Outcome.UNKNOWN


@pytest.mark.parametrize("command", BITES, ids=str)
def test_a_client_that_is_gone_by_the_healing_is_no_matter(scene: Scene, command: Command) -> None:
    with listener(scene):
        scene.begin(command)
        scene.change("stopped")
    until(lambda: scene.world.do(lambda: scene.world.hmc.notifications.connections) == 0)
    scene.heal()
    with listener(scene) as c:
        scene.change("active")
        assert c.statuses(1) == [("0", "active")]


def test_the_engine_refuses_what_is_not_its_own_and_has_an_example_of_each(scene: Scene) -> None:
    with pytest.raises(EngineFailed, match="broker: step 1: Hang is not for this engine"):
        scene.begin(Hang())
    scene.heal(7)
    assert kinds(ALL) == BrokerEngine.CARRIES


def kinds(commands: Sequence[Command]) -> set[type[Command]]:
    return {type(command) for command in commands}


def test_heartbeats_are_in_the_clients_seconds_where_its_clock_is_fast(tmp_path: Path) -> None:
    settings = HmcSettings(users={USER: PASSWORD}, clock_factor=5.0)
    with hmc_world(tmp_path, settings=settings) as world:
        recorder = ListRecorder()
        fast = Scene(world, "", recorder, BrokerEngine(world.hmc.notifications.interference, recorder))
        with client(fast, "0,1000") as c:
            connected = c.take()
            assert connected.headers["heart-beat"] == "1000,0", "what was agreed on is in the client's words"
            beats_until(c, 1)
            began = time.monotonic()
            beats_until(c, c.beats + 5)
            assert time.monotonic() - began < 5 * 0.2 + 0.1, "five of the client's seconds, and the machine's share"

"""What may go wrong between the broker and its clients: what each disturbance sends, tells and lets go of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from harness.hmc.notifications.disturbances import Lifeless, Refusal, Repetition, Silence, Swap, described
from harness.hmc.notifications.frames import Frame
from harness.hmc.notifications.interference import Disturbance, Interference


@dataclass(eq=False)
class Client:
    """A connection that keeps what is sent to it."""

    name: str = "c"
    got: list[Frame] = field(default_factory=list)

    def send(self, frames: Iterable[Frame]) -> None:
        self.got += frames


def message(number: int) -> Frame:
    headers = {"notification-type": "status-change", "name": "part-1", "session-sequence-nr": str(number)}
    return Frame("MESSAGE", headers)


M = [message(number) for number in range(6)]


@dataclass
class Scene:
    """An interference with a disturbance of step 1, and all that it told."""

    make: Callable[[Callable[[str], None]], Disturbance]
    told: list[str] = field(default_factory=list)
    between: Interference = field(default_factory=Interference)

    def __post_init__(self) -> None:
        self.between.begin(1, self.make(self.told.append))


def tell(between: Interference, client: Client, *frames: Frame) -> None:
    """One message after the other, as the broker does."""
    for frame in frames:
        client.send(between.messages(client, [frame]))


def test_without_a_disturbance_all_goes_on_as_it_is() -> None:
    between, client = Interference(), Client()
    tell(between, client, *M)
    assert client.got == M
    assert not between.refuses(client)
    assert not between.swallows_heartbeat(client)
    between.end(1)


def test_what_is_withheld_is_lost_and_each_message_is_told() -> None:
    scene, client = Scene(lambda met: Silence(met, kept=False)), Client()
    tell(scene.between, client, M[0], M[1])
    assert scene.told == [f"withheld status-change of part-1 (#{n}) from c" for n in (0, 1)]
    scene.between.end(1)
    tell(scene.between, client, M[2])
    assert client.got == [M[2]]


def test_what_is_withheld_and_kept_comes_in_order_when_it_ends() -> None:
    scene, client, other = Scene(lambda met: Silence(met, kept=True)), Client(), Client("d")
    tell(scene.between, client, M[0])
    tell(scene.between, other, M[1])
    tell(scene.between, client, M[2])
    assert (client.got, other.got) == ([], [])
    scene.between.end(1)
    assert (client.got, other.got) == ([M[0], M[2]], [M[1]])


@pytest.mark.parametrize("times", [2, 3])
def test_each_message_comes_so_many_times_with_one_number(times: int) -> None:
    scene, client = Scene(lambda met: Repetition(met, times)), Client()
    tell(scene.between, client, M[0], M[1])
    assert client.got == [M[0]] * times + [M[1]] * times
    assert scene.told[0] == f"sent {times} times: status-change of part-1 (#0) to c"
    scene.between.end(1)
    assert len(client.got) == 2 * times


def test_the_second_of_two_messages_to_a_client_comes_first() -> None:
    scene, client, other = Scene(Swap), Client(), Client("d")
    tell(scene.between, client, M[0])
    tell(scene.between, other, M[1])
    assert scene.told == []
    tell(scene.between, client, M[2])
    assert client.got == [M[2], M[0]]
    assert scene.told == ["sent status-change of part-1 (#2) before status-change of part-1 (#0) to c"]
    assert other.got == []
    scene.between.end(1)
    assert other.got == [M[1]]
    assert len(scene.told) == 1, "a message that only waited was not swapped: no witness"


def test_messages_that_come_together_are_swapped_in_pairs() -> None:
    scene, client = Scene(Swap), Client()
    client.send(scene.between.messages(client, M[:5]))
    assert client.got == [M[1], M[0], M[3], M[2]]
    scene.between.end(1)
    assert client.got[-1] == M[4]


def test_logons_and_heartbeats_are_kept_back_and_told() -> None:
    refusing, lifeless, client = Scene(Refusal), Scene(Lifeless), Client()
    assert refusing.between.refuses(client)
    assert not refusing.between.swallows_heartbeat(client)
    assert lifeless.between.swallows_heartbeat(client)
    assert not lifeless.between.refuses(client)
    assert (refusing.told, lifeless.told) == (["refused the logon of c"], ["sent no heart-beat to c"])
    for scene in (refusing, lifeless):
        scene.between.end(1)
        assert not scene.between.refuses(client)
        assert not scene.between.swallows_heartbeat(client)
        tell(scene.between, client, M[0])
    assert client.got == [M[0], M[0]]


def test_of_two_that_refuse_each_has_its_witness() -> None:
    scene, told = Scene(Refusal), list[str]()
    scene.between.begin(2, Refusal(told.append))
    assert scene.between.refuses(Client())
    assert scene.told == told == ["refused the logon of c"]


def test_what_one_lets_go_of_passes_those_that_are_still_there() -> None:
    scene, client, told = Scene(lambda met: Silence(met, kept=True)), Client(), list[str]()
    scene.between.begin(2, Repetition(told.append, 2))
    tell(scene.between, client, M[0])
    assert told == [], "nothing passed, so nothing was repeated"
    scene.between.end(1)
    assert client.got == [M[0], M[0]]
    assert len(told) == 1


def test_a_message_is_described_by_what_it_has() -> None:
    assert described(M[3]) == "status-change of part-1 (#3)"
    job = Frame(
        "MESSAGE", {"notification-type": "job-completion", "job-uri": "/api/jobs/1", "session-sequence-nr": "0"}
    )
    assert described(job) == "job-completion of /api/jobs/1 (#0)"
    log = Frame("MESSAGE", {"notification-type": "log-entry", "object-uri": "/api/console", "session-sequence-nr": "1"})
    assert described(log) == "log-entry of /api/console (#1)"

"""What becomes a toxic, and what Toxiproxy cannot do. No server."""

from __future__ import annotations

import pytest

from harness.core.commands import (
    Channel,
    Command,
    Cut,
    CutConnection,
    Delay,
    Direction,
    Existing,
    Flap,
    Hang,
    RefuseConnections,
    Throttle,
)
from harness.engines.toxiproxy_toxics import CARRIES, FOR_EVER_MS, Toxic, cannot, toxics

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
UP, DOWN = "upstream", "downstream"
FORMS: list[tuple[Command, tuple[Toxic, ...]]] = [
    (RefuseConnections(existing=Existing.CLOSE), ()),
    (Flap(down_s=1, up_s=1, existing=Existing.CLOSE), ()),
    (Hang(), (Toxic("latency", UP, {"latency": FOR_EVER_MS}), Toxic("latency", DOWN, {"latency": FOR_EVER_MS}))),
    (Delay(direction=REQUEST, delay_s=0.3), (Toxic("latency", UP, {"latency": 300, "jitter": 0}),)),
    (
        Throttle(direction=RESPONSE, bytes_per_s=20, chunk_bytes=1),
        (Toxic("slicer", DOWN, {"average_size": 1, "size_variation": 0, "delay": 50_000}),),
    ),
    (Throttle(direction=REQUEST, bytes_per_s=9e3, chunk_bytes=1448), (Toxic("bandwidth", UP, {"rate": 9}),)),
    (CutConnection(how=Cut.RST, direction=RESPONSE), (Toxic("reset_peer", DOWN, {"timeout": 0}),)),
    (CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=7), (Toxic("limit_data", DOWN, {"bytes": 7}),)),
]


@pytest.mark.parametrize(("command", "wanted"), FORMS, ids=lambda item: type(item).__name__)
def test_each_command_becomes_its_toxics(command: Command, wanted: tuple[Toxic, ...]) -> None:
    assert cannot(command) is None
    assert toxics(command) == wanted


def test_there_is_a_form_of_each_kind() -> None:
    assert {type(command) for command, _ in FORMS} == CARRIES


def test_jitter_is_the_servers_to_draw() -> None:
    """The relay draws it from the seed: see `Schedule`."""
    [toxic] = toxics(Delay(direction=RESPONSE, delay_s=0.3, jitter_s=0.1))
    assert toxic.attributes == {"latency": 300, "jitter": 100}


def test_durations_are_the_agents_and_the_servers_are_the_walls() -> None:
    [late] = toxics(Delay(direction=RESPONSE, delay_s=3, jitter_s=1), speed=10)
    assert late.attributes == {"latency": 300, "jitter": 100}
    [slow] = toxics(Throttle(direction=RESPONSE, bytes_per_s=20, chunk_bytes=1), speed=10)
    assert slow.attributes["delay"] == 5_000
    [narrow] = toxics(Throttle(direction=RESPONSE, bytes_per_s=1000, chunk_bytes=1448), speed=10)
    assert narrow.attributes["rate"] == 10


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Hang(channel=Channel.NOTIFICATIONS), "before the port of the API only; use the relay"),
        (Hang(channel=Channel.BOTH), "before the port of the API only; use the relay"),
        (Hang(connection=1), "cannot be aimed at one; use the relay"),
        (Delay(direction=RESPONSE, delay_s=0.3, connection=2), "cannot be aimed at one; use the relay"),
        (RefuseConnections(), "cannot reset them; write existing: close, or use the relay"),
        (RefuseConnections(existing=Existing.KEEP), "cannot keep them; write existing: close"),
        (Flap(down_s=1, up_s=1), "cannot reset them; write existing: close, or use the relay"),
        (Delay(direction=RESPONSE, delay_s=0.0005), "whole milliseconds; use the relay"),
        (Throttle(direction=RESPONSE, bytes_per_s=501, chunk_bytes=1), "drips 500B/s at most; use the relay"),
        (Throttle(direction=RESPONSE, bytes_per_s=1500, chunk_bytes=1448), "whole kB/s; use the relay"),
        (Throttle(direction=RESPONSE, bytes_per_s=500, chunk_bytes=1448), "whole kB/s; use the relay"),
        (CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=1), "before the first byte only"),
    ],
)
def test_what_toxiproxy_cannot_do_is_told_with_what_to_do(command: Command, words: str) -> None:
    assert words in str(cannot(command))

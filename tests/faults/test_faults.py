"""Each fault and change yields its command, refuses settings that make no sense, and has its line in the registry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import harness.faults
from harness.core import commands
from harness.core.commands import Command, Cut, Direction, Existing
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.core.vocabulary import Action
from harness.faults import CHANGES, FAULTS
from harness.faults.accept_and_close import AcceptAndClose
from harness.faults.add_nic import AddNic
from harness.faults.bandwidth import PACKET_BYTES, Bandwidth
from harness.faults.blackhole import Blackhole
from harness.faults.bus_stopped import BusStopped
from harness.faults.dead_address import DeadAddress
from harness.faults.drip import Drip
from harness.faults.drop import Drop
from harness.faults.duplicated_notifications import DuplicatedNotifications
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.flapping import Flapping
from harness.faults.forget_jobs import ForgetJobs
from harness.faults.handshake_cut import HandshakeCut
from harness.faults.handshake_stall import HandshakeStall
from harness.faults.hang import Hang
from harness.faults.http_error import HttpError
from harness.faults.latency import Latency
from harness.faults.log_entry import LogEntry
from harness.faults.malformed_json import MalformedJson
from harness.faults.notifications_refused import NotificationsRefused
from harness.faults.partition_status import PartitionStatus
from harness.faults.refuse_after import RefuseAfter
from harness.faults.refuse_connections import RefuseConnections
from harness.faults.remove_nic import RemoveNic
from harness.faults.reordered_notifications import ReorderedNotifications
from harness.faults.reset import Reset
from harness.faults.server_stopped import ServerStopped
from harness.faults.silent_notifications import SilentNotifications
from harness.faults.slow_first_byte import SlowFirstByte
from harness.faults.slow_name import SlowName
from harness.faults.slow_requests import SlowRequests
from harness.faults.stale_connections import StaleConnections
from harness.faults.stall import Stall
from harness.faults.stalled_heartbeats import StalledHeartbeats
from harness.faults.stuck_job import StuckJob
from harness.faults.unresolved_name import UnresolvedName
from harness.faults.wrong_content_type import WrongContentType
from tests.faults import http_examples

CPCS = RequestPattern.parse("GET /api/cpcs/*")
MAC = "fa:16:3e:00:00:03"
UP, DOWN = Direction.REQUEST, Direction.RESPONSE

YIELDS: list[tuple[Action, Command]] = [
    (RefuseConnections(), commands.RefuseConnections(existing=Existing.RESET)),
    (RefuseConnections(existing=Existing.KEEP), commands.RefuseConnections(existing=Existing.KEEP)),
    (RefuseAfter(connections=2), commands.RefuseAfter(connections=2)),
    (Flapping(down=1.0, up=2.0), commands.Flap(down_s=1.0, up_s=2.0, existing=Existing.RESET)),
    (
        Flapping(down=1.0, up=2.0, existing=Existing.KEEP),
        commands.Flap(down_s=1.0, up_s=2.0, existing=Existing.KEEP),
    ),
    (Blackhole(), commands.Blackhole()),
    (AcceptAndClose(), commands.CloseOnAccept(how=Cut.FIN)),
    (AcceptAndClose(how=Cut.RST), commands.CloseOnAccept(how=Cut.RST)),
    (HandshakeStall(), commands.StallHandshake(direction=DOWN, after_bytes=0)),
    (HandshakeStall(direction=UP, after=9), commands.StallHandshake(direction=UP, after_bytes=9)),
    (HandshakeCut(), commands.CutHandshake(how=Cut.RST, direction=DOWN, after_bytes=0)),
    (
        HandshakeCut(how=Cut.FIN, direction=UP, after=9),
        commands.CutHandshake(how=Cut.FIN, direction=UP, after_bytes=9),
    ),
    (Hang(), commands.Hang()),
    (Stall(), commands.Stall(direction=DOWN, after_bytes=0)),
    (Stall(direction=UP, after=9), commands.Stall(direction=UP, after_bytes=9)),
    (StaleConnections(), commands.ForgetConnections()),
    (SlowFirstByte(delay=2.0), commands.DelayFirstByte(direction=DOWN, delay_s=2.0)),
    (SlowFirstByte(delay=2.0, direction=UP), commands.DelayFirstByte(direction=UP, delay_s=2.0)),
    (Reset(), commands.CutConnection(how=Cut.RST, direction=UP, after_bytes=0)),
    (Reset(direction=DOWN, after=9), commands.CutConnection(how=Cut.RST, direction=DOWN, after_bytes=9)),
    (Drop(), commands.CutConnection(how=Cut.FIN, direction=UP, after_bytes=0)),
    (Drop(direction=DOWN, after=9), commands.CutConnection(how=Cut.FIN, direction=DOWN, after_bytes=9)),
    (Latency(delay=0.3), commands.Delay(direction=DOWN, delay_s=0.3, jitter_s=0.0)),
    (Latency(delay=0.3, jitter=0.3, direction=UP), commands.Delay(direction=UP, delay_s=0.3, jitter_s=0.3)),
    (Drip(rate=20.0), commands.Throttle(direction=DOWN, bytes_per_s=20.0, chunk_bytes=1)),
    (Drip(rate=20.0, direction=UP), commands.Throttle(direction=UP, bytes_per_s=20.0, chunk_bytes=1)),
    (Bandwidth(rate=9e3), commands.Throttle(direction=DOWN, bytes_per_s=9e3, chunk_bytes=PACKET_BYTES)),
    (Bandwidth(rate=9e3, direction=UP), commands.Throttle(direction=UP, bytes_per_s=9e3, chunk_bytes=PACKET_BYTES)),
    (StuckJob(), commands.FreezeJobs(match=ANY_JOB)),
    (
        HttpError(status=503),
        commands.AnswerWithError(
            match=ANY_REQUEST, status=503, reason=0, message="The HMC is not able to process the request."
        ),
    ),
    (
        HttpError(status=403, reason=5, message="no", match=CPCS),
        commands.AnswerWithError(match=CPCS, status=403, reason=5, message="no"),
    ),
    (MalformedJson(), commands.BreakJson(match=ANY_REQUEST)),
    (MalformedJson(match=CPCS), commands.BreakJson(match=CPCS)),
    (WrongContentType(), commands.ChangeContentType(match=ANY_REQUEST, content_type="text/html")),
    (
        WrongContentType(content_type="text/plain", match=CPCS),
        commands.ChangeContentType(match=CPCS, content_type="text/plain"),
    ),
    (SlowRequests(delay=2.0), commands.DelayRequest(match=ANY_REQUEST, delay_s=2.0)),
    (SlowRequests(delay=2.0, match=CPCS), commands.DelayRequest(match=CPCS, delay_s=2.0)),
    (RemoveNic(partition="p", nic="n"), commands.RemoveNic(partition="p", nic="n")),
    (AddNic(partition="p", nic="n", mac=MAC), commands.AddNic(partition="p", nic="n", mac=MAC)),
    (ExpireSessions(), commands.ExpireSessions()),
    (ForgetJobs(), commands.ForgetJobs()),
    (PartitionStatus(partition="p", status="s"), commands.SetPartitionStatus(partition="p", status="s")),
    (UnresolvedName(), commands.FailLookups(temporary=False)),
    (UnresolvedName(temporary=True), commands.FailLookups(temporary=True)),
    (DeadAddress(), commands.PutDeadAddressFirst(silent=False)),
    (DeadAddress(silent=True), commands.PutDeadAddressFirst(silent=True)),
    (SlowName(delay=2.0), commands.DelayLookups(delay_s=2.0)),
    (LogEntry(text="t"), commands.WriteLogEntry(text="t")),
    (NotificationsRefused(), commands.RefuseListeners()),
    (SilentNotifications(), commands.WithholdNotifications(kept=False)),
    (SilentNotifications(kept=True), commands.WithholdNotifications(kept=True)),
    (DuplicatedNotifications(), commands.RepeatNotifications(times=2)),
    (DuplicatedNotifications(times=5), commands.RepeatNotifications(times=5)),
    (ReorderedNotifications(), commands.SwapNotifications()),
    (StalledHeartbeats(), commands.StallHeartbeats()),
    (BusStopped(), commands.StopBus()),
    (ServerStopped(), commands.StopServer()),
    *http_examples.YIELDS,
]


@pytest.mark.parametrize(("action", "command"), YIELDS, ids=lambda item: type(item).__name__)
def test_it_yields_its_command(action: Action, command: Command) -> None:
    assert action.command() == command


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Latency(delay=0.0), "delay has to be more than 0"),
        (lambda: Latency(delay=-1.0), "delay has to be more than 0"),
        (lambda: Latency(delay=0.1, jitter=0.2), "jitter is larger than delay"),
        (lambda: Latency(delay=0.1, jitter=-0.1), "jitter cannot be negative"),
        (lambda: SlowName(delay=0.0), "delay has to be more than 0"),
        (lambda: SlowRequests(delay=0.0), "delay has to be more than 0"),
        (lambda: Drip(rate=0.0), "rate has to be more than 0; for no byte at all use the fault hang"),
        (lambda: Drip(rate=-1.0), "rate has to be more than 0"),
        (lambda: Bandwidth(rate=0.0), "rate has to be more than 0; for no byte at all use the fault hang"),
        (lambda: Reset(after=-1), "after cannot be negative"),
        (lambda: Drop(after=-1), "after cannot be negative"),
        (lambda: Stall(after=-1), "after cannot be negative"),
        (lambda: HandshakeStall(after=-1), "after cannot be negative"),
        (lambda: HandshakeCut(after=-1), "after cannot be negative"),
        (lambda: SlowFirstByte(delay=0.0), "delay has to be more than 0"),
        (lambda: WrongContentType(content_type="application/json"), "is what the HMC says anyhow"),
        (lambda: WrongContentType(content_type="Application/JSON; charset=utf-8"), "is what the HMC says anyhow"),
        (lambda: AddNic(partition="p", nic="n", mac=""), "mac '' is not a MAC address; write it as in fa:16:3e"),
        (lambda: AddNic(partition="p", nic="n", mac=MAC.upper()), "is not a MAC address"),
        (lambda: AddNic(partition="p", nic="n", mac=f"{MAC}:00"), "is not a MAC address"),
        (lambda: AddNic(partition="p", nic="n", mac=f"{MAC}\n"), "is not a MAC address"),
        *http_examples.REFUSED,
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_reason(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def files() -> set[str]:
    """The files of the room: one a fault or change."""
    return {path.stem for path in Path(harness.faults.__file__).parent.glob("*.py")} - {"__init__"}


def test_each_file_of_the_room_has_its_line_in_a_registry_under_its_own_name() -> None:
    assert files() == FAULTS.keys() | CHANGES.keys()
    assert not FAULTS.keys() & CHANGES.keys()
    for name, cls in {**FAULTS, **CHANGES}.items():
        assert getattr(import_module(f"harness.faults.{name}"), cls.__name__) is cls


def kinds(base: type[Command] = Command) -> Iterator[type[Command]]:
    """Commands that can be carried out: those that no other one is made from."""
    below = [kind for kind in base.__subclasses__() if getattr(commands, kind.__name__) is kind]
    for kind in below:
        yield from kinds(kind)
    if not below:
        yield base


def test_each_command_is_yielded_by_some_fault_or_change() -> None:
    """A bystander is a step of its own kind and no fault; to note requests is the fingerprint's, and does nothing."""
    assert {type(command) for _, command in YIELDS} == set(kinds()) - {commands.RunBystander, commands.NoteRequests}


def test_what_the_hmc_carries_out_is_a_change_and_all_else_a_fault() -> None:
    for action, command in YIELDS:
        room = CHANGES if isinstance(command, commands.HmcCommand) else FAULTS
        assert type(action) in room.values()


@pytest.mark.parametrize("cls", [*FAULTS.values(), *CHANGES.values()])
def test_settings_are_frozen_and_named_and_said_what_they_are(cls: type[Action]) -> None:
    params = cls.__dataclass_params__  # type: ignore[attr-defined] # what a dataclass is known by
    assert params.frozen
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}(")
    assert all(item.kw_only for item in dataclasses.fields(cls))  # type: ignore[arg-type] # checked just above


def test_there_is_an_example_of_each() -> None:
    """Compositions yield no command of their own."""
    single = {cls for cls in FAULTS.values() if not hasattr(cls, "parts")}
    assert {type(action) for action, _ in YIELDS} == {*single, *CHANGES.values()}

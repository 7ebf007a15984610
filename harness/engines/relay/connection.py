"""One client's connection and the one that the relay opened for it to the upstream: two lanes, one end.

Laws:
1. It ends once, is recorded once, and then holds no socket.
2. While a blackhole is in force the client hears nothing, not even the end.
3. A reset that follows bytes follows them: the client's kernel has acknowledged them first.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.core.commands import Cut, CutConnection, CutHandshake, Direction
from harness.core.events import ConnectionEnded
from harness.core.interfaces import Clock, Recorder
from harness.engines.relay import kernel
from harness.engines.relay.farewell import Farewells, Leave
from harness.engines.relay.lane import End, Lane
from harness.engines.relay.orders import Cuts, Door, InForce, Orders
from harness.engines.relay.silence import Silence
from harness.engines.relay.tasks import Tasks
from harness.engines.relay.turn import Turn
from harness.engines.relay.witness import Witness

_ACKNOWLEDGE_WITHIN_S = 1.0
"""A client whose kernel takes nothing for so long is reset all the same: it does not read."""
_ACKNOWLEDGE_POLL_S = 0.001

_AT_NEXT_USE = CutConnection(how=Cut.RST, direction=Direction.REQUEST)
"""What becomes of a connection that the server has forgotten."""


@dataclass(slots=True)
class Site:
    """What all connections of a relay share."""

    recorder: Recorder
    clock: Clock
    seed: int
    witness: Witness
    tasks: Tasks
    farewells: Farewells
    silence: Silence
    in_force: InForce
    ended: Callable[[Connection], None]
    upstream: tuple[str, int] | None = None

    @property
    def silent(self) -> bool:
        """A blackhole is in force."""
        return self.in_force.door is Door.SILENT


class Connection:
    """A client and its upstream. Made when a client was accepted; `number` says as which one of the relay's, from 1."""

    def __init__(self, name: str, number: int, client: socket.socket, site: Site) -> None:
        self.name, self.number, self.client = name, number, client
        self._site = site
        self._loop = asyncio.get_running_loop()
        self._server: socket.socket | None = None
        self._dialling = False
        self._over = False
        self._first_end = ""
        self._done: set[Direction] = set()
        self._forgotten_by: set[int] = set()
        self._turn = turn = Turn()
        self._passed_before: dict[int, int] = {}
        """By step that another engine carries out: the bytes that had passed when it began."""
        self._request, self._response = self._lane(Direction.REQUEST, turn), self._lane(Direction.RESPONSE, turn)

    def start(self) -> None:
        """Begin to carry bytes."""
        kernel.prepare(self.client)
        self._request.attach(source=self.client)
        self._response.attach(target=self.client)
        self.obey()

    def obey(self) -> None:
        """Steps have begun or healed: act on what is in force now, also for what waits already."""
        if self._over:
            return
        (self._site.silence.fall if self._site.silent else self._site.silence.lift)(self.client)
        for lane in (self._request, self._response):
            lane.obey(self._orders(lane.direction))
        self._dial_if_due()

    def forget(self, step: int) -> None:
        """This step makes the server forget the connection, for as long as it is in force; `obey` follows."""
        self._forgotten_by.add(step)

    def note_use(self, step: int) -> None:
        """Another engine has begun to carry out this step."""
        self._passed_before[step] = self._all_passed

    def turn_away(self, step: int, leave: Leave) -> None:
        """Instead of `start`: the client was accepted only to be sent away."""
        kernel.prepare(self.client)
        self.end_by_fault(step, leave)

    def passed(self, direction: Direction) -> int:
        """Bytes handed on so far."""
        return (self._request if direction is Direction.REQUEST else self._response).passed

    @property
    def is_ending(self) -> bool:
        """One side has ended it: who is left only closes it."""
        return bool(self._first_end)

    @property
    def response_waits(self) -> bool:
        """The client does not read what is there for it."""
        return self._response.waits_for_room

    def end_by_fault(self, step: int, leave: Leave) -> None:
        """A fault of the listener ends the connection, whatever it is doing."""
        self._site.witness.touch(step, self.name, "reset" if leave is Leave.RST else "closed")
        self._finish("fault", leave)

    def discard(self) -> None:
        """The relay closes: give both sockets back without recording an end that nobody caused."""
        self._over = True
        self._close_lanes()
        self._close_server()
        self._site.silence.lift(self.client)
        kernel.reset(self.client)

    # What the lanes tell (lane.Owner).

    def touched(self, step: int, direction: Direction, what: str, amount: int) -> None:
        """A step has touched so many bytes of this connection."""
        self._site.witness.touch(step, self.name, f"{what}: {direction} bytes of", amount)

    def begins_to_touch(self, step: int, direction: Direction, what: str) -> None:
        """A step holds bytes of this connection."""
        self._site.witness.begin(step, self.name, f"{what}: {direction} bytes of")

    def source_ended(self, direction: Direction, end: End) -> None:
        """A client that resets is gone, and so is one that closes during a hang.

        A half-closed client looks the same as one that gave up, and in a hang the second is what happens: what it had
        asked for is not carried out later behind its back.
        """
        if direction is Direction.RESPONSE and not self._first_end:
            self._note_end_elsewhere(Cut.RST if end is End.RESET else Cut.FIN)
        self._first_end = self._first_end or ("client" if direction is Direction.REQUEST else "hmc")
        if direction is Direction.REQUEST and (end is End.RESET or self._in_suspense):
            self._finish("client", None, reset_server=end is End.RESET)

    def _note_end_elsewhere(self, how: Cut) -> None:
        """An engine behind the relay may have ended the connection: then it was a fault, and no HMC."""
        for step in self._site.in_force.ended_elsewhere(how, self._used_since):
            self._site.witness.touch(step, self.name, f"ended with {how} behind the relay:")
            self._first_end = "fault"

    def _used_since(self, step: int) -> bool:
        """Something has passed since the step began, or the client waits for an answer."""
        return self._all_passed > self._passed_before.get(step, 0) or (
            self._turn.request > 0 and self._turn.response == 0
        )

    @property
    def _all_passed(self) -> int:
        return self._request.passed + self._response.passed

    def drained(self, direction: Direction, end: End) -> None:
        """Pass the end on, as it came."""
        if end is End.RESET:
            self._finish("hmc", Leave.RST)
            return
        target = self._server if direction is Direction.REQUEST else self.client
        if target is not None:
            # Whoever has closed already needs to hear no end.
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)
        self._lane_done(direction, None)

    def target_broke(self, direction: Direction) -> None:
        """A client that takes no bytes is gone; a server that takes none may still have an answer under way."""
        if direction is Direction.RESPONSE:
            self._finish("client", None)
        else:
            self._lane_done(direction, Leave.RST)

    def cut_is_due(self, step: int, command: Cuts) -> None:
        """Everything that may pass has been handed to the kernels."""
        self._close_lanes()
        if command.how is Cut.RST and kernel.unacknowledged_bytes(self.client):
            self._site.tasks.start(self._cut_when_acknowledged(step, command))
        else:
            self._cut_now(step, command)

    # How it ends.

    async def _cut_when_acknowledged(self, step: int, command: Cuts) -> None:
        # The wall's seconds, not the agent's: this waits for the kernel, which knows no other clock.
        deadline = self._loop.time() + _ACKNOWLEDGE_WITHIN_S
        while self._unheard and self._loop.time() < deadline:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(_ACKNOWLEDGE_POLL_S)
        if not self._over:
            self._cut_now(step, command)

    @property
    def _unheard(self) -> bool:
        return not self._over and kernel.unacknowledged_bytes(self.client) > 0

    def _cut_now(self, step: int, command: Cuts) -> None:
        whose = f"{command.direction}'s handshake" if isinstance(command, CutHandshake) else command.direction
        what = f"cut with {command.how} after {command.after_bytes} bytes of the {whose}:"
        self._site.witness.touch(step, self.name, what)
        self._finish("fault", Leave.RST if command.how is Cut.RST else Leave.FIN)

    def _finish(self, by: str, leave: Leave | None, *, reset_server: bool = False) -> None:
        if self._over:
            return
        self._over = True
        self._close_lanes()
        self._close_server(reset=reset_server)
        self._leave(leave)
        self._site.witness.settle_connection(self.name)
        self._site.recorder.record(
            ConnectionEnded(
                connection=self.name,
                by=by if by == "fault" else self._first_end or by,
                bytes_request=self.passed(Direction.REQUEST),
                bytes_response=self.passed(Direction.RESPONSE),
            )
        )
        self._site.ended(self)

    def _leave(self, leave: Leave | None) -> None:
        if self._site.silent:
            self._site.farewells.park(self.client, leave or Leave.FIN)
        elif leave is None:
            self.client.close()
        else:
            self._site.farewells.say(self.client, leave)

    def _lane_done(self, direction: Direction, leave: Leave | None) -> None:
        self._done.add(direction)
        if len(self._done) == len(Direction):
            self._finish("hmc", leave)

    def _close_lanes(self) -> None:
        self._request.close_input()
        self._response.close_input()

    def _close_server(self, *, reset: bool = False) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        if self._dialling:
            self._loop.remove_writer(server)
        if reset:
            kernel.reset(server)
        else:
            server.close()

    # How it begins.

    @property
    def _held(self) -> bool:
        return bool(self._site.in_force.orders(Direction.REQUEST, self.number).holding)

    @property
    def _in_suspense(self) -> bool:
        return self._held or self._request.stalled or self._response.stalled

    def _dial_if_due(self) -> None:
        """A hang that is in force keeps the upstream out of it, so that no timeout of the server's runs meanwhile."""
        if not (self._over or self._server is not None or self._held):
            self._dial()

    def _dial(self) -> None:
        self._server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        kernel.prepare(self._server)
        if self._site.upstream is None:
            self._dialled(errno.EDESTADDRREQ)
            return
        status = self._server.connect_ex(self._site.upstream)
        if status == errno.EINPROGRESS:
            self._dialling = True
            self._loop.add_writer(self._server, self._answered)
        else:
            self._dialled(status)

    def _answered(self) -> None:
        if self._server is not None:
            self._loop.remove_writer(self._server)
            self._dialling = False
            self._dialled(self._server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def _dialled(self, status: int) -> None:
        if status:
            self._response.fail_source()
            return
        self._response.attach(source=self._server)
        self._request.attach(target=self._server)

    def _lane(self, direction: Direction, turn: Turn) -> Lane:
        return Lane(
            direction,
            owner=self,
            clock=self._site.clock,
            tasks=self._site.tasks,
            turn=turn,
            seed=f"{self._site.seed}/{self.name}/{direction}",
            orders=self._orders(direction),
        )

    def _orders(self, direction: Direction) -> Orders:
        orders = self._site.in_force.orders(direction, self.number)
        stale = [step for step in self._forgotten_by if self._site.in_force.reaches(step, self.number)]
        if direction is Direction.RESPONSE or not stale:
            return orders
        return replace(orders, cuts={**orders.cuts, **dict.fromkeys(stale, _AT_NEXT_USE)})

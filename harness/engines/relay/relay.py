"""The L4 engine: a TCP relay in the trial's event loop, with the faults that need no more than bytes."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import ClassVar

from harness.core.commands import (
    Address,
    Blackhole,
    Channel,
    CloseOnAccept,
    Command,
    Cut,
    CutConnection,
    CutHandshake,
    Delay,
    DelayFirstByte,
    Existing,
    Flap,
    ForgetConnections,
    Hang,
    RefuseAfter,
    RefuseConnections,
    Stall,
    StallHandshake,
    StreamCommand,
    Throttle,
)
from harness.core.events import ComponentCrashed, ConnectionAttempt, Unseen
from harness.core.interfaces import Clock, Recorder
from harness.engines.relay.attempts import ACCEPTED, REFUSED, Attempt
from harness.engines.relay.connection import Connection, Site
from harness.engines.relay.doorkeeper import Doorkeeper
from harness.engines.relay.elsewhere import Observed
from harness.engines.relay.entrance import Entrance
from harness.engines.relay.farewell import Farewells, Leave
from harness.engines.relay.listener import require_loopback
from harness.engines.relay.orders import InForce
from harness.engines.relay.silence import Silence
from harness.engines.relay.tasks import Tasks
from harness.engines.relay.witness import Witness
from harness.errors import EngineFailed

DROPS_POLL_S = 0.05
"""How often the kernel is asked for the packets that a blackhole dropped; it does not tell by itself."""


_LETTERS = {Channel.API: "c", Channel.NOTIFICATIONS: "n", Channel.BUS: "b"}
"""With what the names of a channel's connections begin, at the HMC's first address."""
_LETTER_OF_ALTERNATE = "a"

WITHOUT_ROOT = "run as root, or see 'Without root' in README.md"


class Relay:
    """Stands between the agent and the HMC. Made inside the running event loop that is to carry it.

    How faults that overlap compose is written in `orders.py`. Faults reach open connections and new ones. `channel` is
    the HMC's port that it stands before, `address` the HMC, where there are two; which commands are for it is not its
    business (`channels.py`).
    """

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({
        RefuseConnections, RefuseAfter, Flap, Blackhole, CloseOnAccept,
        Hang, Stall, StallHandshake, Delay, DelayFirstByte, Throttle,
        CutConnection, CutHandshake, ForgetConnections,
    })  # fmt: skip

    def __init__(
        self,
        recorder: Recorder,
        clock: Clock,
        *,
        seed: int,
        channel: Channel = Channel.API,
        address: Address = Address.FIRST,
    ) -> None:
        self._recorder = recorder
        self._channel = channel
        self._which = address
        self._in_force = InForce()
        self._connections: set[Connection] = set()
        self._names = self._accepted = 0
        self._refusers: frozenset[int] = frozenset()
        self._entrance: Entrance | None = None
        self._drops: asyncio.Task[None] | None = None
        self._site = Site(
            recorder=recorder,
            clock=clock,
            seed=seed,
            witness=Witness(recorder, "" if address is Address.FIRST else f" at the {address} address"),
            tasks=Tasks(),
            farewells=Farewells(asyncio.get_running_loop()),
            silence=Silence(),
            in_force=self._in_force,
            ended=self._connections.discard,
        )
        self._doorkeeper = Doorkeeper(
            in_force=self._in_force,
            clock=clock,
            tasks=self._site.tasks,
            turned=self._door_turned,
            shut_out=self._end_existing,
        )

    @property
    def sees_attempts(self) -> bool:
        """Whether refused and ignored connection attempts are witnessed one by one; it takes CAP_NET_RAW."""
        return self._entrance is not None and self._entrance.sees_attempts

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    @property
    def address(self) -> tuple[str, int]:
        """The host and port where it listens.

        Raises:
            EngineFailed: it does not listen.
        """
        return self._opened().address

    async def listen(self, host: str, port: int) -> None:
        """Listen on a loopback address; with port 0 on a free one, told by `address`.

        Raises:
            AddressInUse: the address is taken; another 127.x.y.z will do.
            EngineFailed: it listens already, or the address cannot be had at all.
        """
        if self._entrance is not None:
            raise EngineFailed(f"relay: it listens on {self.address} already; close it first")
        self._entrance = Entrance(
            host,
            port,
            new_name=self._new_name,
            welcome=self._welcome,
            failed=self._attempt_failed,
            refused=self._clients_refused,
        )

    def connect_to(self, host: str, port: int) -> None:
        """Where connections that are accepted from now on are carried to.

        Raises:
            EngineFailed: the address is off loopback.
        """
        require_loopback(host)
        self._site.upstream = (host, port)

    async def begin(self, step: int, command: Command) -> None:
        """Start to carry out a command; it is in force when this returns.

        Raises:
            EngineFailed: not one of `CARRIES`, the step is in force already, or the kernel does not do it.
        """
        entrance = self._opened()
        if type(command) not in self.CARRIES:
            raise EngineFailed(f"relay: step {step}: {type(command).__name__} is not for this engine")
        if step in self._in_force:
            raise EngineFailed(f"relay: step {step} is in force already; heal it first")
        self._count(entrance)
        self._in_force.add(step, command, self._only(command))
        self._doorkeeper.prepare(step, command)
        try:
            self._apply(entrance)
        except OSError as error:
            self._doorkeeper.heal(step)
            self._in_force.remove(step)
            self._apply(entrance)
            raise EngineFailed(_cannot(step, command, error)) from error
        self._tell_what_is_unseen(step, command, entrance)
        self._doorkeeper.begin(step, command)
        match command:
            case RefuseConnections(existing=existing):
                self._end_existing(step, existing)
            case ForgetConnections():
                self._forget_existing(step)

    async def heal(self, step: int) -> None:
        """Undo a step: what it held goes on at once, in order. Healing what never began is no error.

        Raises:
            EngineFailed: the listener could not be brought back; the text says which.
        """
        if step not in self._in_force or self._entrance is None:
            return
        self._count(self._entrance)
        self._doorkeeper.heal(step)
        self._in_force.remove(step)
        try:
            self._apply(self._entrance)
        except OSError as error:
            raise EngineFailed(f"relay: step {step} did not heal, {self.address} may stay shut: {error}") from error
        finally:
            self._site.witness.settle_step(step)

    def observe(self, step: int, command: Command, *, behind: bool = False) -> None:
        """Another engine carries out this step: tell what can be seen of it from here, before it or `behind` it.

        A refusal is shown by this relay, which is what the agent meets: its door follows the other engine's.

        Raises:
            EngineFailed: the door could not be shut.
        """
        entrance = self._opened()
        self._count(entrance)
        self._in_force.observe(step, Observed(command, self._site.clock.now(), behind))
        for connection in self._connections:
            connection.note_use(step)
        try:
            self._apply(entrance)
        except OSError as error:
            self._in_force.stop_observing(step)
            raise EngineFailed(_cannot(step, command, error)) from error
        self._tell_what_is_unseen(step, command, entrance)

    def stop_observing(self, step: int) -> None:
        """The other engine has healed the step.

        Raises:
            EngineFailed: the door could not be opened again.
        """
        if self._entrance is None:
            return
        self._count(self._entrance)
        if not self._in_force.stop_observing(step):
            return
        try:
            self._apply(self._entrance)
        except OSError as error:
            raise EngineFailed(f"relay: step {step} did not heal, {self.address} may stay shut: {error}") from error
        finally:
            self._site.witness.settle_step(step)

    async def close(self) -> None:
        """Give every socket back and heal what is left. May be called again."""
        entrance, self._entrance = self._entrance, None
        if entrance is None:
            return
        self._count(entrance)
        entrance.close()
        for connection in list(self._connections):
            connection.discard()
        self._connections.clear()
        self._site.farewells.close()
        await self._site.tasks.cancel()
        for step in self._in_force.clear():
            self._site.witness.settle_step(step)

    def _opened(self) -> Entrance:
        if self._entrance is None:
            raise EngineFailed("relay: it does not listen; call listen() first")
        return self._entrance

    def _new_name(self) -> str:
        self._names += 1
        letter = _LETTERS[self._channel] if self._which is Address.FIRST else _LETTER_OF_ALTERNATE
        return f"{letter}{self._names}"

    def _only(self, command: Command) -> int | None:
        """The number of the one connection that a command is aimed at, be it still to come; None if it is not."""
        if not isinstance(command, StreamCommand) or command.connection is None:
            return None
        already_open = sorted(connection.number for connection in self._connections if not connection.is_ending)
        if command.connection <= len(already_open):
            return already_open[command.connection - 1]
        return self._accepted + command.connection - len(already_open)

    def _apply(self, entrance: Entrance) -> None:
        """Make everything as the steps in force want it."""
        self._refusers = self._in_force.refusing or self._refusers
        try:
            entrance.become(self._in_force.door)
        finally:
            for connection in list(self._connections):
                connection.obey()
            self._apply_to_farewells()
        self._watch_drops(entrance)

    def _apply_to_farewells(self) -> None:
        change = self._site.silence.fall if self._site.silent else self._site.silence.lift
        for sock in self._site.farewells.sockets():
            change(sock)
        if not self._site.silent:
            self._site.farewells.release()

    def _end_existing(self, step: int, existing: Existing) -> None:
        if existing is Existing.KEEP:
            return
        leave = Leave.RST if existing is Existing.RESET else Leave.FIN
        for connection in list(self._connections):
            connection.end_by_fault(step, leave)

    def _forget_existing(self, step: int) -> None:
        for connection in list(self._connections):
            connection.forget(step)
            connection.obey()

    def _door_turned(self) -> bool:
        """The door of a step opened or shut by itself."""
        entrance = self._entrance
        if entrance is None:
            return False
        self._count(entrance)
        try:
            self._apply(entrance)
        except OSError as error:
            words = f"the door could not be turned, {entrance.address} may stay as it is: {error}"
            self._recorder.record(ComponentCrashed(component="relay", error=words))
            return False
        return True

    def _welcome(self, client: socket.socket, name: str | None) -> None:
        # An attempt is one event: one that was ignored at first and got through later keeps its name.
        self._accepted += 1
        connection = Connection(name or self._new_name(), self._accepted, client, self._site)
        if name is None:
            self._tell_attempt(connection.name, ACCEPTED)
        self._connections.add(connection)
        away = self._sent_away()
        if away is None:
            connection.start()
        else:
            connection.turn_away(*away)

    def _sent_away(self) -> tuple[int, Leave] | None:
        """The step that sends away who was accepted just now, and how; None if there is none."""
        too_late = self._doorkeeper.came()
        if too_late:  # it was in the kernel's queue already when the last one that may come in was accepted
            return min(too_late), Leave.RST
        for step, command in self._in_force.closing():
            return step, Leave.RST if command.how is Cut.RST else Leave.FIN
        return None

    def _tell_attempt(self, connection: str, outcome: str) -> None:
        attempt = ConnectionAttempt(connection=connection, outcome=outcome, channel=self._channel, address=self._which)
        self._recorder.record(attempt)

    def _attempt_failed(self, attempt: Attempt) -> None:
        if not attempt.counted:
            self._tell_attempt(attempt.connection, attempt.outcome)
        if attempt.outcome == REFUSED:
            # A refusal that is seen only after the healing is still the work of the steps that were in force.
            steps, what = self._refusers, "refused a connection attempt"
        else:
            steps, what = self._in_force.steps(Blackhole), "ignored a connection attempt"
        for step in steps:
            self._site.witness.touch(step, "", what)

    def _clients_refused(self, number: int) -> None:
        for step in self._refusers:
            self._site.witness.touch(step, "", "refused clients that are gone", number)

    def _tell_what_is_unseen(self, step: int, command: Command, entrance: Entrance) -> None:
        doors = RefuseConnections | RefuseAfter | Flap | Blackhole
        if isinstance(command, doors) and not entrance.sees_attempts:
            what = "connects that fail"
            why = f"cannot be counted without the capability CAP_NET_RAW; {WITHOUT_ROOT}"
            self._recorder.record(Unseen(step=step, what=what, why=why))

    def _watch_drops(self, entrance: Entrance) -> None:
        if self._site.silent and self._drops is None:
            self._drops = self._site.tasks.start(self._poll_drops(entrance))
        elif not self._site.silent and self._drops is not None:
            self._drops.cancel()
            self._drops = None

    async def _poll_drops(self, entrance: Entrance) -> None:
        while True:
            await self._site.clock.sleep(DROPS_POLL_S)
            self._count(entrance)

    def _count(self, entrance: Entrance) -> None:
        """Tell what the kernel knows by now: failed attempts, and packets that vanished."""
        entrance.look()
        if not self._site.silent:
            return
        for connection in self._connections:
            dropped = self._site.silence.newly_dropped(connection.client)
            self._count_drops(connection.name, "dropped packets of", dropped)
        if not entrance.sees_attempts:
            self._count_drops("", "dropped SYNs", entrance.newly_dropped())

    def _count_drops(self, connection: str, what: str, packets: int) -> None:
        for step in self._in_force.steps(Blackhole) if packets else ():
            self._site.witness.touch(step, connection, what, packets)


def _cannot(step: int, command: Command, error: OSError) -> str:
    what = type(command).__name__
    if error.errno == errno.EPERM:
        return f"relay: step {step}: here {what} takes the capability CAP_NET_ADMIN; {WITHOUT_ROOT} ({error})"
    return f"relay: step {step}: the kernel cannot do {what}: {error}"

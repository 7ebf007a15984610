"""Contract of the faults that new clients meet first: refusal and blackhole, proved by what a raw client sees."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.core.commands import Blackhole, Cut, CutConnection, Delay, Direction, Existing, Hang, RefuseConnections
from harness.engines.relay import obituaries, watch
from tests.contract.relay_world import World, world

pytestmark = pytest.mark.contract


def _can_see() -> list[str]:
    """Without CAP_NET_RAW only the stories that need none can be played."""
    found = watch.open_watch("127.0.0.1", 1)
    if found is None:
        return ["unseen"]
    found.close()
    return ["seen", "unseen"]


@pytest.fixture(params=_can_see())
def sees_attempts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Each story with the packet socket, and as a process without CAP_NET_RAW would play it."""

    def forbidden(self: watch.Watch, host: str, port: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    if request.param == "unseen":
        monkeypatch.setattr(watch.Watch, "__init__", forbidden)
    return bool(request.param == "seen")


@pytest.fixture
def blind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Without CAP_NET_RAW; where it is true, without news of the sockets' ends, too."""

    def forbidden(self: object, host: str, port: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(watch.Watch, "__init__", forbidden)
    if request.param:
        monkeypatch.setattr(obituaries.Obituaries, "__init__", forbidden)
    return bool(request.param)


async def refused(w: World) -> None:
    with pytest.raises(ConnectionRefusedError):
        await w.connect()


def knock(w: World) -> socket.socket:
    """Begins to connect, and does not wait for the answer."""
    sock = socket.socket()
    sock.setblocking(False)
    w.sockets.append(sock)
    sock.connect_ex(w.relay.address)
    return sock


async def gets_in(sock: socket.socket, within_s: float) -> bool:
    """Whether a connection that was begun succeeds in this time; an error is raised."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(sock, lambda: ready.cancel() if ready.done() else ready.set_result(None))
    try:
        await asyncio.wait_for(ready, within_s)
    except TimeoutError:
        return False
    finally:
        loop.remove_writer(sock)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    return True


def test_refused_clients_get_econnrefused_and_healing_lets_them_in(sees_attempts: bool) -> None:
    async def story() -> None:
        async with world() as w:
            assert w.relay.sees_attempts is sees_attempts
            await w.relay.begin(1, RefuseConnections())
            await refused(w)
            await refused(w)
            await w.relay.heal(1)
            await w.exchange(*await w.pair())
            if sees_attempts:
                await w.until("all three are told", lambda: len(w.recorder.outcomes()) == 3)
                assert sorted(w.recorder.outcomes()) == ["accepted", "refused", "refused"]
                assert w.recorder.touched(1) == 2
            else:
                assert w.recorder.outcomes() == ["accepted"]
                assert w.recorder.unseen() == [1]

    asyncio.run(story())


@pytest.mark.parametrize("blind", [False, True], indirect=True)
def test_without_privilege_a_refused_client_is_a_witness_when_it_is_gone(blind: bool) -> None:
    async def story() -> None:
        async with world() as w:
            await w.exchange(*await w.pair())
            await w.relay.begin(1, RefuseConnections(existing=Existing.KEEP))
            await refused(w)
            w.sockets.pop().close()
            if not blind:
                await w.until("it is told", lambda: w.recorder.touches(1))
            await w.relay.heal(1)
            assert [touch.what for touch in w.recorder.touches(1)] == (
                [] if blind else ["refused clients that are gone"]
            )
            assert w.recorder.unseen() == [1]

    asyncio.run(story())


def test_a_refusal_resets_open_connections_and_that_is_a_witness(sees_attempts: bool) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, RefuseConnections(existing=Existing.RESET))
            assert await w.rest(client) == (b"", "reset")
            assert w.recorder.ends() == [("fault", 3, 6)]
            assert [touch.what for touch in w.recorder.touches(1)] == ["reset c1"]

    asyncio.run(story())


def test_a_refusal_that_closes_ends_open_connections_cleanly() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, RefuseConnections(existing=Existing.CLOSE))
            await w.send(client, b"too late")
            assert await w.rest(client) == (b"", "eof")
            assert w.recorder.ends() == [("fault", 3, 6)]

    asyncio.run(story())


def test_a_refusal_that_keeps_touches_no_open_connection() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, RefuseConnections(existing=Existing.KEEP))
            await w.exchange(client, server)
            await w.relay.heal(1)
            await w.exchange(client, server)
            await w.exchange(*await w.pair())
            assert not w.recorder.touches(1)

    asyncio.run(story())


def test_two_refusals_end_with_the_last() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, RefuseConnections())
            await w.relay.begin(2, RefuseConnections())
            await w.relay.heal(1)
            await refused(w)
            await w.relay.heal(2)
            await w.exchange(*await w.pair())

    asyncio.run(story())


def test_a_blackhole_ignores_a_new_client_until_it_heals(sees_attempts: bool) -> None:
    """The client's kernel sends its SYN again after 1 s: one attempt all the same."""

    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Blackhole())
            sock = knock(w)
            assert not await gets_in(sock, 1.3)
            assert w.recorder.touched(1) >= 1
            await w.relay.heal(1)
            assert await gets_in(sock, 5)
            await w.exchange(sock, await w.accept())
            assert w.recorder.outcomes() == (["ignored"] if sees_attempts else ["accepted"])
            words = "ignored a connection attempt" if sees_attempts else "dropped SYNs"
            assert {touch.what for touch in w.recorder.touches(1)} == {words}

    asyncio.run(story())


def test_an_attempt_a_moment_before_the_healing_is_still_a_witness(sees_attempts: bool) -> None:
    """Nothing lets the loop run in between: the kernel knows, and is asked before the healing."""

    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Blackhole())
            knock(w)
            await w.relay.heal(1)
            assert w.recorder.touched(1) == 1
            assert w.recorder.outcomes() == (["ignored"] if sees_attempts else [])

    asyncio.run(story())


def test_a_client_that_came_a_moment_before_is_let_in() -> None:
    async def story() -> None:
        async with world() as w:
            sock = knock(w)
            await w.relay.begin(1, Blackhole())
            assert w.recorder.outcomes() == ["accepted"]
            await w.relay.heal(1)
            await w.exchange(sock, await w.accept())

    asyncio.run(story())


def test_a_blackhole_that_nobody_runs_into_has_no_witness(sees_attempts: bool) -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Blackhole())
            await w.relay.heal(1)
            await w.exchange(client, server)
            assert not w.recorder.touches(1)

    asyncio.run(story())


def test_an_open_connection_falls_silent_and_goes_on_after_healing() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.exchange(client, server)
            await w.relay.begin(1, Blackhole())
            await w.send(client, b"ask")
            await w.send(server, b"news")
            await w.until("packets vanish", lambda: len(w.recorder.touches(1)) >= 2)
            assert {touch.what for touch in w.recorder.touches(1)} == {
                "dropped packets of c1",
                "held back: response bytes of c1",
            }
            await w.stay_silent(client, server)
            await w.relay.heal(1)
            assert await w.receive(client, 4) == b"news"
            assert await w.receive(server, 3) == b"ask"

    asyncio.run(story())


def test_an_end_does_not_leak_out_of_a_blackhole() -> None:
    """Neither the server's close nor a refusal's reset is heard before the blackhole heals."""

    async def story() -> None:
        async with world() as w:
            first, server = await w.pair()
            second, _ = await w.pair()
            await w.relay.begin(1, Blackhole())
            server.close()
            await w.stay_silent(first, second)
            await w.relay.begin(2, RefuseConnections())
            await w.stay_silent(first, second)
            await w.relay.heal(1)
            assert await w.rest(first) == (b"", "reset")
            assert await w.rest(second) == (b"", "reset")
            await refused(w)

    asyncio.run(story())


def test_a_cut_that_falls_in_a_blackhole_is_heard_after_it() -> None:
    async def story() -> None:
        async with world() as w:
            client, server = await w.pair()
            await w.relay.begin(1, Delay(direction=Direction.REQUEST, delay_s=0.05))
            await w.relay.begin(2, CutConnection(how=Cut.FIN, direction=Direction.REQUEST))
            await w.send(client, b"ask")
            await w.relay_has_read()
            await w.relay.begin(3, Blackhole())
            await w.until("the cut falls", lambda: w.recorder.touches(2))
            await w.stay_silent(client)
            await w.relay.heal(3)
            assert await w.rest(client) == (b"", "eof")
            assert await w.rest(server) == (b"", "eof")

    asyncio.run(story())


def test_a_blackhole_beats_a_refusal_in_either_order() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, RefuseConnections())
            await w.relay.begin(2, Blackhole())
            ignored = knock(w)
            assert not await gets_in(ignored, 0.1)
            await w.relay.heal(2)
            await refused(w)
            await w.relay.begin(3, Blackhole())
            await w.relay.heal(1)
            other = knock(w)
            assert not await gets_in(other, 0.1)
            await w.relay.heal(3)
            await w.exchange(*await w.pair())
            assert w.recorder.touches(2)
            assert w.recorder.touches(3)

    asyncio.run(story())


def test_another_trials_attempts_are_not_ours() -> None:
    async def story() -> None:
        async with world() as w, world() as other:
            await w.relay.begin(1, RefuseConnections())
            await other.relay.begin(1, RefuseConnections())
            await refused(other)
            await other.relay.heal(1)
            await w.relay.heal(1)
            assert not w.recorder.touches(1)
            assert not w.recorder.outcomes()
            assert other.recorder.outcomes() == (["refused"] if other.relay.sees_attempts else [])

    asyncio.run(story())


def test_a_hang_holds_a_new_client_without_bothering_the_server() -> None:
    async def story() -> None:
        async with world() as w:
            await w.relay.begin(1, Hang())
            client = await w.connect()
            await w.send(client, b"ask")
            await w.until("it is held", lambda: w.recorder.touched(1) == 3)
            with pytest.raises(BlockingIOError):
                w.upstream.accept()
            await w.relay.heal(1)
            assert await w.receive(await w.accept(), 3) == b"ask"

    asyncio.run(story())


@pytest.mark.parametrize("command", [RefuseConnections(), Blackhole(), Hang()], ids=lambda c: type(c).__name__)
def test_a_fault_is_in_force_and_healed_within_milliseconds(command: RefuseConnections | Blackhole | Hang) -> None:
    """The bound is generous for a busy machine; the work is a few system calls."""

    async def story() -> None:
        async with world() as w:
            for _ in range(4):
                await w.pair()
            began = w.recorder.now()
            await w.relay.begin(1, command)
            in_force = w.recorder.now()
            await w.relay.heal(1)
            assert in_force - began < 0.1
            assert w.recorder.now() - in_force < 0.1

    asyncio.run(story())

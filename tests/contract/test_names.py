"""Programs that are not ours look up the HMC's name: what the engine answers is what they get, with its witness."""

from __future__ import annotations

import ast
import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.core.commands import Command, DelayLookups, FailLookups, Hang, PutDeadAddressFirst
from harness.core.events import NameLookedUp, StepBegan, StepHealed, TimelineBegan, WatchEnded
from harness.core.history import History
from harness.core.verdict import Outcome, judge
from harness.engines import preload
from harness.engines.names import Names
from harness.engines.names.dead_end import DeadEnd
from harness.engines.names.names import SOURCE
from harness.errors import EngineFailed
from tests.contract.relay_world import ListRecorder, WallClock

pytestmark = pytest.mark.contract

NAME, HOST, PORT = "hmc.test", "127.250.3.4", 6794
STEP = 1
LOOK_UP = """
import socket, sys
try:
    found = socket.getaddrinfo(sys.argv[1], int(sys.argv[2]), type=socket.SOCK_STREAM)
    print([item[4] for item in found])
except socket.gaierror as error:
    print(error.errno)
"""
COMMANDS: list[Command] = [
    FailLookups(temporary=False),
    FailLookups(temporary=True),
    PutDeadAddressFirst(silent=False),
    PutDeadAddressFirst(silent=True),
    DelayLookups(delay_s=0.01),
]


@asynccontextmanager
async def engine(recorder: ListRecorder) -> AsyncIterator[Names]:
    names = Names(recorder, WallClock(), name=NAME, address=(HOST, PORT))
    await names.start()
    try:
        yield names
    finally:
        await names.close()


async def look_up(names: Names, name: str = NAME, port: int = PORT) -> object:
    """What another Python is told: addresses, or the number of an error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOK_UP, name, str(port), env=names.added_to({}), stdout=subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return ast.literal_eval(out.decode())


def outcome(recorder: ListRecorder) -> Outcome:
    began = StepBegan(step=STEP, what="it", engine="names", fault=True, due=0.0)
    seen = [event for _, event in recorder.events]
    story = [TimelineBegan(), began, *seen, StepHealed(step=STEP, due=0.0), WatchEnded(reason="over")]
    return judge((), History.of(story), needs_witness=[STEP]).outcome


def test_the_name_is_the_hmcs_address_in_any_letters_and_other_names_are_the_systems() -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            assert await look_up(names) == [(HOST, PORT)]
            assert await look_up(names, "HMC.Test", 61612) == [(HOST, 61612)]
            assert await look_up(names, "127.0.0.9") == [("127.0.0.9", PORT)]
            assert await look_up(names, "no-hmc.test") in (socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_NODATA)
        assert [event.answer for event in recorder.all(NameLookedUp)] == [f"ok {HOST}"] * 2

    asyncio.run(story())


@pytest.mark.parametrize(("temporary", "error"), [(False, socket.EAI_NONAME), (True, socket.EAI_AGAIN)])
def test_a_name_that_does_not_resolve(temporary: bool, error: int) -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            await names.begin(STEP, FailLookups(temporary=temporary))
            assert await look_up(names) == error
            assert len(recorder.touches(STEP)) == 1
            await names.heal(STEP)
            assert await look_up(names) == [(HOST, PORT)]
            assert len(recorder.touches(STEP)) == 1

    asyncio.run(story())


@pytest.mark.parametrize("silent", [False, True])
def test_a_dead_address_comes_first_and_is_dead(silent: bool) -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            await names.begin(STEP, PutDeadAddressFirst(silent=silent))
            found = await look_up(names)
            assert isinstance(found, list)
            dead, good = found
            assert good == (HOST, PORT)
            with socket.socket() as client:
                client.settimeout(0.3)
                with pytest.raises(TimeoutError if silent else ConnectionRefusedError):
                    client.connect(dead)
            assert [event.what for event in recorder.touches(STEP)] == [f"answered that {NAME} is {dead[0]} first"]
            await names.heal(STEP)
            assert await look_up(names) == [(HOST, PORT)]

    asyncio.run(story())


def test_a_look_up_is_late_and_healing_lets_it_go() -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            await names.begin(STEP, DelayLookups(delay_s=60.0))
            waiting = asyncio.create_task(look_up(names))
            async with asyncio.timeout(20):
                while not recorder.touches(STEP):  # noqa: ASYNC110 - another process looks up
                    await asyncio.sleep(0.01)
            assert [event.over for event in recorder.touches(STEP)] == [False]
            assert not waiting.done()
            await names.heal(STEP)
            assert await waiting == [(HOST, PORT)]
            assert [event.over for event in recorder.touches(STEP)] == [False, True]

    asyncio.run(story())


def test_faults_that_overlap_compose() -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            await names.begin(1, PutDeadAddressFirst(silent=False))
            await names.begin(2, FailLookups(temporary=False))
            await names.begin(3, DelayLookups(delay_s=0.01))
            assert await look_up(names) == socket.EAI_NONAME
            assert [bool(recorder.touches(step)) for step in (1, 2, 3)] == [False, True, True]
            await names.heal(2)
            assert len(await look_up(names)) == 2  # type: ignore[arg-type] # a list, or this fails
            assert recorder.touches(1)

    asyncio.run(story())


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_where_nobody_looks_up_the_name_nothing_is_proved(command: Command) -> None:
    async def story() -> None:
        recorder = ListRecorder()
        async with engine(recorder) as names:
            await names.begin(STEP, command)
            assert await look_up(names, "127.0.0.9") == [("127.0.0.9", PORT)]
            await names.heal(STEP)
            assert recorder.touches(STEP) == []
            assert outcome(recorder) is Outcome.UNKNOWN

    asyncio.run(story())


def test_an_engine_that_is_gone_is_a_name_server_that_is_gone() -> None:
    async def story() -> None:
        async with engine(ListRecorder()) as names:
            await names.close()
            assert await look_up(names) == socket.EAI_AGAIN

    asyncio.run(story())


def test_it_refuses_what_is_not_its_own_and_keeps_what_else_is_preloaded() -> None:
    async def story() -> None:
        async with engine(ListRecorder()) as names:
            with pytest.raises(EngineFailed, match="Hang is not for this engine"):
                await names.begin(STEP, Hang())
            await names.heal(7)
            assert names.added_to({"LD_PRELOAD": "/lib/other.so"})["LD_PRELOAD"].endswith(".so /lib/other.so")
        assert {type(command) for command in COMMANDS} == Names.CARRIES

    asyncio.run(story())


def test_an_address_that_is_dead_is_nobody_elses() -> None:
    dead = DeadEnd(PORT, silent=False)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((dead.host, PORT))
    dead.close()
    with socket.socket() as other:
        other.bind((dead.host, PORT))


def test_without_a_compiler_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    async def story() -> None:
        names = Names(ListRecorder(), WallClock(), name=NAME, address=(HOST, PORT))
        with pytest.raises(EngineFailed, match=r"names needs a C compiler.*reach the HMC by its address"):
            await names.start()
        await names.close()

    asyncio.run(story())


def test_the_library_is_free_of_warnings() -> None:
    sources = sorted(map(str, SOURCE.folder.glob("*.c")))
    line = [*SOURCE.compiler(), *preload.FLAGS, "-Werror", "-fsyntax-only", *sources]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0

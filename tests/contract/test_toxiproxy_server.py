"""A Toxiproxy server is found, started, asked and given up on. Most of it needs no server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from harness.core.events import ComponentCrashed
from harness.engines.toxiproxy_server import ToxiproxyServer, find_program
from harness.errors import EngineFailed
from tests.contract.engine_world import TOOLS, sick

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def no_server_anywhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "toxiproxy" not in [mark.name for mark in request.node.iter_markers()]:
        monkeypatch.delenv("TOXIPROXY_URL", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_projects_own_program_comes_first_then_the_one_in_the_path(tmp_path: Path) -> None:
    assert find_program(tmp_path / "tools") is None
    in_path = program(tmp_path / "bin" / "toxiproxy-server", "toxiproxy-server version git")
    assert find_program(tmp_path / "tools") == in_path
    own = program(tmp_path / "tools" / "toxiproxy-server", "toxiproxy-server version git")
    assert find_program(tmp_path / "tools") == own


def test_a_program_called_server_has_to_say_what_it_is(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "server", "some server 1.0")
    assert find_program(tmp_path / "tools") is None
    found = program(tmp_path / "bin" / "server", "toxiproxy-server version git")
    assert find_program(tmp_path / "tools") == found


def start(tools: Path) -> None:
    async def story() -> None:
        await (await ToxiproxyServer.find_or_start(tools)).close()

    asyncio.run(story())


def test_without_a_server_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="there is no Toxiproxy server; type: make toxiproxy"):
        start(tmp_path)


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    program(tmp_path / "toxiproxy-server", "toxiproxy-server version git")
    with pytest.raises(EngineFailed, match=r"did not start: its process ended with status 0; it last said: toxiproxy"):
        start(tmp_path)


def test_a_server_off_loopback_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "http://192.0.2.1:8474")
    with pytest.raises(EngineFailed, match="loopback only"):
        start(tmp_path)


@pytest.mark.parametrize("form", ["http://127.0.0.1:{port}", "localhost:{port}"])
def test_a_server_that_does_not_answer_is_told_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:1")  # an environment's proxy is none of its business
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TOXIPROXY_URL", form.format(port=closed.getsockname()[1]))
        with pytest.raises(EngineFailed, match=r"TOXIPROXY_URL=.*refused.*start the server there, or unset it"):
            start(tmp_path)


@pytest.mark.toxiproxy
def test_a_running_server_is_used_and_left_running(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        own = await ToxiproxyServer.find_or_start(TOOLS)
        monkeypatch.setenv("TOXIPROXY_URL", f"http://{own.host}:{own.port}")
        async with sick("toxiproxy") as s:
            await s.w.exchange(*await s.w.pair())
            assert len(await own.ask("GET", "/proxies")) == 1
        assert await own.ask("GET", "/proxies") == {}
        await own.close()

    asyncio.run(story())


@pytest.mark.toxiproxy
def test_what_killed_runs_have_left_on_a_running_server_is_swept_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run whose keeper was killed, too: the next one tells by the name whose a proxy is."""
    mine = ToxiproxyServer("127.0.0.1", 1).prefix.rpartition("-")[0]
    _, _, namespace, pid, began = mine.split("-")
    kept = {f"{mine}-1", f"hmc-harness-1-{pid}-{began}-in-another-container", "hmc-harness-by-hand", "web"}
    left = {f"hmc-harness-{namespace}-{os.getpid()}-1-of-another-with-my-id", f"{process_that_ended(mine)}-1"}

    async def story() -> None:
        own = await ToxiproxyServer.find_or_start(TOOLS)
        monkeypatch.setenv("TOXIPROXY_URL", f"http://{own.host}:{own.port}")
        for name in kept | left:
            await own.ask("POST", "/proxies", {"name": name, "listen": f"{own.host}:0", "upstream": "127.0.0.1:1"})
        running = await ToxiproxyServer.find_or_start(TOOLS)
        assert set(await own.ask("GET", "/proxies")) == kept
        await running.close()
        assert set(await own.ask("GET", "/proxies")) == kept
        await own.close()

    asyncio.run(story())


def process_that_ended(mine: str) -> str:
    """With what the name of its proxies would begin."""
    with subprocess.Popen(["true"]) as process:
        pid = process.pid
    _, _, namespace, _, began = mine.split("-")
    return f"hmc-harness-{namespace}-{pid}-{began}"


@pytest.mark.toxiproxy
def test_a_running_server_whose_keeper_dies_is_of_no_use_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill would leave something there: the trial must not prove anything."""

    async def story() -> None:
        own = await ToxiproxyServer.find_or_start(TOOLS)
        monkeypatch.setenv("TOXIPROXY_URL", f"http://{own.host}:{own.port}")
        running = await ToxiproxyServer.find_or_start(TOOLS)
        keepers = [
            p for p in psutil.Process().children(recursive=True) if any("keeper" in word for word in p.cmdline())
        ]
        assert len(keepers) == 1
        keepers[0].kill()
        async with asyncio.timeout(10):
            while running.alive:  # noqa: ASYNC110 - the guard tells of it in the loop
                await asyncio.sleep(0.01)
        with pytest.raises(EngineFailed, match="takes its proxies off when a run is killed ended with status -9"):
            await running.ask("GET", "/proxies")
        await running.close()
        await own.close()

    asyncio.run(story())


@pytest.mark.toxiproxy
def test_a_server_is_gone_when_it_is_closed() -> None:
    async def story() -> int:
        own = await ToxiproxyServer.find_or_start(TOOLS)
        assert psutil.pid_exists(own.pid)
        pid = own.pid
        await own.close()
        await own.close()
        return pid

    assert not psutil.pid_exists(asyncio.run(story()))


@pytest.mark.toxiproxy
def test_a_server_that_dies_makes_the_trial_prove_nothing_and_says_so() -> None:
    async def story() -> None:
        own = await ToxiproxyServer.find_or_start(TOOLS)
        told: list[str] = []
        own.on_end = told.append
        os.kill(own.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            while own.alive:  # noqa: ASYNC110 - the guard tells of it in the loop
                await asyncio.sleep(0.01)
        assert told == ["its process ended with status -9"]
        with pytest.raises(EngineFailed, match="of no use any more: its process ended with status -9"):
            await own.ask("GET", "/proxies")
        await own.close()

    asyncio.run(story())


@pytest.mark.toxiproxy
def test_no_proxy_and_no_socket_is_left_after_a_trial() -> None:
    async def story() -> None:
        async with sick("toxiproxy") as s:
            await s.w.exchange(*await s.w.pair())
            assert not s.w.recorder.all(ComponentCrashed)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(story())

"""The mitmproxy process: trial after trial, how it dies, what it tells and what it keeps to itself."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import psutil
import pytest
import trustme

from harness.core.commands import AnswerWithError, BreakJson, DelayRequest
from harness.core.events import ComponentCrashed, Touched
from harness.core.patterns import ANY_REQUEST
from harness.engines.mitm import MitmProxy, wire
from harness.errors import EngineFailed
from harness.guard.folder import PREFIX
from tests.contract.mitm_world import CA, CA_PEM, HOST, PEM, attached, proxy, upstream, world
from tests.engines.processes import is_gone
from tests.engines.recorders import ListRecorder

pytestmark = pytest.mark.contract


def test_a_second_trial_knows_nothing_of_the_first() -> None:
    """Faults, listener and connections of the first are gone, even a request that still waits; attaching is quick."""

    async def scene() -> None:
        async with upstream() as hmc, proxy() as made, asyncio.timeout(30):
            async with attached(made, hmc) as first:
                await first.ask()
                await made.begin(1, DelayRequest(match=ANY_REQUEST, delay_s=3600))
                waiting = asyncio.create_task(first.ask())
                reader, writer = await asyncio.open_connection(HOST, first.port)
                await made.detach()
                assert await reader.read() == b"", "open connections are closed"
                writer.close()
                with pytest.raises(aiohttp.ClientError):
                    await waiting
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection(HOST, first.port)
            assert connections(made) == []
            began = time.monotonic()
            async with attached(made, hmc) as second:
                assert time.monotonic() - began < 0.5
                assert (await second.ask()).status == 200
                assert second.recorder.events == []

    asyncio.run(scene())


def test_many_trials_leave_no_file_descriptor_in_the_proxy() -> None:
    async def scene() -> None:
        async with upstream() as hmc, proxy() as made, asyncio.timeout(30):
            counts = []
            for _ in range(8):
                async with attached(made, hmc) as it:
                    assert (await it.ask()).status == 200
                counts.append(psutil.Process(made.pid).num_fds())
            assert max(counts) <= counts[0] + 2, counts

    asyncio.run(scene())


def test_a_proxy_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    crashes: list[str] = []
    monkeypatch.setattr("harness.engines.mitm.proxy.ANSWER_S", 0.2)

    async def scene() -> None:
        async with world(crashes) as it:
            os.kill(it.proxy.pid, signal.SIGSTOP)
            with pytest.raises(EngineFailed, match="did not answer to 'begin': not in time"):
                await it.proxy.begin(1, BreakJson(match=ANY_REQUEST))
            assert not it.proxy.alive

    asyncio.run(scene())
    assert len(crashes) == 1
    assert psutil.Process().children() == []


def test_detaching_does_not_wait_for_a_hanging_hmc() -> None:
    async def scene() -> None:
        async with world() as it:
            waiting = asyncio.create_task(it.ask("/hang"))
            await it.upstream.hanging.wait()
            await it.proxy.detach()
            with pytest.raises(aiohttp.ClientError):
                await waiting
            assert it.recorder.all(ComponentCrashed) == []

    asyncio.run(scene())


def connections(made: MitmProxy) -> list[object]:
    return list(psutil.Process(made.pid).net_connections("inet"))


def test_nothing_listens_off_loopback_nor_on_another_address() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.ask()
            sockets = psutil.Process(it.proxy.pid).net_connections("inet")
            listening = [s.laddr for s in sockets if s.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)]
            assert listening == [(HOST, it.port)], "a UDP socket, which has no status, would be one more"
            assert all(ipaddress.ip_address(s.laddr.ip).is_loopback for s in sockets)

    asyncio.run(scene())


@pytest.mark.parametrize(("host", "to"), [("0.0.0.0", HOST), (HOST, "192.0.2.1")])  # noqa: S104 - has to be refused
def test_an_address_off_loopback_is_refused(host: str, to: str) -> None:
    async def scene() -> None:
        async with proxy() as made:
            with pytest.raises(EngineFailed, match="not a loopback address"):
                await made.attach(ListRecorder(), listen_host=host, upstream=(to, 1))
            assert connections(made) == []

    asyncio.run(scene())


def test_a_hook_that_fails_is_heard() -> None:
    """mitmproxy swallows it and lets the answer pass: here, one that claims to be gzip and is not."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, BreakJson(match=ANY_REQUEST))
            # The client cannot decode that answer any more than the hook can.
            tls = ssl.create_default_context()
            CA.configure_trust(tls)
            reader, writer = await asyncio.open_connection(HOST, it.port, ssl=tls)
            writer.write(b"GET /bad-gzip HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).endswith(b"{not gzip")
            writer.close()
            await it.recorder.until(lambda: bool(it.recorder.all(ComponentCrashed)))
            (crashed,) = it.recorder.all(ComponentCrashed)
            assert crashed.component == "mitmproxy"
            assert "hook response: ValueError" in crashed.error
            assert it.recorder.all(Touched) == []

    asyncio.run(scene())


def test_an_hmc_that_cannot_be_reached_is_no_silent_502() -> None:
    """The upstream's certificate is of another authority."""

    async def scene() -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert(HOST).configure_cert(tls)
        async with upstream() as hmc, proxy() as made, asyncio.timeout(30):
            stranger = await asyncio.start_server(lambda _r, w: w.close(), HOST, 0, ssl=tls)
            async with stranger:
                hmc.port = stranger.sockets[0].getsockname()[1]
                async with attached(made, hmc) as it:
                    assert (await it.ask()).status == 502
                    await it.recorder.until(lambda: bool(it.recorder.all(ComponentCrashed)))
                    assert "no answer from the HMC" in it.recorder.all(ComponentCrashed)[0].error

    asyncio.run(scene())


def test_no_session_id_reaches_the_history() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, AnswerWithError(match=ANY_REQUEST, status=500, reason=0, message="no"))
            await it.ask("/api/sessions/s3cr3t?x=s3cr3t", "DELETE", **{"X-API-Session": "s3cr3t"})
            await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
            assert "s3cr3t" not in repr(it.recorder.events)

    asyncio.run(scene())


def test_a_killed_proxy_makes_the_trial_unknown_and_is_told() -> None:
    crashes: list[str] = []

    async def scene() -> None:
        async with world(crashes) as it:
            folder = proxys_folder(it.proxy)
            os.kill(it.proxy.pid, signal.SIGKILL)
            await it.recorder.until(lambda: bool(it.recorder.all(ComponentCrashed)))
            assert "ended with status -9" in it.recorder.all(ComponentCrashed)[0].error
            assert len(crashes) == 1
            assert not it.proxy.alive
            assert not folder.exists()
            for refused in (it.proxy.begin(1, BreakJson(match=ANY_REQUEST)), it.proxy.heal(1), it.proxy.detach()):
                with pytest.raises(EngineFailed, match="status -9"):
                    await refused

    asyncio.run(scene())
    assert len(crashes) == 1


def test_closing_leaves_nothing_and_is_idempotent() -> None:
    async def scene() -> None:
        async with proxy() as made:
            folder, pid = proxys_folder(made), made.pid
            await made.close()
            await made.close()
            assert is_gone(pid)
            assert not folder.exists()

    asyncio.run(scene())
    assert psutil.Process().children() == []


def proxys_folder(made: MitmProxy) -> Path:
    (folder,) = Path(tempfile.gettempdir()).glob(f"{PREFIX}mitm-{made.pid}-*")
    return folder


def test_a_proxy_that_cannot_start_says_why_and_leaves_nothing() -> None:
    async def scene() -> None:
        with pytest.raises(EngineFailed, match="did not start"):
            await MitmProxy.start(ca_pem=b"no certificate", upstream_ca_pem=CA_PEM, on_crash=lambda _words: None)

    asyncio.run(scene())
    assert psutil.Process().children() == []


def test_what_a_proxy_leaves_that_was_killed_with_its_harness_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "harness.engines.mitm.proxy_main"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdin
        assert killed.stdout
        killed.stdin.write(wire.line({"ca": PEM.decode(), "upstream_ca": CA_PEM.decode()}))
        killed.stdin.flush()
        folder = Path(str(wire.parse(killed.stdout.readline())["ready"]))
        killed.kill()
    assert folder.parent == tmp_path
    assert folder.exists()

    async def next_one() -> None:
        async with proxy():
            pass

    asyncio.run(next_one())
    assert list(tmp_path.iterdir()) == []


def test_the_authoritys_key_is_not_on_the_disk_while_it_serves() -> None:
    async def scene() -> None:
        async with proxy() as made:
            folder = proxys_folder(made)
            assert folder.stat().st_mode & 0o777 == 0o700
            assert [file.name for file in folder.iterdir() if b"PRIVATE KEY" in file.read_bytes()] == []

    asyncio.run(scene())

"""Through a real mitmproxy: redirects, and what arrives where they lead. Nothing leaves the trial's own addresses."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import psutil
import pytest

from harness.core.commands import Redirect, RedirectTo
from harness.core.events import ComponentCrashed, Strayed, Touched
from harness.core.patterns import ANY_REQUEST
from tests.contract.mitm_world import HOST, attached, proxy, upstream, world
from tests.contract.raw_client import raw_ask

pytestmark = pytest.mark.contract

SECRET = "s3cr3t-session"


def redirect(to: RedirectTo = RedirectTo.SAME, *, status: int = 302, once: bool = False) -> Redirect:
    return Redirect(match=ANY_REQUEST, to=to, status=status, once=once)


def test_a_loop_goes_round_for_ever_and_once_lets_the_second_pass() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, redirect(status=307))
            for _ in range(3):
                answer = await raw_ask(it.port, "/api/cpcs?name=x")
                assert (answer.status, answer.header("Location"), answer.body) == (307, "/api/cpcs?name=x", b"")
            await it.proxy.heal(1)
            await it.proxy.begin(2, redirect(once=True))
            statuses = [(await raw_ask(it.port, "/api/cpcs")).status for _ in range(4)]
            assert statuses == [302, 200, 302, 200]
            assert it.upstream.asked == ["GET /api/cpcs"] * 2

    asyncio.run(scene())


@pytest.mark.parametrize("to", [RedirectTo.OTHER_HOST, RedirectTo.PLAIN_HTTP])
@pytest.mark.parametrize("header", [{"X_API_Session": SECRET}, {}], ids=["with-session", "without"])
def test_what_strays_is_recorded_and_goes_no_further(to: RedirectTo, header: dict[str, str]) -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, redirect(to))
            there = urlsplit((await raw_ask(it.port, "/api/cpcs?name=x")).header("Location") or "")
            assert (there.path, there.query) == ("/api/cpcs", "name=x")
            assert there.hostname is not None
            assert there.port is not None
            assert (there.scheme, there.hostname != HOST) == (
                ("https", True) if to is RedirectTo.OTHER_HOST else ("http", False)
            )
            answer = await raw_ask(there.port, there.path, host=there.hostname, tls=there.scheme == "https", **header)
            assert (answer.status, answer.header("Content-Type")) == (404, "text/html; charset=utf-8")
            assert it.upstream.asked == []
            await it.recorder.until(lambda: bool(it.recorder.all(Strayed)))
            (stray,) = it.recorder.all(Strayed)
            assert (stray.method, stray.path) == ("GET", "/api/cpcs")
            assert stray.secret == ("session id" if header else "")
            assert SECRET not in repr(it.recorder.events)
            assert len(it.recorder.all(Touched)) == 1, "what strays is no second redirect"
            assert it.recorder.all(ComponentCrashed) == []

    asyncio.run(scene())


def test_a_password_that_strays_is_recorded_by_its_name_alone() -> None:
    """A logon that is redirected by 307 is sent again, with its body."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, redirect(RedirectTo.OTHER_HOST, status=307))
            logon = {"userid": "u", "password": SECRET}
            async with it.client.post(f"https://{HOST}:{it.port}/api/sessions", json=logon) as answer:
                assert answer.status == 404
            await it.recorder.until(lambda: bool(it.recorder.all(Strayed)))
            assert it.recorder.all(Strayed)[0].secret == "password"
            assert SECRET not in repr(it.recorder.events)

    asyncio.run(scene())


def test_the_other_host_is_a_loopback_address_and_is_gone_with_its_trial() -> None:
    async def scene() -> None:
        async with upstream() as hmc, proxy() as made, asyncio.timeout(30):
            for _ in range(2):
                async with attached(made, hmc) as it:
                    assert len(listening(made.pid)) == 1, "only where a redirect leads there"
                    await made.begin(1, redirect(RedirectTo.OTHER_HOST))
                    hosts = {host for host, _ in listening(made.pid)}
                    assert len(hosts) == 2
                    assert all(host.startswith("127.") for host in hosts)
                    await raw_ask(it.port, "/api/cpcs")
                assert listening(made.pid) == []

    asyncio.run(scene())


def listening(pid: int) -> list[tuple[str, int]]:
    sockets = psutil.Process(pid).net_connections("inet")
    return [(s.laddr[0], s.laddr[1]) for s in sockets if s.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)]

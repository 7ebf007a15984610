"""Whatever an HMC answers is a loss with a cause in words: real zhmcclient against a server that answers nonsense.

The agent that these tests protect is the one that died, or reported ports down, of an answer that nobody expected.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from agent_under_test.dpm_agent.config import HmcConfig, Timeouts
from agent_under_test.dpm_agent.hmc_side import HmcLost, ZhmcHmc
from harness.checks.says_why import CAUSES

pytestmark = pytest.mark.contract

HOST = "127.0.77.2"
SESSION_ID, PASSWORD = "a-session-id-to-look-for", "a-password-to-look-for"
NIC = "/api/partitions/p1/nics/n1"
SWITCH = "/api/virtual-switches/s1"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

GOOD: dict[str, object] = {
    "/api/cpcs": {"cpcs": [{"object-uri": "/api/cpcs/c1", "name": "CPC1", "status": "active"}]},
    "/api/cpcs/c1": {"object-uri": "/api/cpcs/c1", "name": "CPC1", "dpm-enabled": True},
    "/api/cpcs/c1/virtual-switches": {"virtual-switches": [{"object-uri": SWITCH, "name": "s1", "type": "osd"}]},
    f"{SWITCH}/operations/get-connected-vnics": {"connected-vnic-uris": [NIC]},
    NIC: {"element-uri": NIC, "name": "n1", "description": "OpenStack mac=FA:16:3E:00:00:01 host-id=dpm-host-1"},
}
LOGON = {
    "api-session": SESSION_ID,
    "session-credential": "c",
    "notification-topic": "t",
    "job-notification-topic": "j",
}


class NonsenseHmc:
    """A good HMC but for one path, which has an answer of its own."""

    def __init__(self) -> None:
        self.odd_path = ""
        self.odd_answer: Answer | None = None
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == self.odd_path and self.odd_answer is not None:
            return await self.odd_answer(request)
        if request.method == "POST":
            return web.json_response(LOGON)
        if request.method == "DELETE":
            return web.Response(status=204)
        return web.json_response(GOOD[request.path])


def json_answer(body: object, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


def text_answer(text: str, kind: str, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=kind, status=status)

    return answer


def error_answer(status: int, reason: int) -> Answer:
    body = {"http-status": status, "reason": reason, "message": f"about {SESSION_ID}", "request-method": "GET"}
    return json_answer({**body, "request-uri": "/api/x"}, status)


async def redirect_to_itself(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


def hang_up(request: web.Request) -> None:
    assert isinstance(request.transport, asyncio.WriteTransport)
    request.transport.abort()


async def half_a_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"cpcs"')
    hang_up(request)
    return response


async def nothing_at_all(request: web.Request) -> web.StreamResponse:
    hang_up(request)
    return web.Response()


async def silence(request: web.Request) -> web.StreamResponse:
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0.01)
    return web.Response()


def hmc_side(ca_file: Path, tcp_port: int, max_redirects: int) -> ZhmcHmc:
    return ZhmcHmc(
        HmcConfig(host=HOST, port=tcp_port, user="u", password=PASSWORD, ca_certs=str(ca_file), cpc="CPC1"),
        Timeouts(connect_timeout=5, read_timeout=0.3, max_redirects=max_redirects),
        "dpm-host-1",
    )


async def end_connections(server: web.Server) -> None:
    """At once: TLS would wait for the client's goodbye, longer than the test's loop lives."""
    for connection in server.connections:
        if isinstance(connection.transport, asyncio.WriteTransport):
            connection.transport.abort()
    async with asyncio.timeout(5):
        while server.connections:  # noqa: ASYNC110 - aiohttp has nothing to wait for
            await asyncio.sleep(0)


def play(folder: Path, story: Callable[[NonsenseHmc, ZhmcHmc], Awaitable[None]], *, max_redirects: int = 30) -> None:
    """Run a story against such an HMC."""

    async def run() -> None:
        ca, nonsense = trustme.CA(), NonsenseHmc()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(HOST).configure_cert(context)
        ca.cert_pem.write_to_path(folder / "ca.pem")
        server = web.Server(nonsense.answer, access_log=None)  # type: ignore[arg-type]  # without an application the request is a BaseRequest, of which this uses no more
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, 0, ssl_context=context).start()
            side = hmc_side(folder / "ca.pem", runner.addresses[0][1], max_redirects)
            try:
                await story(nonsense, side)
            finally:
                side.drop(log_off=False)
                await end_connections(server)
        finally:
            await runner.cleanup()

    asyncio.run(run())


async def connect_and_look(side: ZhmcHmc) -> frozenset[str]:
    await asyncio.to_thread(side.connect)
    return await asyncio.to_thread(side.devices)


@pytest.fixture(autouse=True)
def _no_certificates_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def test_a_good_hmc_is_read_with_one_logon_and_gets_alone(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        assert await connect_and_look(side) == {"fa:16:3e:00:00:01"}
        await asyncio.to_thread(lambda: side.drop(log_off=True))
        assert nonsense.asked == [
            "POST /api/sessions",
            *(f"GET {path}" for path in GOOD),
            "DELETE /api/sessions/this-session",
        ]

    play(tmp_path, story)


PARSED = "its JSON cannot be parsed"
NOT_THE_API = "its JSON is not what the HMC's API says"


@pytest.mark.parametrize(
    ("path", "answer", "cause"),
    [
        ("/api/cpcs", error_answer(503, 1), "status 503, reason 1"),
        ("/api/cpcs", error_answer(403, 1), "status 403, reason 1"),
        ("/api/cpcs", error_answer(403, 5), "status 403, reason 5"),
        ("/api/sessions", error_answer(403, 0), "user or password refused"),
        ("/api/sessions", error_answer(403, 5), "status 403, reason 5"),
        ("/api/sessions", json_answer({}), NOT_THE_API),
        ("/api/sessions", text_answer(f'{{"api-session": "{SESSION_ID}"', "application/json"), PARSED),
        ("/api/cpcs", text_answer("{", "application/json"), PARSED),
        ("/api/cpcs", text_answer("", "application/json"), PARSED),
        ("/api/cpcs", json_answer(None), NOT_THE_API),
        ("/api/cpcs", json_answer([]), "CPC 'CPC1' not found"),
        ("/api/cpcs/c1/virtual-switches", json_answer([]), NOT_THE_API),
        ("/api/cpcs/c1/virtual-switches", json_answer({}), NOT_THE_API),
        ("/api/cpcs", json_answer({"cpcs": 1}), NOT_THE_API),
        ("/api/cpcs", json_answer({"cpcs": []}), "CPC 'CPC1' not found"),
        ("/api/cpcs/c1", json_answer({"dpm-enabled": False}), "CPC 'CPC1' not found in DPM mode"),
        ("/api/cpcs", text_answer("<html>broken</html>", "text/html", 500), "status 500"),
        ("/api/cpcs", text_answer("hello", "text/plain"), "unknown content type"),
        ("/api/cpcs", text_answer("hello", "text/plain", 500), "unknown content type"),
        ("/api/cpcs", redirect_to_itself, "too many redirects"),
        ("/api/cpcs", half_a_body, "connection closed"),
        ("/api/cpcs", nothing_at_all, "connection closed"),
        ("/api/cpcs", silence, "no answer in time (read timed out)"),
        ("/api/sessions", silence, "no answer in time (read timed out)"),
        (f"{SWITCH}/operations/get-connected-vnics", json_answer({"connected-vnic-uris": ["x"]}), NOT_THE_API),
        (NIC, json_answer({}), NOT_THE_API),
        (NIC, json_answer({"description": None}), NOT_THE_API),
        (NIC, error_answer(404, 1), "status 404"),
    ],
)
def test_each_nonsense_is_a_loss_with_a_cause_in_words_and_without_secrets(
    tmp_path: Path, path: str, answer: Answer, cause: str
) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        nonsense.odd_path, nonsense.odd_answer = path, answer
        with pytest.raises(HmcLost) as caught:
            await connect_and_look(side)
        words = str(caught.value)
        assert cause in words
        assert CAUSES.search(words)
        assert SESSION_ID not in words
        assert PASSWORD not in words

    play(tmp_path, story)


def test_a_logon_that_is_answered_session_unknown_is_tried_once(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        nonsense.odd_path, nonsense.odd_answer = "/api/sessions", error_answer(403, 5)
        with pytest.raises(HmcLost):
            await connect_and_look(side)
        assert nonsense.asked == ["POST /api/sessions"]

    play(tmp_path, story)


def test_a_read_that_times_out_is_sent_once(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        nonsense.odd_path, nonsense.odd_answer = "/api/cpcs", silence
        with pytest.raises(HmcLost):
            await connect_and_look(side)
        assert nonsense.asked.count("GET /api/cpcs") == 1

    play(tmp_path, story)


def test_a_nic_that_goes_while_it_is_looked_at_is_just_gone(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        listing = f"{SWITCH}/operations/get-connected-vnics"

        async def gone(request: web.Request) -> web.StreamResponse:
            nonsense.odd_path, nonsense.odd_answer = listing, json_answer({"connected-vnic-uris": []})
            return await error_answer(404, 1)(request)

        nonsense.odd_path, nonsense.odd_answer = NIC, gone
        assert await connect_and_look(side) == frozenset()

    play(tmp_path, story)


def test_a_cpc_without_virtual_switches_has_no_devices(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        nonsense.odd_path = "/api/cpcs/c1/virtual-switches"
        nonsense.odd_answer = json_answer({"virtual-switches": []})
        assert await connect_and_look(side) == frozenset()

    play(tmp_path, story)


def test_after_a_loss_a_fresh_session_finds_the_hmc_again(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        nonsense.odd_path, nonsense.odd_answer = "/api/cpcs", nothing_at_all
        with pytest.raises(HmcLost):
            await connect_and_look(side)
        nonsense.odd_path = ""
        assert await connect_and_look(side) == {"fa:16:3e:00:00:01"}
        assert nonsense.asked.count("POST /api/sessions") == 2

    play(tmp_path, story)

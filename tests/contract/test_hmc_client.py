"""The mock HMC, held against the real zhmcclient and against clients that break the rules, over real TLS."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import zhmcclient

from harness.hmc import HmcSettings, Inventory, MockHmc, ThrowawayCa
from harness.hmc.listener import Listener

pytestmark = pytest.mark.contract

HOST = "127.0.0.81"
INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"
USERS = {"agent": "right", "other": "right too"}


@dataclass
class Observer:
    """Keeps what it is told; `gate` lets a test hold requests."""

    requests: list[tuple[int, str, str, str]] = field(default_factory=list)
    answers: list[tuple[int, int, int]] = field(default_factory=list)
    sessions: list[tuple[str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    gate: Callable[[str], Awaitable[None]] | None = None

    async def on_request(self, number: int, method: str, path: str, user: str, query: str) -> None:
        self.requests.append((number, method, path, user))
        if self.gate:
            await self.gate(path)

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        assert seconds >= 0
        self.answers.append((number, status, reason))

    def on_session(self, user: str, what: str) -> None:
        self.sessions.append((user, what))

    def on_secret(self, text: str, name: str) -> None:
        self.secrets.append(text)

    def on_crash(self, component: str, error: str) -> None:
        self.crashes.append(f"{component}: {error}")


@dataclass
class Place:
    """A running mock HMC and what a client needs to reach it."""

    hmc: MockHmc
    port: int
    ca_file: str
    observer: Observer

    def session(self, password: str = USERS["agent"]) -> zhmcclient.Session:
        timeouts = zhmcclient.RetryTimeoutConfig(connect_timeout=5, connect_retries=0, read_timeout=5, max_redirects=0)
        return zhmcclient.Session(
            HOST, "agent", password, port=self.port, verify_cert=self.ca_file, retry_timeout_config=timeouts
        )

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.ca_file)
        return context.wrap_socket(socket.create_connection((HOST, self.port), timeout=5), server_hostname=HOST)


@pytest.fixture(scope="module")
def ca() -> ThrowawayCa:
    return ThrowawayCa()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Bench:
    """Runs a test's client in a thread, with the mock HMC in the loop."""

    ca: ThrowawayCa
    folder: Path

    def run(
        self,
        client: Callable[[Place], object],
        *,
        inventory: str = "two-nics",
        meanwhile: Callable[[Place], Awaitable[None]] | None = None,
        crashes: bool = False,
        **settings: float,
    ) -> Place:
        """Play a client against a fresh HMC; what was seen."""
        ca_file = self.folder / "ca.pem"
        ca_file.write_bytes(self.ca.ca_pem)

        async def play() -> Place:
            observer = Observer()
            everything = Inventory.load(INVENTORIES / f"{inventory}.yaml")
            hmc = MockHmc(everything, HmcSettings(users=USERS, **settings), observer, self.ca)  # type: ignore[arg-type]  # the floats among the settings
            place = Place(hmc, await hmc.start(HOST), str(ca_file), observer)
            try:
                await asyncio.wait_for(
                    asyncio.gather(asyncio.to_thread(client, place), *([meanwhile(place)] if meanwhile else [])), 20
                )
            finally:
                await hmc.close()
            for _ in range(3):  # asyncio tells its own tasks in the next turns of the loop
                await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return place

        place = asyncio.run(play())
        if not crashes:
            assert place.observer.crashes == []
        return place


@pytest.fixture
def bench(ca: ThrowawayCa, tmp_path: Path) -> Bench:
    return Bench(ca, tmp_path)


def until(holds: Callable[[], object], seconds: float = 5) -> None:
    """Wait for a condition, by a deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def test_a_client_logs_on_lists_and_logs_off(bench: Bench) -> None:
    def client(place: Place) -> None:
        session = place.session()
        cpcs = zhmcclient.Client(session).cpcs.list(full_properties=True)
        assert [cpc.name for cpc in cpcs] == ["cpc-1"]
        assert [part.name for part in cpcs[0].partitions.list()] == ["part-1", "part-idle"]
        session.logoff()

    seen = bench.run(client).observer
    assert seen.sessions == [("agent", "logon"), ("agent", "logoff")]
    assert seen.requests[0] == (1, "POST", "/api/sessions", "agent")
    assert [number for number, *_ in seen.requests] == list(range(1, len(seen.requests) + 1))
    assert {who for *_, who in seen.requests} == {"agent"}
    assert [number for number, *_ in seen.answers] == [number for number, *_ in seen.requests]
    assert seen.answers[-1][1:] == (204, -1)


def test_the_version_can_be_asked_without_a_session(bench: Bench) -> None:
    def client(place: Place) -> None:
        assert zhmcclient.Client(place.session()).query_api_version()["hmc-name"] == "hmc-1"

    assert bench.run(client).observer.requests == [(1, "GET", "/api/version", "")]


def test_a_wrong_password_is_refused_once_and_the_client_does_not_log_on_for_ever(bench: Bench) -> None:
    def client(place: Place) -> None:
        with pytest.raises(zhmcclient.ServerAuthError) as caught:
            place.session(password="wrong").logon()
        assert caught.value.details.http_status == 403
        assert caught.value.details.reason == 0
        assert "wrong" not in str(caught.value.details.request_body)

    seen = bench.run(client).observer
    assert seen.sessions == [("agent", "logon refused")]
    assert seen.answers == [(1, 403, 0)]


def test_a_client_whose_session_was_forgotten_logs_on_again(bench: Bench) -> None:
    def client(place: Place) -> None:
        client = zhmcclient.Client(place.session())
        client.cpcs.list()
        place.hmc._console.sessions.expire_all()
        assert client.cpcs.list()
        partition = client.cpcs.list()[0].partitions.find(name="part-1")
        place.hmc._console.sessions.expire_all()
        partition.update_properties({"description": "also a POST is sent again"})

    seen = bench.run(client).observer
    assert seen.sessions[:4] == [
        ("agent", "logon"),
        ("agent", "expired"),
        ("agent", "unknown session"),
        ("agent", "logon"),
    ]
    assert [status for _, status, reason in seen.answers if reason == 5] == [403, 403]


def test_session_ids_are_hidden_before_the_client_knows_them(bench: Bench) -> None:
    ids: list[str] = []

    def client(place: Place) -> None:
        session = place.session()
        session.logon()
        ids.append(session.session_id)
        assert session.session_id in place.observer.secrets
        assert session.session_credential in place.observer.secrets

    assert bench.run(client).observer.secrets[0] == ids[0]


def test_a_partition_starts_as_a_job(bench: Bench) -> None:
    def client(place: Place) -> None:
        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-1")
        partition = cpc.partitions.find(name="part-idle")
        job = partition.start(wait_for_completion=False)
        assert job.check_for_completion() == ("running", None)
        assert partition.get_property("status") == "starting"
        until(lambda: job.check_for_completion()[0] == "complete")
        partition.pull_full_properties()
        assert partition.get_property("status") == "active"
        with pytest.raises(zhmcclient.HTTPError) as caught:
            job.query_status()
        assert (caught.value.http_status, caught.value.reason) == (404, 1)

    bench.run(client, job_seconds=0.3)


def test_a_job_that_takes_no_time_is_waited_for_without_a_poll(bench: Bench) -> None:
    def client(place: Place) -> None:
        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-1")
        partition = cpc.partitions.find(name="part-idle")
        partition.start(status_timeout=5)
        partition.stop(status_timeout=5)
        assert partition.get_property("status") == "stopped"

    bench.run(client, job_seconds=0)


def test_a_job_is_cancelled(bench: Bench) -> None:
    def client(place: Place) -> None:
        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-1")
        job = cpc.partitions.find(name="part-idle").start(wait_for_completion=False)
        job.cancel()
        until(lambda: job.query_status()[0] == "canceled")
        job.delete()

    bench.run(client, job_seconds=0.2)


def test_an_lpar_that_cannot_be_loaded_fails_in_its_job(bench: Bench) -> None:
    def client(place: Place) -> None:
        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-classic")
        lpar = cpc.lpars.find(name="LPAR1")
        job = lpar.load(wait_for_completion=False)
        with pytest.raises(zhmcclient.HTTPError) as caught:
            job.check_for_completion()
        assert (caught.value.http_status, caught.value.reason) == (500, 263)

    bench.run(client, inventory="classic", job_seconds=0)


def test_nics_come_and_go_as_a_scan_sees_them(bench: Bench) -> None:
    def client(place: Place) -> None:
        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-1")
        switch = cpc.virtual_switches.find(name="vswitch-osa-1-0")

        def scan() -> list[str]:
            return [nic.name for nic in switch.get_connected_nics()]

        assert scan() == ["nic-1", "nic-2", "nic-of-others"]
        place.hmc.remove_nic("part-1", "nic-1")
        place.hmc.add_nic("part-1", "nic-9", "fa:16:3e:00:00:09", "dpm-host-1")
        assert scan() == ["nic-2", "nic-of-others", "nic-9"]

    assert [nic.name for nic in bench.run(client).hmc.owned_nics("dpm-host-1")] == ["nic-2", "nic-9"]


def test_metrics_are_read_through_a_context(bench: Bench) -> None:
    def client(place: Place) -> None:
        client = zhmcclient.Client(place.session())
        context = client.metrics_contexts.create(
            {"anticipated-frequency-seconds": 15, "metric-groups": ["partition-usage"]}
        )
        response = zhmcclient.MetricsResponse(context, context.get_metrics())
        values = response.metric_group_values[0].object_values
        assert {value.resource.name for value in values} == {"part-1", "part-idle"}
        context.delete()

    bench.run(client, inventory="metrics")


def test_a_request_is_carried_out_only_when_the_observer_lets_it(bench: Bench) -> None:
    def client(place: Place) -> None:
        async def gate(path: str) -> None:
            assert "/nics/" in path
            place.hmc.remove_nic("part-1", "nic-1")

        cpc = zhmcclient.Client(place.session()).cpcs.find(name="cpc-1")
        nic = cpc.partitions.find(name="part-1").nics.find(name="nic-1")
        place.observer.gate = gate
        with pytest.raises(zhmcclient.CeasedExistence):
            nic.pull_full_properties()

    bench.run(client)


def test_a_crash_is_told_and_the_client_gets_a_500_in_the_hmcs_form(bench: Bench) -> None:
    def client(place: Place) -> None:
        async def gate(path: str) -> None:
            raise ZeroDivisionError(path)

        session = place.session()
        session.logon()
        place.observer.gate = gate
        with pytest.raises(zhmcclient.HTTPError) as caught:
            session.get("/api/cpcs")
        assert caught.value.http_status == 500

    crashes = bench.run(client, crashes=True).observer.crashes
    assert len(crashes) == 1
    assert "ZeroDivisionError: /api/cpcs" in crashes[0]


def test_close_ends_requests_that_still_wait_and_idle_connections(bench: Bench) -> None:
    waiting = asyncio.Event()

    async def gate(path: str) -> None:
        if path == "/api/cpcs":
            waiting.set()
            await asyncio.Event().wait()

    async def meanwhile(place: Place) -> None:
        await waiting.wait()
        await place.hmc.close()

    def client(place: Place) -> None:
        place.observer.gate = gate
        idle, silent = place.connect(), socket.create_connection((HOST, place.port), timeout=5)
        with pytest.raises(zhmcclient.ConnectionError):
            zhmcclient.Client(place.session()).cpcs.list()
        for connection in (idle, silent):
            with connection:
                assert connection.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            place.connect()

    seen = bench.run(client, meanwhile=meanwhile).observer
    assert len(seen.requests) == len(seen.answers) + 1


def test_close_does_not_wait_for_a_client_that_no_longer_answers(bench: Bench) -> None:
    waiting, closed = asyncio.Event(), threading.Event()

    async def gate(path: str) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async def meanwhile(place: Place) -> None:
        await waiting.wait()
        began = time.monotonic()
        await place.hmc.close()
        assert time.monotonic() - began < 0.5  # TLS's goodbye alone may take 1 s
        closed.set()

    def client(place: Place) -> None:
        place.observer.gate = gate
        with place.connect() as connection:
            connection.sendall(b"GET /api/version HTTP/1.1\r\nHost: h\r\n\r\n")
            assert closed.wait(10)

    bench.run(client, meanwhile=meanwhile)


def test_close_ends_a_connection_that_was_closed_twice_and_got_no_goodbye(ca: ThrowawayCa) -> None:
    """In Python 3.11.2, which Debian 12 has, to abort such a one raises AttributeError."""

    class ClosesTwice(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transport.close()
            transport.close()
            closed.set()

    async def play() -> None:
        listener = Listener(ClosesTwice, ca.server_context(HOST), crashes.append)
        port = listener.listen(HOST, 0)
        context = ssl.create_default_context(cadata=ca.ca_pem.decode())

        def client() -> ssl.SSLSocket:
            return context.wrap_socket(socket.create_connection((HOST, port), timeout=5), server_hostname=HOST)

        with await asyncio.to_thread(client):
            await asyncio.wait_for(closed.wait(), 5)
            await listener.close()

    closed, crashes = asyncio.Event(), list[BaseException]()
    asyncio.run(play())
    assert crashes == []


def raw(place: Place, text: str) -> tuple[int, dict[str, object]]:
    """One request by hand: status and body of the answer."""
    with place.connect() as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body) if body else {}


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("GET /api/cpcs HTTP/1.1\nHost: h\nConnection: close\n\n", 403, 4),
        ("GET /api/cpcs HTTP/1.1\nHost: h\nX-API-Session: made-up\nConnection: close\n\n", 403, 5),
        ("GET /nowhere HTTP/1.1\nHost: h\nConnection: close\n\n", 403, 4),
        ("POST /api/sessions HTTP/1.1\nHost: h\nConnection: close\n\n", 400, 3),
        (
            "POST /api/sessions HTTP/1.1\nHost: h\nConnection: close\nContent-Type: application/json\n"
            "Content-Length: 5\n\n{bad}",
            400,
            9,
        ),
        (
            "POST /api/sessions HTTP/1.1\nHost: h\nConnection: close\nContent-Type: application/json\n"
            'Content-Length: 15\n\n{"userid": "a"}',
            400,
            5,
        ),
    ],
)
def test_what_breaks_the_rules_is_refused_in_the_hmcs_form(bench: Bench, text: str, status: int, reason: int) -> None:
    def client(place: Place) -> None:
        told, body = raw(place, text)
        assert (told, body["http-status"], body["reason"]) == (status, status, reason)

    bench.run(client)


def test_a_body_without_end_is_cut_off(bench: Bench) -> None:
    def client(place: Place) -> None:
        head = "POST /api/sessions HTTP/1.1\nHost: h\nConnection: close\nContent-Type: application/json\n"
        told, body = raw(place, f"{head}Content-Length: 2000000\n\n" + "x" * 1_500_000)
        assert (told, body["http-status"]) == (413, 413)

    bench.run(client)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET /api/cp",
        "POST /api/sessions HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{",
        "POST /api/sessions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        "\x16\x03 nonsense\r\n\r\n",
    ],
)
def test_a_client_that_breaks_off_or_sends_nonsense_hurts_nobody(bench: Bench, text: str) -> None:
    def client(place: Place) -> None:
        with place.connect() as connection:
            connection.sendall(text.encode())
        with socket.create_connection((HOST, place.port), timeout=5) as connection:
            connection.sendall(b"no TLS at all")
        assert zhmcclient.Client(place.session()).cpcs.list()

    bench.run(client)


def test_small_answers_are_not_held_back_by_nagle(bench: Bench) -> None:
    def client(place: Place) -> None:
        session = place.session()
        session.logon()
        began = time.perf_counter()
        for _ in range(25):
            session.get("/api/cpcs")
        # With Nagle on, delayed acknowledgements cost 40 ms a request: 1 s here.
        assert time.perf_counter() - began < 0.8

    bench.run(client)


def test_two_hmcs_at_once_share_nothing(bench: Bench, ca: ThrowawayCa) -> None:
    async def play() -> None:
        inventory = Inventory.load(INVENTORIES / "two-nics.yaml")
        hmcs = [MockHmc(inventory, HmcSettings(users=USERS, seed=seed), Observer(), ca) for seed in (1, 2)]
        ports = [await hmc.start(HOST) for hmc in hmcs]
        hmcs[0].remove_nic("part-1", "nic-1")
        assert len(hmcs[1].owned_nics("dpm-host-1")) == 2
        assert ports[0] != ports[1]
        for hmc in hmcs:
            await hmc.close()
            await hmc.close()

    asyncio.run(play())

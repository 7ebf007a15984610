"""HTTP as an HMC speaks it, over real connections: compression, 32 clients at once, a restart that clients notice."""

from __future__ import annotations

import concurrent.futures
import gzip
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zhmcclient

from harness.hmc import HMC_PORT, HmcSettings
from harness.hmc.operations import Console
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until

pytestmark = pytest.mark.contract

CLIENTS = 32
SETTINGS: dict[str, Any] = {"users": {USER: PASSWORD}, "job_seconds": 0.0}


@dataclass(frozen=True)
class Reply:
    """An answer, read in full."""

    status: int
    data: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.data)


def ask(world: World, method: str, uri: str, body: object = None, **headers: str) -> Reply:
    context = ssl.create_default_context(cafile=world.ca_file)
    connection = http.client.HTTPSConnection(world.host, HMC_PORT, context=context, timeout=20)
    data = None if body is None else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, uri, data, {"Content-Type": "application/json", **named})
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


def logon(world: World) -> str:
    answer = ask(world, "POST", "/api/sessions", {"userid": USER, "password": PASSWORD})
    return str(answer.body["api-session"])


def test_a_large_answer_is_compressed_where_asked(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        head = {"X_API_Session": logon(world)}
        everything = {"resources": ["partition", "cpc", "adapter"] * 20}
        world.do(lambda: _grow(world))
        plain = ask(world, "POST", "/api/services/inventory", everything, **head)
        assert "Content-Encoding" not in plain.headers
        packed = ask(world, "POST", "/api/services/inventory", everything, Accept_Encoding="gzip", **head)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data


def _grow(world: World) -> None:
    def describe(console: Any) -> None:
        with console.model.transaction():
            for cpc in console.model.hmc.cpcs.list():
                cpc.properties["description"] = "long " * 5000

    world.hmc.by_hand(describe)


def test_what_is_created_has_a_location_and_what_says_nothing_is_204(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        head = {"X_API_Session": logon(world)}
        (cpc,) = ask(world, "GET", "/api/cpcs", **head).body["cpcs"]
        body = {"name": "new", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
        created = ask(world, "POST", f"{cpc['object-uri']}/partitions", body, **head)
        assert created.status == 201
        location = created.headers["Location"]
        assert location == created.body["object-uri"]
        assert ask(world, "POST", location, {"description": "d"}, **head).status == 204
        started = ask(world, "POST", f"{location}/operations/start", {}, **head)
        assert started.status == 202
        assert started.body["job-uri"].startswith("/api/jobs/")


def test_many_clients_at_once_each_find_what_they_did(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=HmcSettings(**SETTINGS)) as world:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            uris = [uri for made in pool.map(lambda number: _work(world, number), range(CLIENTS)) for uri in made]
        assert len(set(uris)) == len(uris) == CLIENTS * 4
        (cpc,) = zhmcclient.Client(world.session()).cpcs.list()
        left = sorted(partition.name for partition in cpc.partitions.list())
        assert left == sorted(["part-1", "part-idle", *(f"kept-{number}" for number in range(CLIENTS))])


def _work(world: World, number: int) -> list[str]:
    session = world.session()
    (cpc,) = zhmcclient.Client(session).cpcs.list()
    switch = cpc.virtual_switches.list()[0].uri
    uris = []
    for name in (f"kept-{number}", f"gone-{number}"):
        properties = {"name": name, "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
        partition = cpc.partitions.create(properties)
        nic = partition.nics.create({"name": "nic", "virtual-switch-uri": switch})
        partition.start(status_timeout=0)
        partition.stop(status_timeout=0)
        partition.pull_full_properties()
        assert partition.properties["nic-uris"] == [nic.uri]
        uris += [partition.uri, nic.uri]
    partition.delete()
    session.logoff()
    return uris


def test_a_console_that_is_restarted_is_away_and_comes_back_without_sessions(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=HmcSettings(**SETTINGS, restart_seconds=0.2)) as world:
        session_id = logon(world)
        answer = ask(world, "POST", "/api/console/operations/restart", {"force": True}, X_API_Session=session_id)
        assert answer.status == 202
        refused: list[OSError] = []

        def back() -> bool:
            try:
                return ask(world, "GET", "/api/version").status == 200
            except OSError as error:
                refused.append(error)
                return False

        until(lambda: not back() and refused)
        until(back)
        again = ask(world, "GET", "/api/cpcs", X_API_Session=session_id)
        assert (again.status, again.body["reason"]) == (403, 5)


def test_the_same_seed_and_requests_give_the_same_bytes(tmp_path: Path) -> None:
    settings = HmcSettings(**SETTINGS, seed=7, begins_ms=1_700_000_000_000)

    def play() -> list[bytes]:
        with hmc_world(tmp_path, settings=settings) as world:
            head = {"X_API_Session": logon(world)}
            (cpc,) = ask(world, "GET", "/api/cpcs", **head).body["cpcs"]
            body = {"name": "new", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}
            partition = ask(world, "POST", f"{cpc['object-uri']}/partitions", body, **head).headers["Location"]
            asked = [
                ("POST", f"{partition}/operations/start", {}),
                ("POST", f"{partition}/operations/send-os-cmd", {"operating-system-command-text": "hello"}),
                ("GET", f"{partition}/operations/list-os-messages", None),
                ("GET", partition, None),
                ("GET", "/api/console/operations/get-audit-log", None),
                ("GET", "/api/console/operations/get-security-log", None),
            ]
            return [ask(world, *item, **head).data for item in asked]

    first = play()
    assert first == play()
    assert b"hello" in first[2]


def test_metrics_contexts_end_with_their_session_however_it_ends(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=HmcSettings(**SETTINGS)) as world:
        body = {"anticipated-frequency-seconds": 15}
        first, other = logon(world), logon(world)
        made = [
            ask(world, "POST", "/api/services/metrics/context", body, X_API_Session=mine).headers["Location"]
            for mine in (first, first, other)
        ]
        assert [ask(world, "GET", uri, X_API_Session=other).status for uri in made] == [404, 404, 200]
        assert ask(world, "DELETE", "/api/sessions/this-session", X_API_Session=first).status == 204
        assert world.do(lambda: world.hmc.by_hand(contexts)) == [made[2]]
        world.do(world.hmc.expire_sessions)
        assert world.do(lambda: world.hmc.by_hand(contexts)) == []


def contexts(console: Console) -> list[str]:
    return [context.uri for context in console.model.hmc.metrics_contexts.list()]


WITH_BODY = (
    "POST /api/sessions HTTP/{version}\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
    "Expect: {expect}\r\nConnection: close\r\n\r\n"
)
CREDENTIALS = json.dumps({"userid": USER, "password": PASSWORD}).encode()


@pytest.mark.parametrize("expect", ["100-continue", " 100-Continue "])
def test_a_client_that_waits_to_be_told_to_send_its_body_is_told(tmp_path: Path, expect: str) -> None:
    with hmc_world(tmp_path) as world, connected(world) as client:
        client.sendall(WITH_BODY.format(version="1.1", length=len(CREDENTIALS), expect=expect).encode())
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(CREDENTIALS)
        head, _, body = read_all(client).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert "api-session" in json.loads(body)


def test_nothing_is_said_before_the_answer_to_who_has_sent_its_body_or_speaks_http_1_0(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        for version in ("1.1", "1.0"):
            with connected(world) as client:
                head = WITH_BODY.format(version=version, length=len(CREDENTIALS), expect="100-continue")
                client.sendall(head.encode() + CREDENTIALS)
                assert read_all(client).startswith(f"HTTP/{version} 200".encode())


def test_another_expectation_is_refused(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        with connected(world) as client:
            client.sendall(WITH_BODY.format(version="1.1", length=len(CREDENTIALS), expect="200-maybe").encode())
            answer = read_all(client)
        assert answer.startswith(b"HTTP/1.1 417")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["http-status"] == 417


def read_all(client: ssl.SSLSocket) -> bytes:
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer


CHUNKED = b"POST /api/cpcs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"


@contextmanager
def connected(world: World) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=world.ca_file)
    plain = socket.create_connection((world.host, HMC_PORT), timeout=10)
    with context.wrap_socket(plain, server_hostname=world.host) as client:
        yield client


def until_read(world: World, requests: int) -> None:
    """Wait until so many requests are being read or carried out."""
    until(lambda: world.do(lambda: len(world.hmc._requests)) == requests)


def test_a_body_that_breaks_off_in_the_middle_is_refused_and_its_connection_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with hmc_world(tmp_path) as world, connected(world) as client:
        client.sendall(CHUNKED)
        until_read(world, 1)
        client.sendall(b"ZZ\r\n")
        assert read_all(client).startswith(b"HTTP/1.1 403")  # whose session it is comes before what the body is
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with hmc_world(tmp_path) as world:
        with connected(world) as client:
            client.sendall(CHUNKED)
            until_read(world, 1)
        until_read(world, 0)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []

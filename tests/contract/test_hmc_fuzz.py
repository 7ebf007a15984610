"""Requests that no client would send: each gets an HMC error or a clean close; no traceback, no hang, no growth.

HMC_FUZZ says how many (2,000 if it does not), HMC_FUZZ_SEED which; a failure names the request and its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from zhmcclient.mock._urihandler import URIS

from harness.hmc import HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.operations import OPERATIONS

pytestmark = pytest.mark.contract

HOST = "127.0.0.82"
INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"
COUNT = int(os.environ.get("HMC_FUZZ", "2000"))
SEED = int(os.environ.get("HMC_FUZZ_SEED", "1"))
DEADLINE_S = 20.0
"""Of one request. Only a hang takes so long."""
GROWTH_BYTES = 80 * 1024 * 1024


class Crashes(NullObserver):
    """Keeps what must not happen."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.statuses: Counter[int] = Counter()

    def on_answer(self, number: int, status: int, reason: int, seconds: float) -> None:
        self.statuses[status] += 1

    def on_crash(self, component: str, error: str) -> None:
        self.seen.append(error)


@dataclass
class Fuzzer:
    """Makes requests from one seed."""

    dice: random.Random
    session: str
    uris: list[str]

    def value(self, depth: int = 0) -> Any:
        """Anything that JSON can say."""
        kinds: list[Callable[[], Any]] = [
            lambda: None,
            lambda: self.dice.choice([True, False]),
            lambda: self.dice.choice([0, -1, 1, 2**63, 10**40, 1.5, -0.0]),
            lambda: self.dice.choice(["", "x", "a" * 300, "\ud800", "\x00", "ä€😀", "../..", "%s%n", "(", "0xZZ"]),
            lambda: self.dice.choice(self.uris),
        ]
        if depth < 3:
            kinds += [
                lambda: [self.value(depth + 1) for _ in range(self.dice.randrange(3))],
                lambda: {self.name(): self.value(depth + 1) for _ in range(self.dice.randrange(4))},
            ]
        return self.dice.choice(kinds)()

    def name(self) -> str:
        """A field's name, mostly one that some operation knows."""
        return self.dice.choice(FIELDS)

    def path(self) -> str:
        """A path, mostly of an operation that there is, for something that is there or not."""
        template = self.dice.choice(TEMPLATES)
        begin = self.dice.choice(self.uris)
        if self.dice.random() < 0.6 and "*" in template:
            # For a resource that is there, where one fits.
            after = template.partition("*")[2]
            if template.split("/")[2] == begin.split("/")[2]:
                return begin + after.replace("*", "1")
        return template.replace("*", self.dice.choice(["1", "none", "%00", "a%2Fb", "ä", "x" * 500]))

    def query(self) -> str:
        return self.dice.choice(
            ["", "", "", "?", "?name=(", "?name=a&name=b", "?%", "?properties=nothing", "?=", "?a=b=c"]
        )

    def semantic(self) -> bytes:
        """A well-formed request with a senseless body."""
        body = json.dumps({self.name(): self.value() for _ in range(self.dice.randrange(5))})
        method = self.dice.choice(["POST", "POST", "POST", "GET", "DELETE", "PUT", "PATCH", "BREW"])
        return self.request(method, self.path() + self.query(), body.encode() if method == "POST" else b"")

    def broken_body(self) -> bytes:
        """A body that is no JSON object, or is too large, or is not what its head says."""
        body = self.dice.choice(
            [
                b"{",
                b"[]",
                b"[" * 100_000,
                b"\xff\xfe",
                b'{"a": NaN}',
                b'{"a":' * 5000,
                b"null",
                b'"x"',
                b" " * 2_000_000,
            ]
        )
        kind = self.dice.choice(["application/json", "text/plain", "", "application/json;charset=utf-16", "\x01"])
        return self.request("POST", self.path(), body, kind)

    def broken_head(self) -> bytes:
        """Something that is hardly HTTP."""
        good = self.request("GET", "/api/version", b"")
        lines = good.split(b"\r\n")
        return self.dice.choice(
            [
                b"\x00" * 50 + b"\r\n\r\n",
                b"GET\r\n\r\n",
                b"GET /api/version HTTP/9.9\r\n\r\n",
                b"GET " + b"/a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                good.replace(b"Host", b"Ho st"),
                good.replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
                b"\r\n".join([*lines[:-2], *(b"X-%d: y" % number for number in range(500)), b"", b""]),
                good.replace(b"\r\n\r\n", b"\r\nContent-Length: -1\r\n\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
                good.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nExpect: 200-maybe\r\n\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
                good.replace(b"X-API-Session: ", b"X-API-Session: \xff"),
                good[: self.dice.randrange(1, len(good))],
                good * 20,
                bytes(self.dice.randrange(256) for _ in range(200)),
            ]
        )

    def request(self, method: str, uri: str, body: bytes, kind: str = "application/json") -> bytes:
        head = f"{method} {uri} HTTP/1.1\r\nHost: {HOST}\r\nX-API-Session: {self.session}\r\n"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return head.encode("utf-8", "surrogateescape") + b"Connection: close\r\n\r\n" + body

    def any(self) -> bytes:
        return self.dice.choice([self.semantic] * 6 + [self.broken_body, self.broken_head])()


TEMPLATES = sorted(
    {
        operation.path
        for operation in OPERATIONS
        if not operation.path.endswith(("/restart", "/shutdown", "/this-session"))
    }
    | {uri.replace("(?:\\?(.*))?", "").replace("([^?/]+)", "*").replace("([^/]+)", "*") for uri, _ in URIS}
    - {"/api/console/operations/restart", "/api/console/operations/shutdown", "/api/sessions/this-session"}
)
FIELDS = (
    "name", "description", "type", "cpc-uri", "storage-volumes", "operation", "element-uri", "requests", "method",
    "uri", "id", "body", "resources", "certificate", "certificate-uri", "domain-index", "crypto-adapter-uri",
    "paths", "partitions", "bus-connections", "added-connections", "removed-partition-uris",
    "added-partition-uris", "partition-uri", "nics", "number-of-nics", "device-numbers", "starting-device-number",
    "operating-system-command-text", "is-priority", "range", "resolution", "custom-range-start",
    "custom-range-end", "stp-id", "preferred-time-server", "current-time-server", "profile-name", "copy-name",
    "initial-memory", "maximum-memory", "ifl-processors", "boot-device", "virtual-switch-uri", "adapter-port-uris",
    "metric-groups", "anticipated-frequency-seconds", "user-role-uri", "permitted-object", "userid", "password",
    "status", "activation-profile-name", "load-address", "force", "bundle-level", "x",
)  # fmt: skip


async def _ask(port: int, context: ssl.SSLContext, data: bytes) -> bytes:
    """Everything that comes back until the HMC closes; the client has said all it has to say."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=HOST)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(data)
            await writer.drain()
        try:
            return await reader.read(10_000_000) if data.endswith(b"\r\n\r\n") or b"\r\n\r\n" in data else b""
        except ConnectionError:
            return b""
    finally:
        writer.transport.abort()


def _status_of(answer: bytes) -> int:
    """The status of an answer that is one of ours: an HTTP head, and JSON if there is a body of that type."""
    head, _, body = answer.partition(b"\r\n\r\n")
    version, status, *_ = head.split(b" ")
    assert version.startswith(b"HTTP/1.")
    assert b"Traceback" not in answer
    assert b"application/json" in head or not body
    if b"gzip" not in head and answer.count(b"HTTP/1.1 ") == 1 and body:
        json.loads(body)
    return int(status)


def test_nothing_that_is_sent_makes_the_hmc_crash_hang_or_grow() -> None:
    asyncio.run(_fuzz())


async def _fuzz() -> None:
    ca, crashes = ThrowawayCa(), Crashes()
    settings = HmcSettings(users={"u": "p"}, job_seconds=0.0, seed=SEED)
    hmc = MockHmc(Inventory.load(INVENTORIES / "two-nics.yaml"), settings, crashes, ca)
    port = await hmc.start(HOST)
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=ca.ca_pem.decode())
    try:
        fuzzer = await _new_fuzzer(hmc, port, context)
        await _run(fuzzer, port, context, crashes, COUNT // 4)
        before = psutil.Process().memory_info().rss
        await _run(fuzzer, port, context, crashes, COUNT - COUNT // 4)
        assert psutil.Process().memory_info().rss - before < GROWTH_BYTES
        assert set(crashes.statuses) >= {200, 204, 400, 404, 405}
        assert b"api-major-version" in await _ask(port, context, fuzzer.request("GET", "/api/version", b""))
    finally:
        await hmc.close()


async def _new_fuzzer(hmc: MockHmc, port: int, context: ssl.SSLContext) -> Fuzzer:
    uris = hmc.by_hand(lambda console: sorted(console.model.hmc.all_resources))
    fuzzer = Fuzzer(random.Random(SEED), "none", uris)  # noqa: S311 - the same requests for the same seed
    answer = await _ask(port, context, fuzzer.request("POST", "/api/sessions", b'{"userid": "u", "password": "p"}'))
    fuzzer.session = json.loads(answer.partition(b"\r\n\r\n")[2])["api-session"]
    return fuzzer


async def _run(fuzzer: Fuzzer, port: int, context: ssl.SSLContext, crashes: Crashes, count: int) -> None:
    for number in range(count):
        data = fuzzer.any()
        told = f"request {number} of seed {SEED}: {data[:600]!r}"
        try:
            answer = await asyncio.wait_for(_ask(port, context, data), DEADLINE_S)
        except TimeoutError:
            pytest.fail(f"no answer to {told}")
        assert crashes.seen == [], told
        if answer:
            assert _status_of(answer) != 500, told

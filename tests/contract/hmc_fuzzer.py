"""Makes requests that no client would send, from a seed."""

from __future__ import annotations

import copy
import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from zhmcclient.mock._urihandler import URIS

from harness.hmc.operations import OPERATIONS
from tests.hmc.every_operation.requests import BODIES, fits

BOMB = gzip.compress(b" " * 50_000_000, mtime=0)
"""50 kB that unpack to 50 MB."""


@dataclass
class Fuzzer:
    """Makes requests from one seed."""

    dice: random.Random
    host: str
    whats_there: Callable[[], list[str]]
    """URIs of all resources."""
    uris: list[str] = field(init=False)
    session: str = "none"

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """See what there is now: requests create and delete."""
        self.uris = self.whats_there()

    def digits(self) -> str:
        """A number that is longer than it may be, or is written as none is; Python reads no more than 4,300 digits."""
        some = self.dice.choice(["9" * 19, "9" * 20, "9" * 400, "9" * 4300, "9" * 5000, "0" * 5000 + "1", "1"])
        return self.dice.choice(["", "", "", "-", "+", "0x", "1e", "1.", "\u0663"]) + some

    def value(self, depth: int = 0) -> Any:
        """Anything that JSON can say."""
        kinds: list[Callable[[], Any]] = [
            lambda: None,
            lambda: self.dice.choice([True, False]),
            lambda: self.dice.choice([0, -1, 1, 2**63, 10**40, 10**400, 10**4000, 1.5, -0.0, 1e300]),
            lambda: self.dice.choice([*HALVES, "", "x", "a" * 300, "\x00", "ä€😀", "../..", "%s%n", "(", "0xZZ"]),
            lambda: self.dice.choice([*RAW, self.digits()]),
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
        if self.dice.random() < 0.6:
            return self.there(template)
        return template.replace("*", self.dice.choice(["1", "none", "%00", "a%2Fb", "ä", "x" * 500]))

    def there(self, template: str) -> str:
        """A path of an operation, for a resource that is there, where one fits."""
        resource, star, after = template.rpartition("*")
        fitting = [uri for uri in self.uris if fits(resource + star, uri)] if star else []
        return self.dice.choice(fitting) + after if fitting else template.replace("*", "1")

    def query(self) -> str:
        return self.dice.choice(
            ["", "", "", "?", "?name=(", "?name=a&name=b", "?%", "?properties=nothing", "?=", "?a=b=c", self.filter()]
        )

    def filter(self) -> str:
        """A filter of a list that keeps other matchers of regular expressions busy, to compile it or to match names."""
        name = self.dice.choice(["name", "name", "status", "type", "cpc-name", "partition-name"])
        return f"?{name}={quote(self.dice.choice(FILTERS))}"

    def semantic(self) -> bytes:
        """A well-formed request with a senseless body."""
        body = _json({self.name(): self.value() for _ in range(self.dice.randrange(5))})
        method = self.dice.choice(["POST", "POST", "POST", "GET", "DELETE", "PUT", "PATCH", "BREW"])
        return self.request(method, self.path() + self.query(), body if method == "POST" else b"")

    def nearly_good(self) -> bytes:
        """What succeeds, for a resource that is there, but for one field that is odd; every other time it is good."""
        template, good = self.dice.choice(GOOD)
        body = copy.deepcopy(good)
        if self.dice.random() < 0.5:
            body[self.dice.choice([*good, *good, self.name()])] = self.value()
        return self.request("POST", self.there(template), _json(body))

    def numbers(self) -> bytes:
        """A request whose query parameters are numbers, for a resource that is there."""
        template, names = self.dice.choice(NUMBERS)
        query = "&".join(f"{name}={quote(self.digits())}" for name in names if self.dice.random() < 0.6)
        return self.request("GET", f"{self.there(template)}?{query}", b"")

    def link(self) -> bytes:
        """A new partition link, or a change of one: its CPC and partitions are there, and one thing may be odd."""
        end: dict[str, Any] = {"partition-uri": self.there("/api/partitions/*")}
        nic = {self.dice.choice(NIC_FIELDS): self.dice.choice(["4711", ["4711"], 5, self.value()])}
        end |= self.dice.choice([{}, {"number-of-nics": self.dice.choice([1, 2, 1025, self.value()])}, {"nics": [nic]}])
        ends = self.dice.choice([[end], [end, end], self.value()])
        odd = self.dice.choice([{}, {}, {self.dice.choice(LINK_FIELDS): self.value()}])
        if self.dice.random() < 0.5:
            uris = [self.there("/api/partitions/*") for _ in range(self.dice.randrange(3))]
            changes = {"added-connections": ends, "added-partition-uris": uris, "removed-partition-uris": uris}
            chosen = self.dice.choice(sorted(changes))
            body = {chosen: changes[chosen], **odd}
            uri = self.there("/api/partition-links/*/operations/modify")
        else:
            port = {
                "adapter-port-uri": self.there("/api/adapters/*"),
                "connecting-adapter-port-uri": self.there("/api/adapters/*"),
            }
            path = {**port, "starting-device-number": self.dice.choice(["4000", "zz", self.value()])}
            own = {"name": f"link {self.dice.random()}", "type": self.dice.choice(["hipersockets", "smc-d", "ctc"])}
            parts = {"bus-connections": ends, "partitions": [end["partition-uri"]], "paths": [path]}
            body = {"cpc-uri": self.there("/api/cpcs/*"), **own, **parts, **odd}
            uri = "/api/partition-links"
        return self.request("POST", uri, _json(body))

    def broken_body(self) -> bytes:
        """A body that is no JSON object, or is too large, or is not what its head says."""
        body = self.dice.choice(
            [
                b"{",
                b"[]",
                b"[" * 100_000,
                b"\xff\xfe",
                b'{"a": NaN}',
                b'{"a": 1e999}',
                b'{"\xed\xa0\x80": "\xed\xa0\x80"}',
                json.dumps({"name": "a\ud800"}).encode("utf-16"),
                b'{"a":' * 5000,
                b'{"a":' * 900 + b"1" + b"}" * 900,
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
                good.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nContent-Length: " + b"0" * 5000 + b"5\r\n\r\nabcde"),
                good.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n"),
                good.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
                good.replace(b"X-API-Session: ", b"X-API-Session: \xff"),
                good[: self.dice.randrange(1, len(good))],
                good * 20,
                bytes(self.dice.randrange(256) for _ in range(200)),
            ]
        )

    def request(self, method: str, uri: str, body: bytes, kind: str = "application/json") -> bytes:
        head = f"{method} {uri} HTTP/1.1\r\nHost: {self.host}\r\nX-API-Session: {self.session}\r\n"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return head.encode("utf-8", "surrogateescape") + b"Connection: close\r\n\r\n" + body

    def encoded(self) -> bytes:
        """A body that is compressed, or says so."""
        whole = _json({self.name(): self.value()})
        name, body = self.dice.choice(
            [
                ("gzip", gzip.compress(whole, mtime=0)),
                ("gzip", gzip.compress(whole, mtime=0)[:-9]),
                ("gzip", gzip.compress(whole, mtime=0) + b"more"),
                ("gzip", BOMB),
                ("gzip", whole),
                ("deflate", zlib.compress(whole)),
                ("deflate", zlib.compress(whole)[2:]),
                ("deflate", zlib.compress(whole)[:-5]),
                ("deflate", bytes(self.dice.randrange(256) for _ in range(30))),
                ("br", whole),
                ("zstd", whole),
                ("gzip, deflate", zlib.compress(gzip.compress(whole, mtime=0))),
                ("identity", whole),
                ("rot13", whole),
            ]
        )
        good = self.request("POST", self.path(), body)
        return good.replace(b"\r\n", f"\r\nContent-Encoding: {name}\r\n".encode(), 1)

    def nobody(self) -> bytes:
        """A logon of somebody who has a name without end."""
        name = self.dice.choice(["x", "ä", "\U0001f600"]) * self.dice.randrange(1, 90_000)
        return self.request("POST", "/api/sessions", json.dumps({"userid": name, "password": "p"}).encode())

    def pipelined(self) -> bytes:
        """Several requests at once, of which only the last one wants the end."""
        several = [self.semantic() for _ in range(self.dice.randrange(2, 12))]
        if self.dice.random() < 0.3:
            several.insert(self.dice.randrange(len(several)), self.broken_head())
        return b"".join(one.replace(b"Connection: close\r\n", b"") for one in several[:-1]) + several[-1]

    def chunks(self) -> list[bytes]:
        """A body in chunks, of which the last one may be none, each sent by itself."""
        head = self.request("POST", self.path(), b"").replace(b"Connection: close\r\n", b"")
        begin = head[:-2] + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        ends = [b"0\r\n\r\n", b"ZZ\r\n", b"-5\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"0\r\nX: y\r\n\r\n"]
        return [begin, b"2\r\n{}\r\n", self.dice.choice(ends)]

    def unfinished(self) -> bytes:
        """The begin of a request; its end never comes."""
        good = self.request("POST", self.path(), b'{"name": "x"}')
        head, _, body = good.partition(b"\r\n\r\n")
        chunked = head.replace(b"Content-Length: 13", b"Transfer-Encoding: chunked") + b"\r\n\r\n"
        return self.dice.choice(
            [
                b"",
                good[:1],
                head[: self.dice.randrange(1, len(head))],
                head + b"\r\n",
                head + b"\r\n\r\n" + body[: self.dice.randrange(len(body))],
                chunked,
                chunked + b"d\r\n" + body,
                self.request("GET", "/api/version", b"").replace(b"Connection: close\r\n", b"") + head,
            ]
        )

    def any(self) -> list[bytes]:
        """Any of them, in the pieces in which it is sent: mostly one."""
        rare = [self.numbers, self.broken_body, self.broken_head, self.encoded, self.pipelined, self.nobody, self.link]
        if self.dice.random() < 0.02:
            return self.chunks()
        data = self.dice.choice([self.semantic] * 5 + [self.nearly_good] * 4 + rare)()
        if self.dice.random() < 0.9:
            return [data]
        cuts = sorted(self.dice.randrange(len(data)) for _ in range(self.dice.randrange(1, 5)))
        return [data[begin:end] for begin, end in pairwise([0, *cuts, len(data)])]


def _json(body: dict[str, Any]) -> bytes:
    text = json.dumps(body)
    for word, meant in RAW.items():
        text = text.replace(f'"{word}"', meant)
    return text.encode()


HALVES = ("\ud800", "a\udfffb", "\udfff\ud800")
"""Of surrogate pairs: JSON can say them, UTF-8 cannot."""
RAW = {"5,000 digits": "9" * 5000, "larger than any": "-1e999"}
"""Numbers that Python does not write."""
GOOD = [
    (template, dict(body))
    for template, body in BODIES.items()
    if not isinstance(body, bytes) and template != "/api/sessions"
]
NUMBERS = [
    *((f"/api/console/operations/get-{log}-log", ("begin-time", "end-time")) for log in ("audit", "security")),
    *((f"{owner}/hardware-messages", ("begin-time", "end-time")) for owner in ("/api/console", "/api/cpcs/*")),
    *(
        (f"/api/{kind}/*/operations/list-os-messages", ("begin-sequence-number", "end-sequence-number", "max-messages"))
        for kind in ("partitions", "logical-partitions")
    ),
]
"""Operations with query parameters that are numbers."""
NIC_FIELDS = ("device-numbers", "fid", "vlan-id", "mac-address", "x")
LINK_FIELDS = (
    "starting-device-number", "starting-fid", "maximum-transmission-unit-size", "devices-per-path", "description",
    "name", "adapter-uri", "state", "paths", "partitions", "bus-connections",
)  # fmt: skip
LONG_NAME = "a" * 40
"""A partition has to have it, for the filters below to bite."""
FILTERS = (
    "(a|a)*b",
    "(a|aa)+$x",
    "(a+)+b",
    "(a|a)" * 40 + "b",
    "(.*)" * 30 + "x",
    "(?i)" + "[\0-\U0010ffff]" * 160,
    "(?i)" + "".join(f"[{chr(500 + number)}-\uffff]" for number in range(80)),
    "(?:" * 30 + "a" + "{1,99})" * 30,
    "((((a{1,90}){1,90}){1,90}){1,90})b",
    "(" * 1000 + ")" * 1000,
    "(?=(a|a)*b)a",
    r"((a|a)\1?)*b",
    r"\pL" * 150,
    "[",
    "\\",
    "(?<",
    "a{2,1}",
)
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

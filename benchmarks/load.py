"""Requests a second over 8 keep-alive TLS connections: by wrk where it is, else by a generator of our own.

Our own one is written in Python and takes as much of the machine as what it measures, so its numbers are lower, and a
ratio of two of them is nearer to 1 than wrk's. What was used is told with the numbers.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 8
THREADS = 2


def generator() -> str:
    """What makes the load."""
    return "wrk" if shutil.which("wrk") else "our own generator"


@dataclass(frozen=True)
class Request:
    """What is sent again and again."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    """A request with a body is a POST."""


def rate(request: Request, seconds: int) -> float:
    """Requests a second; fails when one of them is not answered with 200."""
    return _wrk(request, seconds) if shutil.which("wrk") else _own(request, seconds)


def _wrk(request: Request, seconds: int) -> float:
    told = [option for name, value in request.headers.items() for option in ("-H", f"{name}: {value}")]
    with tempfile.TemporaryDirectory() as folder:
        if request.body:
            script = Path(folder) / "post.lua"
            script.write_text(f'wrk.method = "POST"\nwrk.body = [[{request.body}]]\n')
            told += ["-s", str(script)]
        line = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", *told, request.url]
        out = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert found, out
    assert "Non-2xx" not in out, out
    assert "Socket errors" not in out, out
    return float(found[1])


def _own(request: Request, seconds: int) -> float:
    """In a process of its own, so that it does not take its turns from what it measures."""
    line = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(request)), str(seconds)]
    return float(subprocess.run(line, capture_output=True, text=True, check=True).stdout)


def _bytes(request: Request) -> bytes:
    parts = urlsplit(request.url)
    method = "POST" if request.body else "GET"
    lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", request.body]).encode()


async def _connection(request: Request, until_s: float) -> int:
    parts = urlsplit(request.url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
    sent, count = _bytes(request), 0
    while time.monotonic() < until_s:
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        if length := re.search(rb"content-length: (\d+)", head):
            await reader.readexactly(int(length[1]))
        else:
            assert b"transfer-encoding: chunked" in head, head
            await reader.readuntil(b"\r\n0\r\n\r\n")
        count += 1
    writer.close()
    return count


async def _all(request: Request, seconds: float) -> float:
    until_s = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_connection(request, until_s) for _ in range(CONNECTIONS)))) / seconds


if __name__ == "__main__":
    print(asyncio.run(_all(Request(**json.loads(sys.argv[1])), float(sys.argv[2]))))

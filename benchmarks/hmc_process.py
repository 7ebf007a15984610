"""A mock HMC in a process of its own, as other programs have it, and a plain client for it."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Running:
    """A mock HMC that is ready."""

    host: str
    port: int
    ca: Path
    password: str
    ready_s: float
    """From the start of the process to its word that it listens."""
    pid: int

    def context(self) -> ssl.SSLContext:
        """Trusts it."""
        return ssl.create_default_context(cafile=str(self.ca))

    def peak_mb(self) -> float:
        """The most memory that it ever had."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


class Client:
    """One TLS connection that is kept, logged on."""

    def __init__(self, hmc: Running) -> None:
        self._connection = http.client.HTTPSConnection(hmc.host, hmc.port, context=hmc.context(), timeout=60)
        body = json.dumps({"userid": "zhmc", "password": hmc.password})
        self._connection.request("POST", "/api/sessions", body, JSON_HEADERS)
        self.session_id = str(json.loads(self._connection.getresponse().read())["api-session"])

    def get(self, path: str) -> Any:
        """What the HMC answers."""
        self._connection.request("GET", path, headers={"X-API-Session": self.session_id})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return json.loads(body)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def running_hmc(inventory: Path, host: str) -> Iterator[Running]:
    """Start one, and end it."""
    line = [sys.executable, "-m", "harness.hmc", "--inventory", str(inventory), "--listen", f"{host}:0"]
    began = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            first, second = process.stdout.readline(), process.stdout.readline()
            ready_s = time.perf_counter() - began
            port = re.search(r":(\d+);", first)
            files = re.search(r"password in (\S+); certificate to trust in (\S+)\.$", second)
            assert port
            assert files
            password = Path(files[1]).read_text()
            yield Running(host, int(port[1]), Path(files[2]), password, ready_s, process.pid)
        finally:
            process.terminate()
            process.wait(20)

"""What the tests of notifications count on in their clients: see `stomp_client`."""

from __future__ import annotations

import os
import queue
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import stomp

from harness.hmc.notifications import STOMP_PORT
from tests.contract import stomp_client
from tests.contract.hmc_world import PASSWORD, USER, hmc_world

pytestmark = pytest.mark.contract


class Watched(ssl.SSLSocket):
    """Counts calls, and those that began while another thread was in one."""

    inside = threading.Lock()
    calls = 0
    overlaps = 0

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        with Entered():
            return super().read(len, buffer)

    def send(self, data: Any, flags: int = 0) -> int:
        with Entered():
            return super().send(data, flags)


class Entered:
    """One call at a watched connection."""

    def __enter__(self) -> None:
        Watched.calls += 1
        self.is_first = Watched.inside.acquire(blocking=False)
        Watched.overlaps += not self.is_first

    def __exit__(self, *_: object) -> None:
        if self.is_first:
            Watched.inside.release()


def test_a_client_of_stomp_is_never_in_tls_twice_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stomp_client.mend(monkeypatch)
    monkeypatch.setattr(Watched, "calls", 0)
    monkeypatch.setattr(Watched, "overlaps", 0)
    receipts: queue.Queue[str] = queue.Queue()

    class Receipts(stomp.ConnectionListener):  # type: ignore[misc]
        def on_receipt(self, frame: Any) -> None:
            receipts.put(frame.headers["receipt-id"])

    with hmc_world(tmp_path) as world, monkeypatch.context() as watching:
        session = world.session()
        session.logon()
        watching.setattr(ssl.SSLContext, "sslsocket_class", Watched)
        client = stomp.Connection([(world.host, STOMP_PORT)], timeout=30)
        client.set_ssl([(world.host, STOMP_PORT)], ca_certs=world.ca_file)
        client.set_listener("receipts", Receipts())
        client.connect(USER, PASSWORD, wait=True)
        for number in range(100):
            client.subscribe(f"/topic/{session.object_topic}", number, receipt=f"r{number}")
        assert [receipts.get(timeout=5) for _ in range(100)] == [f"r{number}" for number in range(100)]
        client.disconnect()
        session.logoff()
    assert Watched.calls > 100
    assert Watched.overlaps == 0


def test_what_is_started_on_one_cpu_stays_there_and_we_do_not() -> None:
    before = os.sched_getaffinity(0)
    with stomp_client.one_cpu():
        told = subprocess.check_output([sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"])
    assert int(told) == 1
    assert os.sched_getaffinity(0) == before


def test_an_agent_that_listens_has_one_cpu() -> None:
    starter = Path(__file__).parents[2] / "agent_under_test" / "one_cpu.py"
    look = "import os, sys; print(len(os.sched_getaffinity(0)), sys.argv[1:])"
    told = subprocess.check_output([sys.executable, str(starter), sys.executable, "-c", look, "a b"], text=True)
    assert told == "1 ['a b']\n"

"""Unmodified programs of the zhmcclient project do their main job with notifications against the mock HMC.

`make agents` installs them; docs/agents.md says which releases cannot, and why.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.hmc import Inventory
from harness.hmc.changes import LogKind
from harness.hmc.inventories.file import write
from harness.hmc.inventories.generate import Size, generate
from harness.hmc.operations import Console
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until
from tests.contract.stomp_client import one_cpu

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
VENVS = ROOT / ".venvs"
LAUNCHER = ROOT / "agent_under_test" / "prometheus_exporter" / "start.py"

LOG_FORWARDER = """
hmc_host: {host}
hmc_user: {user}
hmc_password: {password}
hmc_verify_cert: {ca}
stomp_retry_timeout_config: {{}}
label: mock
since: all
future: true
selflog_dest: stderr
forwardings:
  - {{name: out, logs: [security, audit], dest: stdout, format: line}}
"""
OS_FORWARDER = """
hmc: {{host: {host}, userid: {user}, password: {password}, verify_cert: {ca}}}
forwarding:
  - syslogs: [{{host: 127.0.0.1, port: {port}, port_type: udp}}]
    cpcs: [{{cpc: .*, partitions: [{{partition: part-1}}]}}]
"""
EXPORTER = """
version: 2
hmcs: [{{host: {host}, userid: {user}, password: {password}, verify_cert: {ca}}}]
metric_groups:
  cpc-resource: {{export: true}}
  partition-resource: {{export: true}}
"""


class Program:
    """A running program and all that it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.text += line

    def wait_for(self, text: str) -> None:
        """Wait until it has printed this; a program that has ended will not."""
        until(lambda: text in self.text or self.process.poll() is not None, 60)
        assert text in self.text, self.text

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended and all that it printed is here."""
        status = self.process.wait(30)
        self._reader.join(10)
        return status


@contextmanager
def program(folder: Path, *line: str) -> Iterator[Program]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    with one_cpu():  # or one in fifty loses its notifications: see there
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    with process:
        try:
            yield Program(process)
        finally:
            process.kill()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hmc_world(tmp_path) as world:
        yield world


def config(folder: Path, text: str, world: World, **more: object) -> str:
    file = folder / "config.yaml"
    file.write_text(text.format(host=world.host, user=USER, password=PASSWORD, ca=world.ca_file, **more))
    return str(file)


def listeners(world: World, ending: str) -> int:
    """How many clients listen to a topic that ends so."""
    return world.do(
        lambda: sum(
            world.hmc.notifications.listeners(f"{topic}{ending}")
            for topic in world.hmc.by_hand(lambda console: console.sessions.topics())
        )
    )


def test_the_log_forwarder_forwards_what_was_logged_and_what_is(tmp_path: Path, world: World) -> None:
    session = world.session()
    session.logon()
    session.logoff()
    line = [str(VENVS / "zhmc-log-forwarder/bin/zhmc_log_forwarder"), "-c", config(tmp_path, LOG_FORWARDER, world)]
    with program(tmp_path, *line) as forwarder:
        forwarder.wait_for("logoff: user agent")
        until(lambda: listeners(world, "aud") == 1 and listeners(world, "sec") == 1)
        world.do(lambda: world.hmc.by_hand(lambda console: console.logs.add(LogKind.AUDIT, 1, "me", "Painted: green")))
        forwarder.wait_for("Painted: green")
        assert forwarder.interrupt() == 0
        assert "Traceback" not in forwarder.text


def test_the_os_forwarder_forwards_what_an_operating_system_writes(tmp_path: Path, world: World) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(30)
        text = config(tmp_path, OS_FORWARDER, world, port=syslog.getsockname()[1])
        line = [str(VENVS / "zhmc-os-forwarder/bin/zhmc_os_forwarder"), "-c", text, "-vv"]
        with program(tmp_path, *line) as forwarder:
            forwarder.wait_for("Forwarder is up and running")
            until(lambda: world.do(lambda: world.hmc.notifications.listeners(f"{USER}.os1")) == 1)
            world.do(lambda: world.hmc.by_hand(_write_to_console))
            assert b"cpc-1 part-1 0: boo" in syslog.recv(1000)
            assert forwarder.interrupt() == 0
            assert "Traceback" not in forwarder.text


def _write_to_console(console: Console) -> None:
    with console.model.transaction():
        console.os_messages.write(_partition(console), "boo")


def test_the_latest_os_forwarder_cannot_since_it_never_connects_its_receiver(tmp_path: Path, world: World) -> None:
    """All of zhmc-os-forwarder 0.3.0 to 1.2.0, against any HMC: docs/agents.md. One that can may replace 0.2.0."""
    text = config(tmp_path, OS_FORWARDER, world, port=9)  # it never comes to its syslog server
    line = [str(VENVS / "zhmc-os-forwarder-newest/bin/zhmc_os_forwarder"), "-c", text, "-vv"]
    with program(tmp_path, *line) as forwarder:
        assert forwarder.wait() == 1
    assert "Subscribing for OS message notifications for LPAR 'part-1' on CPC 'cpc-1'" in forwarder.text
    subscribed = "STOMP subscription failed: AttributeError: 'NoneType' object has no attribute 'subscribe'"
    assert f"Error: NotificationSubscriptionError: {subscribed}" in forwarder.text
    assert "AttributeError: 'NoneType' object has no attribute 'disconnect'" in forwarder.text.splitlines()[-1]
    assert re.search(r'_forwarder/forwarder_server.py", line \d+, in shutdown\n +self.receiver.close', forwarder.text)
    assert listeners(world, "os1") == 0


def test_the_exporter_follows_resources_by_notifications(tmp_path: Path) -> None:
    file = tmp_path / "whole.json"
    write(generate(Size(cpcs=1, partitions=1, nics=1)), file)  # with all the properties that the exporter shows
    with hmc_world(tmp_path, Inventory.load(file)) as world:
        world.do(lambda: world.hmc.by_hand(lambda console: _set_status(console, "active")))
        with socket.create_server((world.host, 0)) as free:
            port = free.getsockname()[1]
        python = str(VENVS / "zhmc-prometheus-exporter/bin/python")
        options = ["-c", config(tmp_path, EXPORTER, world), "-p", str(port), "-v"]
        with program(tmp_path, python, str(LAUNCHER), world.host, *options) as exporter:
            exporter.wait_for("Exporter is up and running")
            assert listeners(world, "") == 1
            assert status(world.host, port) == 0.0
            world.do(lambda: world.hmc.by_hand(lambda console: _set_status(console, "terminated")))
            until(lambda: status(world.host, port) == 21.0, 30)
            exporter.interrupt()


def _set_status(console: Console, word: str) -> None:
    with console.model.transaction():
        _partition(console).properties["status"] = word


def _partition(console: Console) -> Any:
    everything = console.model.hmc.all_resources.values()
    return next(resource for resource in everything if resource.properties.get("name") == "part-1")


def status(host: str, port: int) -> float:
    """The status of the partition, as a number, as the exporter shows it."""
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    [line] = [line for line in lines if line.startswith("zhmc_partition_status_int{")]
    return float(line.rpartition(" ")[2])

"""The launcher of the Prometheus exporter, with a stand-in for the exporter's package.

The launcher runs in the exporter's own virtual environment and installs an audit hook that cannot be taken out again,
so that each claim is tested in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "agent_under_test" / "prometheus_exporter" / "start.py"
STAND_IN = """
import sys

def start_http_server(port, addr="0.0.0.0"):
    import socket
    with socket.create_server((addr, port)) as server:
        print("listens on", server.getsockname()[0])

def main():
    print("arguments", sys.argv[1:])
    SERVER(port=0)
"""


def launch(tmp_path: Path, *arguments: str, server: str = "start_http_server") -> subprocess.CompletedProcess[str]:
    package = tmp_path / "zhmc_prometheus_exporter"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "zhmc_prometheus_exporter.py").write_text(STAND_IN.replace("SERVER", server))
    return subprocess.run(
        [sys.executable, str(LAUNCHER), *arguments],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_server_gets_the_address_and_the_exporter_its_own_arguments(tmp_path: Path) -> None:
    done = launch(tmp_path, "127.77.3.1", "-c", "config.yaml")
    assert done.stdout.splitlines() == ["arguments ['-c', 'config.yaml']", "listens on 127.77.3.1"]
    assert done.returncode == 0


def test_an_exporter_that_starts_its_server_in_another_way_is_kept_from_listening_elsewhere(tmp_path: Path) -> None:
    done = launch(tmp_path, "127.77.3.1", server="__import__('functools').partial(start_http_server.func)")
    assert "listens on" not in done.stdout
    assert "the exporter wants to listen on '0.0.0.0'" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("arguments", [(), ("0.0.0.0",), ("-c", "config.yaml")])  # noqa: S104 - the refused address
def test_without_a_loopback_address_nothing_is_started(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = launch(tmp_path, *arguments)
    assert done.stdout == ""
    assert "must be a loopback address" in done.stderr
    assert done.returncode == 1

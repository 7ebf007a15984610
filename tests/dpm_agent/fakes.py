"""Both sides of the agent's loop, and a clock, without sockets or threads."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from agent_under_test.dpm_agent.config import AgentConfig, Config, HmcConfig, Timeouts
from agent_under_test.dpm_agent.hmc_side import HmcLost
from agent_under_test.dpm_agent.reporter import ReporterError

MAC_A = "fa:16:3e:00:00:01"
MAC_B = "fa:16:3e:00:00:02"


class HandClock:
    """Time passes when told to."""

    def __init__(self) -> None:
        self.t = 100.0

    def __call__(self) -> float:
        return self.t


class FakeHmc:
    """An HMC that has `macs`, or is away for `away`'s cause; `calls` is what was asked of it."""

    def __init__(self, *macs: str) -> None:
        self.macs = frozenset(macs)
        self.away: HmcLost | None = None
        self.calls: list[str] = []

    def connect(self) -> None:
        self.calls.append("connect")
        if self.away:
            raise self.away

    def devices(self) -> frozenset[str]:
        self.calls.append("devices")
        if self.away:
            raise self.away
        return self.macs

    def drop(self, *, log_off: bool) -> None:
        self.calls.append("log off" if log_off else "drop")


class FakeReporter:
    """A control plane that knows `ports`, or fails with `away`; `said` is what it was told."""

    address = "127.0.0.1:9696"

    def __init__(self, *ports: str) -> None:
        self.ports = frozenset(ports)
        self.away = ""
        self.said: list[str] = []

    def report_state(self, *, start: bool) -> None:
        self._hear("start" if start else "alive")

    def device_details(self, macs: Set[str]) -> frozenset[str]:
        self._hear(f"details {' '.join(sorted(macs))}")
        return self.ports & frozenset(macs)

    def update_devices(self, *, up: Set[str], down: Set[str]) -> None:
        self._hear(f"up {' '.join(sorted(up))} down {' '.join(sorted(down))}")

    def _hear(self, words: str) -> None:
        if self.away:
            raise ReporterError(self.away)
        self.said.append(words)


def config() -> Config:
    """Settings as in the concept."""
    return Config(
        hmc=HmcConfig(host="127.0.0.2", port=6794, user="u", password="p", ca_certs="ca.pem", cpc="CPC1"),
        timeouts=Timeouts(),
        agent=AgentConfig(host="dpm-host-1"),
        control_plane_url="http://127.0.0.1:9696",
    )


def write_private(path: Path, text: str) -> Path:
    """A file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path

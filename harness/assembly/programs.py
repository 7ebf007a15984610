"""The agent, and bystanders that use the HMC beside it: processes made from profiles."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from harness.core.commands import Command, RunBystander
from harness.core.interfaces import Recorder
from harness.core.profile import Expanded, Profile
from harness.engines.agent_process import AgentProcess
from harness.errors import AgentNotStartable, EngineFailed

HMC_PORT = 6794
"""The HMC's Web Services API; most agents cannot be told another."""

LISTEN_PORT = 9291
"""Where an agent that serves metrics listens, on the trial's own address: zhmc-prometheus-exporter's default."""

STOP_GRACE_S = 5.0
"""From SIGTERM to SIGKILL."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a profile's placeholders stand for in one trial, apart from the program's own user and folder."""

    root: Path
    host: str
    port: int
    ca_file: Path
    control_plane_url: str
    transport_url: str = field(default="", repr=False)
    listen_host: str = ""
    """The trial's own address, at which programs may listen; empty: the HMC's."""
    alternate: str = ""
    """The alternate HMC's address; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Account:
    """An HMC user of a program's own."""

    user: str
    password: str = field(repr=False)

    @classmethod
    def make(cls, program: str, recorder: Recorder) -> Account:
        """A user with a password that no history will show."""
        account = cls(f"{program}-user", secrets.token_hex(12))
        recorder.hide(account.password, "password")
        return account


def expand(
    profile: Profile, overrides: Mapping[str, str], account: Account, place: Surroundings, home: Path
) -> Expanded:
    """The profile's command, files and environment for one trial."""
    values = {
        "python": sys.executable,
        "root": str(place.root),
        "workdir": str(home),
        "hmc_host": place.host,
        "hmc_alternate": place.alternate,
        "hmc_port": str(place.port),
        "hmc_user": account.user,
        "hmc_password": account.password,
        "ca_file": str(place.ca_file),
        "control_plane_url": place.control_plane_url,
        "transport_url": place.transport_url,
        "listen_host": place.listen_host or place.host,
        "listen_port": str(LISTEN_PORT),
    }
    return profile.expand(values, overrides)


@dataclass(slots=True)
class Program:
    """A profile's process in one trial."""

    who: str
    profile: Profile
    expanded: Expanded
    root: Path
    home: Path
    """A folder of its own, made at the start; it may hold a password, so nobody else can look."""
    recorder: Recorder
    log_file: Path | None = None
    process: AgentProcess | None = None

    async def start(self) -> None:
        """Write its files and execute it.

        Raises:
            AgentNotStartable: the program is not there; says how to set it up.
        """
        check_needs(self.profile, self.root)
        self.home.mkdir(mode=0o700)
        for name, text in self.expanded.files.items():
            _write_private(self.home / name, text)
        await self.start_again()

    async def start_again(self) -> None:
        """Execute it with the files that are there.

        Raises:
            AgentNotStartable: it cannot be executed any more.
        """
        self.process = await AgentProcess.start(
            self.recorder,
            who=self.who,
            argv=self.expanded.argv,
            env=self.expanded.environment,
            cwd=self.root,
            level=self.profile.log.level if self.profile.log else None,
            log_file=self.log_file,
        )

    async def stop(self) -> None:
        """End it and everything that it started."""
        if self.process is not None:
            await self.process.stop(STOP_GRACE_S)


def check_needs(profile: Profile, root: Path) -> None:
    """Refuse a profile whose program is not set up.

    Raises:
        AgentNotStartable: says what to type.
    """
    if profile.needs and not os.access(root / profile.needs, os.X_OK):
        what = f"; type: {profile.setup}" if profile.setup else ""
        raise AgentNotStartable(f"profile {profile.name}: {profile.needs} is not there or cannot be executed{what}")


def _write_private(file: Path, text: str) -> None:
    """It may hold a password."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write(text)


@dataclass(slots=True)
class BystanderEngine:
    """Starts other programs that use the HMC at the same time; each ends at the latest with the trial."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({RunBystander})

    make: Callable[[str], Program]
    """Makes the program of a profile."""
    _running: dict[int, Program] = field(default_factory=dict)

    async def begin(self, step: int, command: Command) -> None:
        """Start the program.

        Raises:
            EngineFailed: it cannot be executed.
        """
        if not isinstance(command, RunBystander):
            raise EngineFailed(f"a bystander cannot carry out {type(command).__name__}")
        program = self.make(command.profile)
        try:
            await program.start()
        except AgentNotStartable as error:
            raise EngineFailed(str(error)) from error
        self._running[step] = program

    async def heal(self, step: int) -> None:
        """End the program."""
        program = self._running.pop(step, None)
        if program is not None:
            await program.stop()

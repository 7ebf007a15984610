"""What the machine takes from a warped trial, while it runs: told to the history now and then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.assembly.programs import Program
from harness.core.events import Unwarped, WarpBurden
from harness.core.interfaces import Recorder
from harness.engines.warp.burden import BurdenMeter
from harness.engines.warp.loaded import LoadWatch
from harness.engines.warp.roll import Roll
from harness.engines.warp.warp import Warp

LOOK_S = 0.05
"""Wall seconds between two looks."""

WHAT_TO_DO = "hand LD_PRELOAD and HARNESS_WARP on to what is started, or play it with --warp off"

LATE_AGENT_S = 0.2
"""A lateness of the harness's own below this is not worth a line in the history."""


@dataclass(slots=True)
class BurdenWatch:
    """Looks at one agent, also when it is killed and started again, and whether all programs are warped."""

    warp: Warp
    programs: Sequence[Program]
    """Those of the trial: the agent first, then bystanders, which may be added."""
    recorder: Recorder
    roll: Roll
    """In which the programs have to enter themselves."""
    servers: Mapping[str, Roll] = field(default_factory=dict)
    """Of what else has to be warped, and answers the agent: in each roll there has to be somebody."""
    helper_pid: int = 0
    """A process of ours through which the agent's requests go (mitmproxy); 0 where there is none."""
    _meter: BurdenMeter | None = None
    _helper: BurdenMeter | None = None
    _pid: int = 0
    _cpu_s: float = 0.0
    _waited_s: float = 0.0
    _late_s: float = 0.0
    _began: float = 0.0
    _helper_before_s: float = 0.0
    _loaded: LoadWatch = field(init=False)
    _task: asyncio.Task[None] | None = field(default=None)

    def begin(self) -> None:
        """Look from now on."""
        self._loaded = LoadWatch(self.warp.library, self.roll)
        self._began = asyncio.get_running_loop().time()
        self._sample_helpers()
        self._helper_before_s = self._helper_s()
        self._task = asyncio.create_task(self._watch())

    async def finish(self) -> None:
        """Look for the last time, say which programs ran in real time, and compare the clocks."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._look()
        strangers = [*self._loaded.strangers(), *(who for who, roll in self.servers.items() if not roll.entries())]
        for stranger in strangers:
            words = f"{stranger} has not loaded the library, so its clock ran in real time"
            self.recorder.record(Unwarped(why=words, remedy=WHAT_TO_DO))
        self._tell_clocks()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        told_s = 0.0
        while True:
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._late_s = max(self._late_s, loop.time() - due)
            self._look()
            now = self._now()
            if now.agent_s > told_s or now.late_s > LATE_AGENT_S:
                told_s, self._late_s = now.agent_s, 0.0
                self.recorder.record(now)

    def _look(self) -> None:
        for program in self.programs:
            if program.process is not None:
                self._loaded.started(program.who, program.process.pid)
                if guard := program.process.guard_pid:
                    self._loaded.look(guard, itself=False)
        process = self.programs[0].process
        if process is None or not process.guard_pid:
            return
        if process.pid != self._pid:
            self._keep()
            self._pid, self._meter = process.pid, BurdenMeter(process.guard_pid, self.warp.factor, itself=False)
        if self._meter is not None:
            self._meter.sample()
        if not process.exited.is_set():
            self._sample_helpers()

    def _sample_helpers(self) -> None:
        servers = {entry.pid for roll in self.servers.values() for entry in roll.entries()}
        for pid in servers | ({self.helper_pid} if self.helper_pid else set()):
            if self._helper is None:
                self._helper = BurdenMeter(pid, self.warp.factor)
            self._helper.also(pid)
        if self._helper is not None:
            self._helper.sample()

    def _helper_s(self) -> float:
        """What helpers and servers have used or waited for: while they do, the agent waits for their answers."""
        burden = self._helper.burden() if self._helper else None
        return burden.cpu_s + burden.waited_s if burden else 0.0

    def _keep(self) -> None:
        """What an earlier process of the agent's has used."""
        if self._meter is not None:
            burden = self._meter.burden()
            self._cpu_s, self._waited_s = self._cpu_s + burden.cpu_s, self._waited_s + burden.waited_s

    def _now(self) -> WarpBurden:
        burden = self._meter.burden() if self._meter else None
        cpu_s = self._cpu_s + (burden.cpu_s if burden else 0.0)
        waited_s = self._waited_s + (burden.waited_s if burden else 0.0)
        factor = self.warp.factor
        wall_s = asyncio.get_running_loop().time() - self._began
        return WarpBurden(
            cpu_share=round(cpu_s / max(wall_s, LOOK_S), 3),
            cpu_s=round(cpu_s * (factor - 1), 3),
            waited_s=round((waited_s + self._helper_s() - self._helper_before_s) * factor, 3),
            late_s=round(self._late_s * factor, 3),
        )

    def _tell_clocks(self) -> None:
        clock = self.warp.clock()
        rolls = (self.roll, *self.servers.values())
        drifts = [entry.drift(clock).at_most_s for roll in rolls for entry in roll.entries()]
        self.recorder.record(replace(self._now(), drift_s=max(drifts, default=0.0), clocks=len(drifts)))

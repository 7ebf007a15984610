"""What the machine takes from a warped trial, while it runs: told to the history now and then."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from harness.assembly.programs import Program
from harness.core.events import ComponentCrashed, WarpBurden
from harness.core.interfaces import Recorder
from harness.engines.warp.burden import BurdenMeter
from harness.engines.warp.warp import Warp
from harness.errors import EngineFailed

LOOK_S = 0.05
"""Wall seconds between two looks."""

LATE_AGENT_S = 0.2
"""A lateness of the harness's own below this is not worth a line in the history."""

LOADED_WITHIN_S = 10.0
"""Wall seconds in which a program has long loaded its libraries."""


@dataclass(slots=True)
class BurdenWatch:
    """Looks at one agent, also when it is killed and started again."""

    warp: Warp
    agent: Program
    recorder: Recorder
    helper_pid: int = 0
    """A process of ours through which the agent's requests go (mitmproxy); 0 where there is none."""
    _meter: BurdenMeter | None = None
    _helper: BurdenMeter | None = None
    _pid: int = 0
    _cpu_s: float = 0.0
    _waited_s: float = 0.0
    _late_s: float = 0.0
    _began: float = 0.0
    _unloaded_s: float = 0.0
    _helper_before_s: float = 0.0
    _task: asyncio.Task[None] | None = field(default=None)

    def begin(self) -> None:
        """Look from now on."""
        self._began = asyncio.get_running_loop().time()
        if self.helper_pid:
            self._helper = BurdenMeter(self.helper_pid, self.warp.factor)
            self._helper.sample()
            self._helper_before_s = self._helper_s()
        self._task = asyncio.create_task(self._watch())

    async def finish(self) -> None:
        """Look for the last time, and compare the clocks."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        try:
            drift = await asyncio.to_thread(self.warp.drift)
        except EngineFailed as error:
            self.recorder.record(ComponentCrashed(component="warp", error=str(error)))
        else:
            self._tell(drift.proven_s)

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
        process = self.agent.process
        if process is None or process.exited.is_set():
            return
        if process.pid != self._pid:
            self._keep()
            self._pid, self._meter = process.pid, BurdenMeter(process.pid, self.warp.factor)
            self._unloaded_s = 0.0
        for meter in (self._meter, self._helper):
            if meter is not None:
                meter.sample()
        self._see_whether_it_is_warped(process.pid)

    def _see_whether_it_is_warped(self, pid: int) -> None:
        if self._unloaded_s < 0:
            return
        if self.warp.reaches(pid):
            self._unloaded_s = -1.0
            return
        self._unloaded_s += LOOK_S
        if self._unloaded_s > LOADED_WITHIN_S:
            self._unloaded_s = -1.0
            words = f"the agent's process {pid} has not loaded the library, so its clock runs in real time"
            self.recorder.record(ComponentCrashed(component="warp", error=words))

    def _helper_s(self) -> float:
        """What the helper has used or waited for: while it does, the agent waits for its answer."""
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

    def _tell(self, drift_s: float) -> None:
        now = self._now()
        self.recorder.record(
            WarpBurden(
                cpu_share=now.cpu_share,
                cpu_s=now.cpu_s,
                waited_s=now.waited_s,
                late_s=now.late_s,
                drift_s=drift_s,
            )
        )

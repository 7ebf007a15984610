"""What looks at a trial's agent from outside while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.assembly.planes import Place
from harness.assembly.programs import Program
from harness.core.events import ComponentCrashed
from harness.core.interfaces import Clock, Recorder
from harness.core.profile import MetricsPage, PlaneKind
from harness.observe.probes import MetricsProbe, NeutronProbe, Probe, keep_looking


def probes_of(agent: Program, reports: Place, recorder: Recorder) -> list[Probe]:
    """One for each place where the agent shows how it is: its control plane, its page of metrics."""
    probes: list[Probe] = []
    if agent.expanded.ports_host is not None:
        # The embedded control plane tells of heartbeats itself, as they arrive; Neutron has to be asked.
        beats = reports.kind is PlaneKind.NEUTRON
        probes.append(NeutronProbe(recorder, reports.url, agent.expanded.ports_host, beats=beats))
    if isinstance(agent.expanded.heartbeat, MetricsPage):
        probes.append(MetricsProbe(recorder, agent.expanded.heartbeat.metrics))
    return probes


@asynccontextmanager
async def looking(probe: Probe, clock: Clock, recorder: Recorder, factor: float) -> AsyncIterator[None]:
    """A probe that looks while this is open; one that dies makes the trial prove nothing."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            recorder.record(ComponentCrashed(component="probe", error=f"{type(error).__name__}: {error}"))

    task = asyncio.create_task(keep_looking(probe, clock, factor))
    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})

"""A trial in which Open vSwitch stands where the HMC is: relay, agent, Neutron, probe, runner and verdict are the
harness's own, and the scenario's words mean the same.

It is no trial of `pytest scenarios`, since Neutron binds a port to Open vSwitch's agent only once that agent is there,
and the trial of an HMC makes its ports before; and since there is no request or session that could be told.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import aiohttp

from harness.assembly.address import claim
from harness.assembly.agent_engine import AgentEngine
from harness.assembly.pace import Pace
from harness.assembly.planes import Place, Planes
from harness.assembly.programs import HMC_PORT, Account, Program, Surroundings, expand
from harness.assembly.project import HMC, RELAY
from harness.assembly.trial import Result, judge_history
from harness.assembly.worker import Worker
from harness.core.commands import AddNic, Command, RemoveNic
from harness.core.events import AGENT, PROCESS, AgentSampled, ComponentCrashed, Event, NicChanged, TrialBegan
from harness.core.interfaces import Engine
from harness.core.scenario import Scenario
from harness.engines.relay import Channels, Relay
from harness.errors import EngineFailed
from harness.observe.clock import WallClock
from harness.observe.probes import NeutronProbe, keep_looking
from harness.observe.recorder import TrialRecorder
from harness.report.store import TrialFolder
from harness.runner import Runner
from tests.contract.ovs.open_vswitch import OVSDB_PORT, OpenVSwitch

SEED = 1
FIRST_PORT = AddNic(partition="", nic="port-1", mac="fa:16:3e:00:00:01")
REPORTS_WITHIN_S = 60.0
"""The agent's first report takes some 4 s on a quiet machine."""


@dataclass(slots=True)
class Machines:
    """Carries out that machines come and go: their interfaces, in the place of the HMC's NICs."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({AddNic, RemoveNic})

    switch: OpenVSwitch
    reports: Place
    host: str
    recorder: TrialRecorder
    _ids: dict[str, str] = field(default_factory=dict)

    async def begin(self, step: int, command: Command) -> None:
        """Plug or unplug an interface."""
        match command:
            case AddNic(nic=name, mac=mac):
                await self._appear(name, self.reports.mac_of(mac))
                self.recorder.record(NicChanged(port=name, present=True))
            case RemoveNic(nic=name):
                await self.switch.unplug(self._ids[name])
                self.recorder.record(NicChanged(port=name, present=False))
            case _:
                raise EngineFailed(f"Open vSwitch does not know {type(command).__name__}")

    async def heal(self, step: int) -> None:
        """Nothing: a fact stays."""

    async def _appear(self, name: str, mac: str) -> None:
        assert self.reports.plane is not None
        await self.reports.plane.add_port(name=name, mac=mac, host=self.host)
        async with aiohttp.ClientSession(trust_env=False) as http:
            wanted = {"name": name, "binding:host_id": self.host}
            async with http.get(f"{self.reports.url}/v2.0/ports", params=wanted) as answer:
                (port,) = (await answer.json())["ports"]
        if port["binding:vif_type"] != "ovs":
            raise EngineFailed(f"Neutron bound port {name} as {port['binding:vif_type']}")
        self._ids[name] = port["id"]
        await self.switch.plug(port["id"], mac)


@dataclass(slots=True)
class Host:
    """The agent, and the first machine on its host, whose port Neutron binds only once the agent has reported."""

    program: Program
    machines: Machines
    recorder: TrialRecorder

    async def start(self) -> None:
        """Start the agent, wait for its report, start the machine.

        Raises:
            EngineFailed: it does not report.
        """
        reported = asyncio.Event()

        def on_event(event: Event) -> None:
            if isinstance(event, AgentSampled) and event.alive:
                reported.set()

        self.recorder.listen(on_event)
        await self.program.start()
        try:
            async with asyncio.timeout(REPORTS_WITHIN_S):
                await reported.wait()
        except TimeoutError as error:
            raise EngineFailed(f"the agent has not reported in {REPORTS_WITHIN_S:g} s") from error
        await self.machines.begin(0, FIRST_PORT)

    async def stop(self) -> None:
        """End the agent; the switch stays."""
        await self.program.stop()

    def kill(self) -> None:
        """The agent dies, and the harness has not asked for it."""
        process = self.program.process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)


async def play(
    worker: Worker, scenario: Scenario, folder: TrialFolder, meddle: Callable[[Host], None] = lambda _: None
) -> Result:
    """Play a scenario with Open vSwitch in the HMC's place, and judge it. `meddle` may break the agent."""
    with folder.open_history() as sink:
        recorder = TrialRecorder(WallClock(), sink)
        async with AsyncExitStack() as stack:
            runner = await _Trial(worker, scenario, folder, recorder, stack).ready(meddle)
            await runner.run()
    return Result(scenario, SEED, recorder.history, judge_history(scenario, recorder.history), folder)


@dataclass(slots=True)
class _Trial:
    """The parts of a trial while they are put together; whatever is opened goes onto the stack at once."""

    worker: Worker
    scenario: Scenario
    folder: TrialFolder
    recorder: TrialRecorder
    stack: AsyncExitStack

    async def ready(self, meddle: Callable[[Host], None]) -> Runner:
        """Everything but the agent runs when this returns."""
        relay = Relay(self.recorder, WallClock(), seed=SEED)
        self.stack.push_async_callback(relay.close)
        address = await claim(relay)
        switch = await self._switch(address)
        relay.connect_to(address, OVSDB_PORT)
        reports = await self._reports(address)
        program = self._program(address, reports, switch.folder)
        self.recorder.record(
            TrialBegan(
                scenario=self.scenario.id, document=self.scenario.document, seed=SEED, address=address, timeouts={}
            )
        )
        host = program.expanded.ports_host
        assert host is not None
        self._look(reports.url, host)
        machines = Machines(switch, reports, host, self.recorder)
        agent = Host(program, machines, self.recorder)
        meddle(agent)
        engines: dict[str, Engine] = {
            RELAY: Channels(relay, None, reports.bus),
            PROCESS: AgentEngine(program, self.recorder),
            HMC: machines,
        }
        return Runner(self.scenario, self.recorder, WallClock(), engines, agent)

    async def _switch(self, address: str) -> OpenVSwitch:
        folder = self.worker.folder / f"ovs-{address}"
        folder.mkdir(mode=0o700)

        def crashed(words: str) -> None:
            self.recorder.record(ComponentCrashed(component="Open vSwitch", error=words))

        switch = OpenVSwitch(self.worker.project.root, folder, address, crashed)
        self.stack.push_async_callback(switch.stop)
        await switch.start()
        return switch

    async def _reports(self, address: str) -> Place:
        def at_the_end(_: str, close: Callable[[], Awaitable[None]]) -> None:
            self.stack.push_async_callback(close)

        planes = Planes(
            worker=self.worker,
            scenario=self.scenario,
            pace=Pace(),
            recorder=self.recorder,
            seed=SEED,
            host=address,
            at_the_end=at_the_end,
        )
        return await planes.place_of(self.worker.project.profiles[self.scenario.agent])

    def _program(self, address: str, reports: Place, rundir: Path) -> Program:
        root, profile = self.worker.project.root, self.worker.project.profiles[self.scenario.agent]
        home = self.worker.folder / f"agent-{address}"
        place = Surroundings(root, address, HMC_PORT, self.worker.ca_file, reports.url, reports.transport_url)
        settings = reports.overrides(profile, {**self.scenario.agent_settings, "ovs_rundir": str(rundir)})
        expanded = expand(profile, settings, Account.make(AGENT, self.recorder), place, home)
        return Program(AGENT, profile, expanded, root, home, self.recorder, self.folder.agent_log)

    def _look(self, url: str, host: str) -> None:
        looking = asyncio.ensure_future(keep_looking(NeutronProbe(self.recorder, url, host, beats=True), WallClock()))

        async def ended() -> None:
            looking.cancel()
            await asyncio.wait([looking])
            if not looking.cancelled() and (error := looking.exception()) is not None:
                raise error

        self.stack.push_async_callback(ended)

"""Where a case is played: a fresh HMC, and what carries out the faults before it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Self

from harness.assembly.address import HMC_NAME, claim
from harness.assembly.hmc_side import HmcEngine, Witness
from harness.assembly.programs import Account
from harness.assembly.project import ENGINES, HMC, MITMPROXY, NAMES, RELAY
from harness.assembly.worker import Worker
from harness.core.commands import Command
from harness.core.events import AGENT, StepFailed, Touched
from harness.core.interfaces import Engine
from harness.engines.mitm import MitmProxy
from harness.engines.names import Names
from harness.engines.relay import Relay
from harness.errors import EngineFailed
from harness.hmc import HMC_PORT, NO_LIMITS, HmcSettings, MockHmc
from harness.observe.clock import WallClock
from harness.observe.recorder import TrialRecorder

INVENTORY = "two-nics"
LATE_WITNESS_S = 0.5
"""Longer than an engine takes to see that a client is gone."""


@dataclass
class Stage:
    """Made by `built` only; gone with its stack."""

    recorder: TrialRecorder
    account: Account
    host: str
    """The HMC's address."""
    engines: dict[str, Engine] = field(default_factory=dict)
    known_as: str = ""
    """What the client is told: the address, or a name."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the client's process needs to look up that name."""
    _lacks: str = "no engine here carries it out"
    """Why there is no engine for a command."""
    _begun: list[int] = field(default_factory=list)

    @classmethod
    async def built(cls, stack: AsyncExitStack, worker: Worker, *, by_name: bool) -> Self:
        """An HMC behind mitmproxy behind the relay, all of which is gone with the stack."""
        recorder = TrialRecorder(WallClock())
        relay = Relay(recorder, WallClock(), seed=0)
        stack.push_async_callback(relay.close)
        host = await claim(relay)
        self = cls(recorder, Account.make(AGENT, recorder), host, {RELAY: relay}, host)
        if by_name:
            await self._get_a_name(stack)
        users = {self.account.user: self.account.password}
        hmc = MockHmc(
            worker.inventory(INVENTORY),
            HmcSettings(users=users, job_seconds=0.001, limits=NO_LIMITS),
            Witness(recorder, {self.account.user: AGENT}),
            worker.ca,
        )
        stack.push_async_callback(hmc.close)
        upstream = (host, await hmc.start(host, reached_as=[host, HMC_NAME]))
        proxy = await worker.mitm()
        stack.push_async_callback(_detach, proxy)
        port = await proxy.attach(recorder, listen_host=host, upstream=upstream, known_as=self.known_as)
        relay.connect_to(host, port)
        self.engines |= {MITMPROXY: proxy, HMC: HmcEngine(hmc, recorder, None, None)}
        return self

    async def _get_a_name(self, stack: AsyncExitStack) -> None:
        names = Names(self.recorder, WallClock(), name=HMC_NAME, address=(self.host, HMC_PORT))
        stack.push_async_callback(names.close)
        try:
            await names.start()
        except EngineFailed as error:  # no compiler, another libc: this case is unknown, and the others can be played
            self._lacks = str(error)
            return
        self.engines[NAMES] = names
        self.known_as, self.environment = HMC_NAME, names.added_to({})

    async def begin(self, step: int, command: Command) -> None:
        """Have it carried out by the first engine that can; that it could not is recorded."""
        able = [name for name, kinds in ENGINES.items() if type(command) in kinds and name in self.engines]
        self._begun.append(step)
        if not able:
            self.recorder.record(StepFailed(step=step, phase="begin", error=self._lacks))
            return
        try:
            await self.engines[able[0]].begin(step, command)
        except EngineFailed as error:
            self.recorder.record(StepFailed(step=step, phase="begin", error=str(error)))

    async def heal(self, steps: Iterable[int]) -> None:
        """Heal them; one that never began is as good as healed."""
        for step in steps:
            for engine in self.engines.values():
                # An engine's channel keeps the order, so what was seen by now is recorded when this returns.
                with suppress(EngineFailed):
                    await engine.heal(step)

    async def see_to_the_end(self, witnesses: frozenset[int]) -> None:
        """Heal, and wait for what a fault still has to say of whom it met: it may learn a moment late who gave up."""
        met = asyncio.Event()

        def look() -> None:
            if witnesses <= {event.step for event in self.recorder.history.all(Touched)}:
                met.set()

        self.recorder.listen(lambda _event: look())
        await self.heal(reversed(self._begun))
        look()
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE_WITNESS_S):
                await met.wait()


async def _detach(proxy: MitmProxy) -> None:
    """One that cannot be detached has been ended by then, and the worker starts another one."""
    with suppress(EngineFailed):
        await proxy.detach()

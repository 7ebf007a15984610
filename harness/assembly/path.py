"""The way of a trial's bytes from the relay to the HMC, through whatever else the scenario needs in the path."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from harness.assembly.pace import Pace
from harness.assembly.planes import AtTheEnd
from harness.assembly.programs import Surroundings
from harness.assembly.project import MITMPROXY, TOXIPROXY
from harness.assembly.worker import Worker
from harness.core.interfaces import Engine, Recorder
from harness.core.scenario import Scenario
from harness.engines.mitm import MitmProxy
from harness.engines.relay import Relay
from harness.engines.toxiproxy import Toxiproxy
from harness.errors import EngineFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class PathToHmc:
    """Makes the path of one trial."""

    worker: Worker
    scenario: Scenario
    pace: Pace
    recorder: Recorder
    at_the_end: AtTheEnd

    async def engines(self, relay: Relay, place: Surroundings, upstream: tuple[str, int]) -> dict[str, Engine]:
        """Connect the relay to the HMC at `upstream`; returns, by name, what stands between them.

        Raises:
            EngineFailed: one of them cannot be started; says what to do.
        """
        engines: dict[str, Engine] = {}
        speed = self.pace.factor
        if MITMPROXY in self.scenario.needs:
            proxy = await self.worker.mitm()
            self.at_the_end("mitmproxy", lambda: _detach(proxy))
            host, name = place.listen_host, place.host
            port = await proxy.attach(self.recorder, listen_host=host, upstream=upstream, known_as=name, speed=speed)
            upstream = (host, port)
            engines[MITMPROXY] = proxy
        relay.connect_to(*upstream)
        if TOXIPROXY in self.scenario.needs:
            server = await self.worker.toxiproxy()
            clock = self.pace.clock()
            toxiproxy = await Toxiproxy.attach(server, self.recorder, clock, relay, upstream=upstream, speed=speed)
            self.at_the_end("toxiproxy", toxiproxy.close)
            engines[TOXIPROXY] = toxiproxy
        return engines


async def _detach(proxy: MitmProxy) -> None:
    """One that died has told the recorder so, and is replaced before the next trial needs one."""
    with contextlib.suppress(EngineFailed):
        await proxy.detach()

"""The second HMC of a trial whose programs are told two: an address and a relay of its own, and nothing else before it.

What sees HTTP, TLS or names stands before the first HMC alone (docs/decisions/0013-two-hmcs.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.assembly.hmc_side import Witness
from harness.core.commands import Address
from harness.core.interfaces import Clock, Recorder
from harness.core.profile import Profile
from harness.engines.relay import Relay
from harness.hmc import MockHmc


@dataclass(slots=True)
class Alternate:
    """Made in two steps: its address is known before programs are put together, its HMC comes after the first one."""

    relay: Relay
    host: str = ""
    """Its address; to be set when the relay has it."""
    hmc: MockHmc | None = None

    @classmethod
    def wanted(cls, profiles: list[Profile], recorder: Recorder, clock: Clock, *, seed: int) -> Alternate | None:
        """One that has no address yet; None where none of these programs takes it."""
        if not any(profile.has_alternate for profile in profiles):
            return None
        return cls(Relay(recorder, clock, seed=seed, address=Address.ALTERNATE))

    async def open(self, first: MockHmc, witness: Witness) -> MockHmc:
        """Start the other console of the first HMC's CPCs, behind the relay."""

        async def caught_up() -> None:  # looked up at each request: the runner, whose it is, comes later
            await witness.caught_up()

        self.hmc = first.alternate(replace(witness, address=Address.ALTERNATE, caught_up=caught_up))
        self.relay.connect_to(self.host, await self.hmc.start(self.host))
        return self.hmc

    async def close(self) -> None:
        """End every connection, first those of programs. May be called again."""
        await self.relay.close()
        if self.hmc is not None:
            await self.hmc.close()

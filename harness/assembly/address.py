"""Where a trial's HMC is: a loopback address of its own, and the name that programs may be told for it."""

from __future__ import annotations

import random

from harness.assembly.programs import HMC_PORT
from harness.engines.relay import AddressInUse, Relay
from harness.errors import EngineFailed

ADDRESSES_TRIED = 200

HMC_NAME = "hmc.test"
"""Of the HMC, where programs are told a name. Nobody else can own one below .test (RFC 6761)."""


async def claim(relay: Relay) -> str:
    """Bind the HMC's port on a loopback address that no other trial has; whoever binds first owns it.

    The choice is no part of the plan, so it takes no part in the scenario's seed: parallel runs of one seed must not
    meet on one address.
    """
    chance = random.SystemRandom()
    for _ in range(ADDRESSES_TRIED):
        # 127.0.x.y is where a person's own servers are; 127.128.0.0 and up stays free for tests.
        host = f"127.{chance.randint(1, 127)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
        try:
            await relay.listen(host, HMC_PORT)
        except AddressInUse:
            continue
        return host
    raise EngineFailed(
        f"no loopback address with a free port {HMC_PORT} in {ADDRESSES_TRIED} tries; is something bound to 0.0.0.0?"
    )

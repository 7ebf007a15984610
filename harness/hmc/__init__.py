"""The mock HMC: a server that an agent cannot tell from an HMC, over zhmcclient's own mock model.

inventory.py   what an HMC contains: zhmcclient's mock definition format, read and checked
settings.py    how it behaves: users, duration of jobs, seed
server.py      MockHmc: one request after the other, told to an observer; what others do behind the agent's back
doors.py       its ports: HTTPS, and STOMP where asked
listener.py    TLS connections, none left behind
bodies.py      request bodies: bounded, JSON or refused
exchange.py    a request and its answer as values
operations/    one file an operation (or family) and one line in its registry; the mock model does the rest
sessions.py    logon, logoff, expiry
jobs.py        asynchronous operations
model.py       the mock model with its gaps filled; NICs of an agent's host
errors.py      refusals in the HMC's form
notifications/ STOMP over TLS: object notifications, job completion, logs, OS messages
ids.py         randomness from one seed
changes.py     what happens in the model, told in-process to whoever notifies clients
observer.py    who is told what the HMC sees
ca.py          certificates for one run
client_files.py  what clients of one that runs alone need: certificate to trust, password
__main__.py    runs alone: python -m harness.hmc --inventory FILE
"""

from harness.hmc.ca import ThrowawayCa
from harness.hmc.inventory import Inventory
from harness.hmc.model import OwnedNic
from harness.hmc.observer import HmcObserver, NullObserver
from harness.hmc.server import HMC_PORT, MockHmc
from harness.hmc.settings import HmcSettings

__all__ = [
    "HMC_PORT",
    "HmcObserver",
    "HmcSettings",
    "Inventory",
    "MockHmc",
    "NullObserver",
    "OwnedNic",
    "ThrowawayCa",
]

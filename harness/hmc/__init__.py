"""The mock HMC: a server that an agent cannot tell from an HMC, over zhmcclient's own mock model.

inventory.py   what an HMC contains: zhmcclient's mock definition format, read and checked
settings.py    how it behaves: users, duration of jobs, seed
server.py      MockHmc: its doors, timers and consoles; what others do behind the agent's back
answering.py   one request: read, told to an observer, carried out, answered
doors.py       its ports: HTTPS, and STOMP where asked
listener.py    TLS connections, none left behind
http.py        aiohttp's server, with the HMC's form for what is no HTTP
bodies.py      request bodies: bounded, JSON or refused
exchange.py    a request and its answer as values
operations/    one file an operation (or family) and one line in its registry; the mock model does the rest
operations_table.py  writes docs/hmc-operations.md, from called.py: what zhmcclient calls
sessions.py    logon, logoff, expiry, caps; lockouts.py; deadlines.py: what expires when
accounts.py    the inventory's users as accounts; permissions.py: what they see and do by their roles
jobs.py        asynchronous operations
model.py       the mock model with its gaps filled; NICs of an agent's host
handlers.py    the mock model's own table of operations, searched fast
kinds.py       kinds of resources that the mock model lacks
journal.py     what a request or job changes: told, undone, or done later
logs.py        the console's audit and security logs; os_messages.py: consoles of operating systems
unknown.py     counts what was asked for and is not there
errors.py      refusals in the HMC's form
notifications/ STOMP over TLS: object notifications, job completion, logs, OS messages
control/       what somebody else does to it, for tests: the same words in Python, over HTTP, on the command line
inventories/   inventories that are generated, or recorded from a real HMC without its names
metrics.py     metric values that change
command.py     harness hmc run, control, generate, record
ids.py         randomness from one seed; clock.py: the HMC's time of day
new_oids.py    ids of what is created; new_numbers.py: device numbers and WWPNs of it
changes.py     what happens in the model, told in-process to whoever notifies clients
observer.py    who is told what the HMC sees
ca.py          certificates for one run
client_files.py  what clients of one that runs alone need: certificate to trust, password
alone.py       runs alone: python -m harness.hmc --inventory FILE
__main__.py    the same, ready sooner
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.hmc.ca import ThrowawayCa
    from harness.hmc.inventory import Inventory
    from harness.hmc.model import OwnedNic
    from harness.hmc.observer import HmcObserver, NullObserver
    from harness.hmc.server import HMC_PORT, MockHmc
    from harness.hmc.settings import NO_LIMITS, HmcSettings, Limits

__all__ = [
    "HMC_PORT",
    "NO_LIMITS",
    "HmcObserver",
    "HmcSettings",
    "Inventory",
    "Limits",
    "MockHmc",
    "NullObserver",
    "OwnedNic",
    "ThrowawayCa",
]

_MODULES = {
    "HMC_PORT": "server",
    "HmcObserver": "observer",
    "HmcSettings": "settings",
    "Inventory": "inventory",
    "Limits": "settings",
    "MockHmc": "server",
    "NO_LIMITS": "settings",
    "NullObserver": "observer",
    "OwnedNic": "model",
    "ThrowawayCa": "ca",
}
"""Where each name comes from, once somebody asks for it: who needs one small module does not wait for all libraries."""


if not TYPE_CHECKING:  # or no misspelt name would be found

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

"""The L4 engine: a TCP relay on loopback that knows nothing of HTTP, and of TLS the types of its records.

Rooms, from the outside in:

    channels.py     the relays of a trial as one engine: a step reaches the API, the notifications, or both
    relay.py        one port's engine: begin, heal, close
    doorkeeper.py   faults that shut the door by themselves
    entrance.py     clients come in, or do not;  listener.py  watch.py  attempts.py  packets.py  bpf.py
    connection.py   one client and its upstream: how they begin and end;  farewell.py  silence.py
    lane.py         one direction: read, wait, hand on;  schedule.py (delay, rate)
    exit.py         where what leaves is cut or stalled;  turn.py (by bytes)  tls.py (by the handshake)
    elsewhere.py    what can be seen of steps that another engine carries out
    orders.py       which steps are in force, and how faults that overlap compose
    witness.py      many small touches, few events
    kernel.py       what Linux lets one do to a socket;  tasks.py

Pure, without I/O: attempts, bpf, elsewhere, exit, orders, packets, schedule, tls, turn, witness.
"""

from harness.engines.relay.channels import Channels
from harness.engines.relay.listener import AddressInUse
from harness.engines.relay.relay import Relay

__all__ = ["AddressInUse", "Channels", "Relay"]

"""A real Neutron on loopback: RabbitMQ, neutron-server's API and RPC processes, and an SQLite database of their own.

    python -m harness.control_plane.neutron      # one to play with, until Ctrl-C

keeper.py       starts, changes and ends all of it; a program of its own, so that the workers of a run share one
__main__.py     the keeper's options
kept.py         our side of the keeper: start one, learn where it is, end it
orders.py       what a keeper is told by any process of a run
turn.py         which trials use it, side by side or by turns
wishes.py       what it has to be like for a trial
addresses.py    where one is: what workers are told
broker.py       RabbitMQ and the Erlang port mapper, as two guarded processes
server.py       neutron-server: the schema, the API under WSGI, and neutron-rpc-server
settings.py     what neutron.conf and rabbitmq.conf say, and why
installed.py    where the programs are, or what to type
servant.py      one guarded process of a server: its log file, its readiness, its end
plane.py        one trial's view: its own network, and ports in it
inside/         what runs with Neutron's own interpreter
"""

from harness.control_plane.neutron.addresses import Addresses
from harness.control_plane.neutron.kept import Kept
from harness.control_plane.neutron.orders import is_kept
from harness.control_plane.neutron.plane import NeutronControlPlane
from harness.control_plane.neutron.settings import BUS_PORT
from harness.control_plane.neutron.turn import Turn
from harness.control_plane.neutron.wishes import Wishes

__all__ = ["BUS_PORT", "Addresses", "Kept", "NeutronControlPlane", "Turn", "Wishes", "is_kept"]

"""Where an agent's heartbeats and port states arrive, and where the harness reads them from outside.

embedded.py     in the caller's loop: the part of the Neutron API that concerns agents and ports
state.py        what it knows: agents and ports, and how ML2 moves a port's status; no I/O
query.py        Neutron's list filters (`?host=`, `?fields=`)
bodies.py       what agents send, checked once, and error answers in Neutron's form
"""

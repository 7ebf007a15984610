"""Notifications: STOMP over TLS, as a real HMC sends them from port 61612.

    changes.py (what happens in the HMC) -> messages.py (in the HMC's words) -> server.py (to whom) -> connection.py

frames.py      STOMP frames: bytes in, frames out, and back
conversation.py  one client's side of the protocol; decides, and does no I/O
connection.py  a conversation on a socket: bytes, heart-beats, what a slow client may pile up
messages.py    a change as a notification: headers and body
access.py      who may connect, which topics there are, and to whom a change is told
console_access.py  the same, asked of the console that runs
interference.py  what stands between the broker and its clients, in a trial: faults, and who watches
disturbances.py  what may go wrong there
server.py      NotificationServer: listens, and hands each notification to those who subscribed

Why no broker of others: docs/decisions/0006-own-stomp-server.md.
"""

from harness.hmc.notifications.server import STOMP_PORT, NotificationServer

__all__ = ["STOMP_PORT", "NotificationServer"]

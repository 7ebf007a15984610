"""The L7 engine: mitmproxy in a guarded process, once a pytest worker, in the path only when a scenario needs it.

    proxy.py        our side: starts the process, tells it what to do, hears what happened
    wire.py         the words between the two sides, as JSON
    proxy_main.py   the other side: the process with mitmproxy's one Master
    addon.py        mitmproxy's hooks -> rules; nothing that fails in there goes unheard
    rules/          one class a command: what it does to a handshake, a request or its answer
    drips.py        which byte of an answer is due when
    drip_layer.py   a layer of mitmproxy's that waits for it
    sockets.py      closing connections, and how

This import loads none of mitmproxy, which takes half a second: only the proxy process does.
"""

from harness.engines.mitm.proxy import MitmProxy
from harness.engines.mitm.wire import CARRIES

__all__ = ["CARRIES", "MitmProxy"]

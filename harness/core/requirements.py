"""The demands that scenarios prove, by id.

Source: "HMC Error Handling Concept" of OpenStack's networking-dpm (CC BY 3.0). The ids are ours.
"""

from __future__ import annotations

from collections.abc import Mapping

REQUIREMENTS: Mapping[str, str] = {
    "START-1": "An agent that cannot establish its HMC connection at start terminates",
    "START-2": "...with an appropriate error message",
    "RUN-1": "A running agent that loses the HMC keeps running",
    "RUN-2": "...and keeps reporting",
    "RUN-3": "...and says so, once or at a bounded rate, at warning or above",
    "RUN-4": "...and reconnects by itself when the HMC is back",
    "PORT-1": "Ports (NICs) are still treated as available",
    "PORT-2": "Truth returns with the HMC",
    "GET-1": "A running agent only reads",
    "TR-1": "connect_timeout 30 s",
    "TR-2": "connect_retries 3",
    "TR-3": "read_timeout 300 s",
    "TR-4": "read_retries 0",
    "TR-5": "max_redirects 30",
    "TR-6": "operation_timeout 600 s",
    "TR-7": "status_timeout 60 s (classic mode only)",
    "TR-8": "zhmcclient handles timeouts and retries: no retry loop of the agent's own round a call",
}

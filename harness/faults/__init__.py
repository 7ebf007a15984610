"""The faults and changes that a scenario can name: one file each, and one line each below.

To add one: a file with a frozen dataclass (its fields are the settings, its docstring the documentation) whose
`command` says what an engine has to do, and a line here. If no engine carries that command yet, teach one.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.vocabulary import Action
from harness.faults.add_nic import AddNic
from harness.faults.bandwidth import Bandwidth
from harness.faults.blackhole import Blackhole
from harness.faults.drip import Drip
from harness.faults.drop import Drop
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.hang import Hang
from harness.faults.http_error import HttpError
from harness.faults.latency import Latency
from harness.faults.malformed_json import MalformedJson
from harness.faults.refuse_connections import RefuseConnections
from harness.faults.remove_nic import RemoveNic
from harness.faults.reset import Reset
from harness.faults.slow_requests import SlowRequests
from harness.faults.stuck_job import StuckJob
from harness.faults.wrong_content_type import WrongContentType

FAULTS: Mapping[str, type[Action]] = {
    "refuse_connections": RefuseConnections,
    "blackhole": Blackhole,
    "hang": Hang,
    "reset": Reset,
    "drop": Drop,
    "latency": Latency,
    "drip": Drip,
    "bandwidth": Bandwidth,
    "stuck_job": StuckJob,
    "http_error": HttpError,
    "malformed_json": MalformedJson,
    "wrong_content_type": WrongContentType,
    "slow_requests": SlowRequests,
}
"""Faults heal, and have to prove that they touched traffic."""

CHANGES: Mapping[str, type[Action]] = {
    "remove_nic": RemoveNic,
    "add_nic": AddNic,
    "expire_sessions": ExpireSessions,
}
"""Changes are facts on the HMC: nothing heals them."""

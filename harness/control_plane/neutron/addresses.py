"""Where a Neutron is: what its keeper says when it is ready, and what the workers of a run are told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """One Neutron: its API, its message bus, and what an agent has to know of it."""

    api_url: str
    bus_host: str
    bus_port: int
    bus_user: str
    bus_password: str = field(repr=False)
    agent_down_time_s: int
    speed: float = 1.0
    """How many times as fast as the wall its clock runs."""
    folder: str = ""
    """Logs and data; gone with it."""

    def transport_url(self, host: str, port: int) -> str:
        """oslo.messaging's URL of the bus, reached through this address."""
        return f"rabbit://{self.bus_user}:{self.bus_password}@{host}:{port}/"

    def to_text(self) -> str:
        """One line, for `from_text`. It holds the password of a bus that only exists for a run, and on loopback."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `to_text` made."""
        return cls(**json.loads(text))

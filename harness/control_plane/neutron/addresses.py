"""Where a Neutron is: what its keeper says when it is ready, and what the workers of a run are told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Self
from urllib.parse import urlsplit

from harness.control_plane.neutron.servant import accepts


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

    async def answers(self) -> bool:
        """Whether both its API and its bus take connections: a keeper that has ended takes both with it."""
        api = urlsplit(self.api_url)
        return await accepts(str(api.hostname), api.port or 0) and await accepts(self.bus_host, self.bus_port)

    def to_text(self) -> str:
        """One line, for `from_text`. It holds the password of a bus that only exists for a run, and on loopback."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `to_text` made."""
        return cls(**json.loads(text))

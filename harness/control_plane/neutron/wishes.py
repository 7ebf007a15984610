"""Which Neutron a trial needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a Neutron has to be like. Trials with the same wishes can be played side by side."""

    agent_down_time_s: int = 5
    """Neutron counts in whole seconds."""
    speed: float = 1.0
    """How many times as fast as the wall its clock runs."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to that of Neutron's processes: a clock that runs fast comes that way."""

    def to_json(self) -> dict[str, Any]:
        """For `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` made.

        Raises:
            TypeError: it is not.
        """
        return cls(**data)

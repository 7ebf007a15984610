"""Answers that come byte by byte."""

from __future__ import annotations

from dataclasses import dataclass, field

from mitmproxy.http import HTTPFlow, Response

from harness.core.commands import AnswerPart
from harness.core.patterns import RequestPattern
from harness.engines.mitm.drips import HEALED, Drip
from harness.engines.mitm.rules.base import Passive, meant


@dataclass
class DripAnswer(Passive):
    """The layer below HTTP is told to take its time (`drip_layer.py`), and tells what it did."""

    match: RequestPattern
    part: AnswerPart
    bytes_per_s: float
    _drips: list[Drip] = field(default_factory=list)

    def drip(self, flow: HTTPFlow, answer: Response) -> Drip | None:
        """An answer without a body has nothing to drip of it."""
        if not meant(self.match, flow.request) or (self.part is AnswerPart.BODY and not answer.raw_content):
            return None
        made = Drip(self.part, self.bytes_per_s)
        self._drips = [*(drip for drip in self._drips if not drip.is_over), made]
        return made

    def release(self) -> None:
        """What is left of the answers goes at once."""
        for drip in self._drips:
            drip.end(HEALED)

"""Which fault, on which operation, at the start or once logged on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.core.commands import Direction
from harness.core.patterns import RequestPattern
from harness.core.vocabulary import Action, Composition
from harness.faults.lost_answer import LostAnswer
from harness.faults.reset import Reset
from harness.faults.stall import Stall
from harness.fingerprint import catalogue

CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"
PARTITION = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
IDLE = "/api/partitions/dddddddd-0000-4000-8000-000000000002"
NIC = f"{PARTITION}/nics/eeeeeeee-0000-4000-8000-000000000001"
"""Resources of the inventory two-nics."""


class Does(StrEnum):
    """What the client is asked to do."""

    LOGON = "logon"
    GET = "GET"
    POST = "POST"
    DELETE = "DELETE"
    JOB = "job"


TARGETS: Mapping[Does, tuple[str, str]] = {
    Does.LOGON: ("POST", "/api/sessions"),
    Does.GET: ("GET", CPC),
    Does.POST: ("POST", f"{PARTITION}/nics"),
    Does.DELETE: ("DELETE", NIC),
    Does.JOB: ("POST", f"{IDLE}/operations/start"),
}
"""Method and path of each."""

CLAIMS: Mapping[str, float] = {
    "connect_timeout": 0.5,
    "connect_retries": 1,
    "read_timeout": 0.7,
    "read_retries": 0,
    "max_redirects": 3,
    "operation_timeout": 5,
    "status_timeout": 5,
}
"""What the client is told about patience, by zhmcclient's names; seconds short enough to wait for."""

RETRYING: Mapping[str, float] = {**CLAIMS, "read_retries": 1}
"""The same for a client that may ask again when there is no answer."""

PHASE_S = 1.0
"""Each phase of a composition lasts for one call, and no time; but one of them is told to the client: `Retry-After`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a client is put through."""

    name: str
    does: Does
    fault: Action | Composition | None
    """None: the HMC is well, and the settings are what is odd."""
    settings: Mapping[str, float] = field(default_factory=lambda: CLAIMS)
    connection: int | None = None
    """The one connection that a fault of bytes is aimed at."""
    is_lie: bool = False
    """What is answered is no answer: to return it as a result is to be deceived."""

    @property
    def id(self) -> str:
        """As a person names it."""
        return f"{self.name}/{self.does.value}"


def _request(does: Does) -> RequestPattern:
    return RequestPattern(*TARGETS[does])


def _retried(does: Does) -> Iterator[Case]:
    """The HMC has carried it out, and the answer is lost: who asks again has to know what may be asked twice.

    A fault of bytes is aimed at the connection that is in use, so that it does not meet the second try as well.
    """
    yield Case("lost_answer-retry", does, LostAnswer(match=_request(does)), RETRYING)
    yield Case("reset-after-retry", does, Reset(direction=Direction.RESPONSE), RETRYING, connection=1)
    yield Case("stall-after-retry", does, Stall(), RETRYING, connection=1)


def _sicknesses(does: Does) -> Iterator[catalogue.Sickness]:
    """What the operation can meet."""
    yield from catalogue.of_connections()
    if does is Does.LOGON:
        yield from catalogue.of_new_connections()
        yield from catalogue.of_names()
    else:
        yield from catalogue.of_open_connections()
    yield from catalogue.of_answers(_request(does))
    if does is not Does.DELETE:
        yield from catalogue.of_bodies(_request(does))


def _all() -> Iterator[Case]:
    yield from (Case("well", does, None) for does in Does)
    for does in (Does.LOGON, Does.GET, Does.POST, Does.DELETE):
        yield from (Case(item.name, does, item.action, is_lie=item.is_lie) for item in _sicknesses(does))
    for item in catalogue.of_jobs(_request(Does.JOB)):
        yield Case(item.name, Does.JOB, item.action, is_lie=item.is_lie)
    for does in (Does.GET, Does.POST, Does.DELETE):
        yield from _retried(does)
    # Each phase gets a call of its own, and nothing but these may be repeated at will.
    for does in (Does.LOGON, Does.GET):
        yield from (Case(name, does, fault) for name, fault in catalogue.of_lives(PHASE_S))
    for name in ("connect_timeout", "read_timeout"):
        yield Case(f"{name}-0", Does.LOGON, None, {**CLAIMS, name: 0})


CASES: tuple[Case, ...] = tuple(_all())
"""The catalogue, in the order in which it is played and told."""

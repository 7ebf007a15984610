"""Probes look from outside, at a steady pace: what Neutron says of the agent, or whether a metrics page answers.

A look that fails because of us or of the control plane is `ProbeFailed` (the verdict becomes UNKNOWN); a metrics page
is the agent's own, so its silence is no failed look but a missing heartbeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import aiohttp

from harness.core.events import AgentSampled, Heartbeat, PortsSampled, ProbeFailed
from harness.core.interfaces import Clock, Recorder

PACE_S = 0.2
"""Seconds between two looks: short against any heartbeat, cheap against a worker's time."""

NEUTRON_PACE_S = 0.5
"""As above for a real Neutron, to which a look costs two requests of 20 ms of a CPU each."""

_AGENT = ("alive", "heartbeat_timestamp")
_PORT = ("name", "status", "revision_number")

LOOK_WITHIN_S = 5.0
"""A look that takes longer has failed."""

NEUTRON_WITHIN_S = 1.5
"""As above for a request to a real Neutron, which takes 50 ms: a heartbeat that is seen late may look like a gap."""

LEAST_PER_S = 20.0
"""Looks in a second of the wall while a clock runs fast."""

LEAST_WITHIN_S = 1.0
"""A look gets so many seconds of the wall: it takes our own time, and not the agent's."""


class Probe(Protocol):
    """One way of looking."""

    pace_s: float
    """Seconds between two looks."""
    within_s: float
    """A request that takes longer has failed, and the look with it."""

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Look once and record what is seen."""
        ...


class NeutronProbe:
    """Reads the Neutron API's agents and ports of one host.

    With `beats`, each new heartbeat_timestamp is recorded as a `Heartbeat`, as late as the look that saw it.
    """

    def __init__(self, recorder: Recorder, url: str, host: str, *, beats: bool = False) -> None:
        self._recorder = recorder
        self._url = url
        self._host = host
        self._beats = beats
        self._beaten: frozenset[str] = frozenset()
        self.pace_s = NEUTRON_PACE_S if beats else PACE_S
        self.within_s = NEUTRON_WITHIN_S if beats else LOOK_WITHIN_S

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Record `AgentSampled` once the agent is known there, and `PortsSampled`."""
        try:
            agents = await self._get(http, "agents", _AGENT, {"host": self._host})
            ports = await self._get(http, "ports", _PORT, {"binding:host_id": self._host})
            sampled = PortsSampled(
                status={str(port["name"]): str(port["status"]) for port in ports},
                revision={str(port["name"]): _number(port["revision_number"]) for port in ports},
            )
            alive = [agent["alive"] is True for agent in agents]
            beaten = frozenset(str(agent["heartbeat_timestamp"]) for agent in agents)
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError) as error:
            self._recorder.record(ProbeFailed(probe="control plane", error=f"{type(error).__name__}: {error}"))
            return
        if self._beats and beaten - self._beaten:
            self._recorder.record(Heartbeat(source=self._host))
        self._beaten = beaten
        if alive:
            self._recorder.record(AgentSampled(alive=all(alive)))
        self._recorder.record(sampled)

    async def _get(
        self, http: aiohttp.ClientSession, what: str, fields: Sequence[str], query: Mapping[str, str]
    ) -> list[dict[str, object]]:
        wanted = [*query.items(), *(("fields", name) for name in fields)]
        async with http.get(f"{self._url}/v2.0/{what}", params=wanted) as answer:
            answer.raise_for_status()
            found: list[dict[str, object]] = (await answer.json())[what]
            return found


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a revision_number is {value!r}, which is no number")
    return value


class MetricsProbe:
    """Takes an answer of the agent's own metrics page for a heartbeat."""

    def __init__(self, recorder: Recorder, url: str) -> None:
        self._recorder = recorder
        self._url = url
        self.pace_s = PACE_S
        self.within_s = LOOK_WITHIN_S

    async def look(self, http: aiohttp.ClientSession) -> None:
        """Record a `Heartbeat` if the page answers with success."""
        try:
            async with http.get(self._url) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return  # The agent's silence: the missing heartbeat is what a check judges.
        if answer.ok:
            self._recorder.record(Heartbeat(source="metrics"))


async def keep_looking(probe: Probe, clock: Clock, factor: float = 1.0) -> None:
    """Look at a steady pace until cancelled; `factor` says how many times as fast as the wall the clock runs.

    A look costs the same whatever the clock: of a fast one there are fewer in its seconds, but never less than
    `LEAST_PER_S` in one of the wall.
    """
    pace_s = max(probe.pace_s, factor / LEAST_PER_S)
    timeout = aiohttp.ClientTimeout(total=max(probe.within_s / factor, LEAST_WITHIN_S))
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
        due = clock.now()
        while True:
            await probe.look(http)
            due = max(due + pace_s, clock.now())
            await clock.sleep(max(0.0, due - clock.now()))

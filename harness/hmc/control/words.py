"""The words of the control interface. Each public method of `Control` is one: its name, parameters and docstring.

A resource is named by its URI, or by ``CLASS:NAME`` where only one has that name, as in ``partition:part-1``.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from harness.core.patterns import RequestPattern
from harness.errors import BadInput
from harness.hmc.changes import LogKind
from harness.hmc.control.known import WITH_CONSOLE, check_plain, check_properties, check_starts_jobs, find
from harness.hmc.control.requests import RequestJournal
from harness.hmc.errors import HIDDEN, SECRET_FIELDS
from harness.hmc.metrics import set_metrics
from harness.hmc.operations import Console
from harness.hmc.server import MockHmc

BY_HAND_ID = 1900
"""Event id of log entries that were written by `log`."""
LONGEST_S = sys.float_info.max
"""Whole numbers may be larger, and no clock has such a time."""


class Control:
    """Does to an HMC what somebody else could do. All words raise BadInput where something is not there."""

    def __init__(self, hmc: MockHmc, journal: RequestJournal) -> None:
        self._hmc = hmc
        self._journal = journal

    def show(self, resource: str) -> dict[str, Any]:
        """The properties of a resource."""
        properties = self._hmc.by_hand(lambda console: dict(find(console, resource).properties))
        return {key: HIDDEN if key in SECRET_FIELDS else value for key, value in properties.items()}

    def change(self, resource: str, properties: dict[str, Any], new: bool = False) -> None:
        """Change properties of a resource, behind the clients' back; who listens to notifications is told.

        A name or status that is not known, or a value of another type, is refused, unless `new` is said.
        """
        check_plain("the parameter 'properties'", properties)

        def change(console: Console) -> None:
            found = find(console, resource)
            if not new:
                check_properties(console, found, properties)
            with console.model.transaction():
                found.properties.update(properties)

        self._hmc.by_hand(change)

    def remove_nic(self, partition: str, nic: str) -> None:
        """Delete a NIC of a partition, both by name."""
        self._hmc.remove_nic(partition, nic)

    def add_nic(self, partition: str, nic: str, mac: str, host: str) -> None:
        """Create a NIC that belongs to an agent's host: its description says so, as networking-dpm looks for it."""
        self._hmc.add_nic(partition, nic, mac, host)

    def expire_sessions(self) -> None:
        """Forget every session: each client's next request is answered with 403,5."""
        self._hmc.expire_sessions()

    async def restart(self, away_s: float = 0.0) -> None:
        """Restart the console: sessions and jobs are gone, and for so many seconds its ports refuse."""
        if not 0 <= away_s <= LONGEST_S:
            raise BadInput(f"the HMC cannot be away for {away_s} s; give 0 or more")
        await self._hmc.restart(away_s)

    def job_seconds(self, request: str, seconds: float) -> None:
        """Let the jobs that such requests start, as in 'POST /api/partitions/*/operations/start', take so long."""
        try:
            pattern = RequestPattern.parse(request)
        except ValueError as error:
            raise BadInput(str(error)) from error
        if not 0 <= seconds <= LONGEST_S:
            raise BadInput(f"a job cannot take {seconds} s; give 0 or more")
        check_starts_jobs(pattern)
        self._hmc.set_job_seconds(pattern, seconds)

    def metrics(self, group: str, resource: str, values: dict[str, Any]) -> None:
        """Set metric values of a resource, as of now; those of the group that are not told stay as they were."""
        check_plain("the parameter 'values'", values)

        def set_them(console: Console) -> None:
            uri = str(find(console, resource).uri)
            set_metrics(console.model.hmc, group, uri, values, console.clock.now_ms())

        self._hmc.by_hand(set_them)

    def os_message(self, resource: str, text: str) -> None:
        """Let the operating system in a partition or LPAR write a message to its console."""

        def write(console: Console) -> None:
            found = find(console, resource)
            if found.properties.get("class") not in WITH_CONSOLE:
                raise BadInput(f"no operating system runs in {resource!r}; name a {' or '.join(WITH_CONSOLE)}")
            console.os_messages.write(found, text)

        self._hmc.by_hand(write)

    def log(self, log: str, text: str) -> None:
        """Write an entry into one of the console's logs: audit or security."""
        if log not in list(LogKind):
            raise BadInput(f"the console has no log {log!r}; it has {', '.join(LogKind)}")
        self._hmc.by_hand(lambda console: console.logs.add(LogKind(log), BY_HAND_ID, "", text))

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The requests after the one with that number, with their answers; status 0 where there is none yet.

        `time_ms` is when a request was read; bodies are not kept.
        """
        return [asdict(request) for request in self._journal.since(since)]

"""Partitions and NICs that a scenario names: whether its inventory has them, told before anything starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.core.commands import AddNic, RemoveNic, SetPartitionStatus
from harness.core.scenario import Scenario, Step
from harness.scenario_file.problems import unknown

Nics = Mapping[str, frozenset[str]]
"""By partition the names of its NICs."""


def misnamed(scenario: Scenario, nics: Nics, *, owns_nics: bool) -> Iterator[str]:
    """What is wrong with the changes of the HMC, each beginning with its place; their order is not known beforehand."""
    for step in scenario.timeline:
        words = _of_step(step, scenario, nics, owns_nics=owns_nics)
        if words:
            yield f"{step.place}: {step.what}: {words}"


def _of_step(step: Step, scenario: Scenario, nics: Nics, *, owns_nics: bool) -> str | None:
    match step.command:
        case RemoveNic(partition=partition) | AddNic(partition=partition) | SetPartitionStatus(partition=partition):
            if partition not in nics:
                return f"{unknown('partition', partition, nics)} (of the inventory {scenario.inventory})"
    commands = [other.command for other in scenario.timeline]
    match step.command:
        case RemoveNic(partition=partition, nic=nic):
            added = {c.nic for c in commands if isinstance(c, AddNic) and c.partition == partition}
            if nic not in nics[partition] | added:
                return f"{unknown('NIC', nic, sorted(nics[partition]))} (of {partition} in {scenario.inventory})"
        case AddNic(partition=partition, nic=nic):
            removed = {c.nic for c in commands if isinstance(c, RemoveNic) and c.partition == partition}
            if nic in nics[partition] - removed:
                return f"{partition} has a NIC {nic!r} already; give the new one another name"
            if not owns_nics:
                return f"the profile {scenario.agent} says ports: none, so no NIC can be added for it"
    return None

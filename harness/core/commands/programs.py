"""What becomes of programs: the agent's own process, a bystander, and those that a real Neutron is made of."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCommand(Command):
    """Base of what is done to the agent's own process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAgent(AgentCommand):
    """SIGSTOP; the healing is SIGCONT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KillAgent(AgentCommand):
    """SIGKILL; the healing starts the program again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBystander(Command):
    """Another program uses the HMC at the same time, as a user of its own; ended at the latest with the trial."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBus(Command):
    """Stop a real Neutron's RabbitMQ, for the server and all agents; healing starts it again, with what it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopServer(Command):
    """Stop what of a real Neutron hears agents; its API still answers, and what agents send waits in the broker."""

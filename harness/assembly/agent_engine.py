"""Faults of the agent's own process: it stands still, or is killed and started again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from harness.assembly.programs import Program
from harness.core.commands import Command, KillAgent, PauseAgent
from harness.core.events import Touched
from harness.core.interfaces import Recorder
from harness.errors import AgentNotStartable, EngineFailed


@dataclass(slots=True)
class AgentEngine:
    """Does to the agent what a machine's operator or a kernel may do to it."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset({PauseAgent, KillAgent})

    agent: Program
    recorder: Recorder
    _in_force: dict[int, Command] = field(default_factory=dict)

    async def begin(self, step: int, command: Command) -> None:
        """Stop or kill it; returns when the kernel says so.

        Raises:
            EngineFailed: it does not run, so there is nothing to do it to.
        """
        process = self.agent.process
        if process is None:
            raise EngineFailed("the agent has not been started yet")
        self._in_force[step] = command
        match command:
            case PauseAgent():
                await process.pause()
                what = "stopped (SIGSTOP)"
            case KillAgent():
                await process.kill()
                what = "killed (SIGKILL)"
            case _:
                raise EngineFailed(f"nothing can do {type(command).__name__} to an agent")
        self.recorder.record(Touched(step=step, what=f"process {process.pid} was {what}"))

    async def heal(self, step: int) -> None:
        """Let it go on, or start it again.

        Raises:
            EngineFailed: it cannot be started again.
        """
        match self._in_force.pop(step, None):
            case PauseAgent() if self.agent.process is not None:
                self.agent.process.resume()
            case KillAgent():
                try:
                    await self.agent.start_again()
                except AgentNotStartable as error:
                    raise EngineFailed(str(error)) from error

"""Answers the look-ups of the HMC's name that a program makes, as the steps in force want it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from harness.core.commands import Command, DelayLookups, FailLookups, PutDeadAddressFirst
from harness.core.events import ComponentCrashed, NameLookedUp, Touched
from harness.core.interfaces import Clock, Recorder
from harness.engines.names.dead_end import DeadEnd
from harness.engines.preload import Source, preloaded
from harness.errors import BadInput, EngineFailed

SOURCE = Source("names", Path(__file__).with_name("library"), "play scenarios that reach the HMC by its address")
QUESTION_S = 10.0
"""A program that is loaded with the library asks in one go."""


class Names:
    """One trial's name of the HMC. How steps that overlap compose: a delay comes first; no answer beats a wrong one."""

    CARRIES: ClassVar[frozenset[type[Command]]] = frozenset((FailLookups, PutDeadAddressFirst, DelayLookups))

    def __init__(self, recorder: Recorder, clock: Clock, *, name: str, address: tuple[str, int]) -> None:
        self._recorder, self._clock = recorder, clock
        self._name, self._address = name, address
        self._place = f"hmc-resilience-harness/names/{secrets.token_hex(8)}"
        self._in_force: dict[int, Command] = {}
        self._dead_ends: dict[int, DeadEnd] = {}
        self._healed: dict[int, asyncio.Event] = {}
        self._server: asyncio.Server | None = None
        self._library: Path | None = None
        self._asked: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Answer from now on.

        Raises:
            EngineFailed: nothing can be loaded into programs here; says why and what to do.
        """
        if words := SOURCE.unsupported():
            raise EngineFailed(f"{words}; {SOURCE.otherwise}")
        try:
            self._library = await asyncio.to_thread(SOURCE.built)
        except BadInput as error:
            raise EngineFailed(str(error)) from error
        self._server = await asyncio.start_unix_server(self._serve, f"\0{self._place}")

    def added_to(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """A program's environment with ours added: what it looks up is asked here."""
        if self._library is None:
            raise EngineFailed("names: it has not been started")
        preload = preloaded(self._library, environment)
        return {**environment, "LD_PRELOAD": preload, "HARNESS_NAMES": f"{self._name} {self._place}"}

    async def begin(self, step: int, command: Command) -> None:
        """See `Engine.begin`."""
        if type(command) not in self.CARRIES:
            raise EngineFailed(f"names: step {step}: {type(command).__name__} is not for this engine")
        if isinstance(command, PutDeadAddressFirst):
            self._dead_ends[step] = DeadEnd(self._address[1], silent=command.silent)
        self._healed[step] = asyncio.Event()
        self._in_force[step] = command

    async def heal(self, step: int) -> None:
        """See `Engine.heal`. A look-up that waits is answered at once; who has a dead address keeps it."""
        if self._in_force.pop(step, None) is not None:
            self._healed.pop(step).set()
        dead_end = self._dead_ends.pop(step, None)
        if dead_end is not None:
            dead_end.close()

    async def close(self) -> None:
        """Answer no more. May be called again."""
        for step in list(self._in_force):
            await self.heal(step)
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._asked):
            task.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio serves in tasks
        self._asked.add(task)
        try:
            await asyncio.wait_for(reader.readline(), QUESTION_S)
            writer.write(f"{await self._answer()}\n".encode())
            await writer.drain()
        except (OSError, TimeoutError):
            pass  # whoever asked is gone
        except Exception as error:  # noqa: BLE001 - told: the trial cannot be trusted any more
            self._recorder.record(ComponentCrashed(component="names", error=f"{type(error).__name__}: {error}"))
        finally:
            writer.close()
            self._asked.discard(task)

    async def _answer(self) -> str:
        for step, command in list(self._in_force.items()):
            if isinstance(command, DelayLookups):
                await self._wait(step, command.delay_s)
        for step, command in self._in_force.items():
            if isinstance(command, FailLookups):
                answer = "again" if command.temporary else "none"
                return self._told(answer, {step: f"answered that {self._name} {_WORDS[answer]}"})
        dead = {step: end.host for step, end in self._dead_ends.items()}
        touched = {step: f"answered that {self._name} is {host} first" for step, host in dead.items()}
        return self._told(" ".join(["ok", *dead.values(), self._address[0]]), touched)

    async def _wait(self, step: int, delay_s: float) -> None:
        """A look-up that is healed meanwhile was late all the same."""
        what = f"made a look-up of {self._name} wait"
        self._recorder.record(Touched(step=step, what=what, amount=0, over=False))
        ways = [asyncio.ensure_future(self._clock.sleep(delay_s)), asyncio.ensure_future(self._healed[step].wait())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
        self._recorder.record(Touched(step=step, what=what))

    def _told(self, answer: str, touched: Mapping[int, str]) -> str:
        self._recorder.record(NameLookedUp(name=self._name, answer=answer))
        for step, what in touched.items():
            self._recorder.record(Touched(step=step, what=what))
        return answer


_WORDS = {"none": "does not exist", "again": "cannot be looked up now"}

"""A mock HMC with notifications in a thread of its own, for clients that wait in the test's thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import zhmcclient

from harness.hmc import HMC_PORT, HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.control import RequestJournal
from harness.hmc.notifications import STOMP_PORT

INVENTORIES = Path(__file__).parents[2] / "scenarios" / "inventories"
USER, PASSWORD = "agent", "right"
T = TypeVar("T")
_chance = random.SystemRandom()


class Watcher(NullObserver):
    """Keeps what must not happen."""

    def __init__(self) -> None:
        self.crashes: list[str] = []

    def on_crash(self, component: str, error: str) -> None:
        self.crashes.append(f"{component}: {error}")


@dataclass
class World:
    """A running mock HMC at the HMC's own ports, and what a client needs to reach it."""

    hmc: MockHmc
    host: str
    ca_file: str
    loop: asyncio.AbstractEventLoop
    watcher: Watcher

    def session(self) -> zhmcclient.Session:
        return zhmcclient.Session(self.host, USER, PASSWORD, verify_cert=self.ca_file)

    def receiver(self, *topics: str, userid: str = USER, password: str = PASSWORD) -> zhmcclient.NotificationReceiver:
        return zhmcclient.NotificationReceiver(topics, self.host, userid, password, verify_cert=self.ca_file)

    def do(self, what: Callable[[], T]) -> T:
        """Carry something out in the HMC's loop, as if somebody did it at the console."""
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def call() -> None:
            try:
                done.set_result(what())
            except Exception as error:  # noqa: BLE001 - raised again where the test waits
                done.set_exception(error)

        self.loop.call_soon_threadsafe(call)
        return done.result(10)

    def wait(self, what: Coroutine[object, object, T], seconds: float = 20) -> T:
        """Carry out what takes its time in the HMC's loop."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(seconds)

    def until_listening(self, topic: str, count: int = 1) -> None:
        """A client's SUBSCRIBE has no answer: wait until the broker has it."""
        until(lambda: self.do(lambda: self.hmc.notifications.listeners(topic)) >= count)


def until(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait for a condition, by a deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@contextmanager
def hmc_world(
    folder: Path,
    inventory: Inventory | str = "two-nics",
    *,
    settings: HmcSettings | None = None,
    journal: RequestJournal | None = None,
) -> Iterator[World]:
    """Run one while this is open; afterwards nothing crashed, and nothing is left."""
    everything = inventory if isinstance(inventory, Inventory) else Inventory.load(INVENTORIES / f"{inventory}.yaml")
    ca, watcher, loop = ThrowawayCa(), Watcher(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.ca_pem)
    hmc = MockHmc(everything, settings or HmcSettings(users={USER: PASSWORD}), journal or watcher, ca)
    world = World(hmc, f"127.{_chance.randint(130, 250)}.{_chance.randint(0, 255)}.7", str(ca_file), loop, watcher)
    try:
        world.wait(hmc.start(world.host, HMC_PORT, stomp_port=STOMP_PORT))
        yield world
        assert watcher.crashes == []
    finally:
        world.wait(hmc.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        left = asyncio.all_tasks(loop)
        loop.close()
    assert not left

"""The mock HMC: an HTTPS server in the caller's loop that answers as a real HMC does.

    listener (TLS) -> aiohttp (HTTP) -> MockHmc._handle -> Answering

Requests are carried out in the loop and without waiting, so the model needs no lock. The observer's `on_request` may
wait: that is where a fault begins. What takes long, a large answer above all, is done in turns with what others want.
"""

from __future__ import annotations

import asyncio
import itertools
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from aiohttp import web

from harness.core.patterns import RequestPattern
from harness.hmc.accounts import InventoryAccounts
from harness.hmc.answering import Answering
from harness.hmc.ca import ThrowawayCa
from harness.hmc.changes import (
    Change,
    Changes,
    InventoryChange,
    LogEntry,
    LogKind,
    PropertyChange,
    at_console,
    is_told_at,
)
from harness.hmc.clock import Clock
from harness.hmc.doors import Doors, Place
from harness.hmc.errors import HmcGone
from harness.hmc.http import HmcHttp
from harness.hmc.ids import Ids
from harness.hmc.inventory import Inventory
from harness.hmc.jobs import Jobs
from harness.hmc.logs import EVENT_IDS
from harness.hmc.model import Model, OwnedNic
from harness.hmc.notifications import NotificationServer
from harness.hmc.notifications.console_access import ConsoleAccess
from harness.hmc.observer import HmcObserver
from harness.hmc.operations import Console
from harness.hmc.sessions import Account, Session, Sessions
from harness.hmc.settings import HmcSettings

T = TypeVar("T")

HMC_PORT = 6794
"""Where a real HMC listens for the Web Services API; several clients know no other."""


class MockHmc:
    """One HMC. Nothing in it is shared with another one, apart from the certificate authority and see `alternate`."""

    def __init__(
        self,
        inventory: Inventory,
        settings: HmcSettings,
        observer: HmcObserver,
        ca: ThrowawayCa,
        *,
        beside: MockHmc | None = None,
    ) -> None:
        self._inventory = inventory
        self._job_seconds = dict(settings.job_seconds_of)
        self._settings = replace(settings, job_seconds_of=self._job_seconds)
        self._observer = observer
        self._ca = ca
        self.changes = Changes(self._crashed)
        """What happens in this HMC; who subscribes stays subscribed when the console is restarted."""
        self._consoles: list[MockHmc] = beside._consoles if beside else []
        """All those of the same CPCs."""
        self._consoles.append(self)
        self._ids: Ids = beside._ids if beside else Ids(settings.seed)
        self._numbers: Iterator[int] = beside._numbers if beside else itertools.count(1)
        """Of requests, so that each one of a pair of HMCs has its own."""
        self._console: Console = self._new_console(beside._console if beside else None)
        access = ConsoleAccess(self._console, self._tell_changes)
        self.notifications = NotificationServer(
            access, self.changes, self._crashed, settings.clock_factor, settings.limits
        )
        self._doors = Doors(self._new_http, self.notifications, ca.server_context, self._crashed, settings.limits)
        self._answering = Answering(self._console, observer, self._numbers, self._tell_listeners, self._crashed)
        self._turn = asyncio.Lock()
        """Whoever starts, closes or restarts: two at once would open the same ports twice."""
        self._closed = False
        self._returning: asyncio.Task[None] | None = None
        self._requests: set[asyncio.Task[object]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def alternate(self, observer: HmcObserver) -> MockHmc:
        """An alternate HMC: another console of the same CPCs, to be started at an address of its own.

        What is in the CPCs, and the users, is the same at both at any moment. Sessions, jobs and logs are a console's
        own: an id that one of them gave means nothing to the other, and only its own clients are told of them.
        """
        return MockHmc(self._inventory, self._settings, observer, self._ca, beside=self)

    def _new_console(self, beside: Console | None) -> Console:
        settings, ids = self._settings, self._ids
        model = beside.model if beside else Model(self._inventory, ids)
        number = len(self._consoles)
        limits = Account(
            password="",
            max_sessions=settings.max_sessions,
            max_failed_logons=settings.max_failed_logons,
            locked_out_s=settings.locked_out_s,
        )
        sessions = Sessions(
            settings.users,
            idle_s=settings.session_idle_s,
            ids=ids,
            now=_now,
            tell=self._session_told,
            hide=self._observer.on_secret,
            others=InventoryAccounts(model),
            limits=limits,
            ended=self._session_ended,
            wake=self._wake,
        )
        jobs = Jobs(
            now=_now,
            ids=ids,
            keep_s=settings.job_keep_s,
            tell=at_console(number, model.journal.tell),
            wake=self._wake,
            crashed=self._crashed,
            beside=beside.jobs if beside else None,
        )
        clock = Clock(self._settings.begins_ms)
        return Console(model, sessions, jobs, self._settings, clock, self._go_away, number=number)

    def _session_told(self, user: str, what: str) -> None:
        self._observer.on_session(user, what)
        if what in EVENT_IDS:
            self._console.logs.add(LogKind.SECURITY, EVENT_IDS[what], user, f"{what}: user {user}")

    def _session_ended(self, session: Session) -> None:
        self._console.forget(session)

    def _look_at_user(self, change: Change) -> None:
        """What happens to a user, at whichever console, happens to his sessions before anybody is told."""
        if not isinstance(change, InventoryChange | PropertyChange) or change.subject.kind != "user":
            return
        try:
            self._console.sessions.user_changed(change.subject.uri)
        except Exception as error:  # noqa: BLE001 - told to the observer; who listens is told of the change all the same
            self._crashed(error)

    def _go_away(self, seconds: float | None) -> None:
        """Restart once the request of now is over; aiohttp sends its answer in the same task."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - as in `_handle`
        task.add_done_callback(lambda _: self._leave(seconds))

    def _leave(self, seconds: float | None) -> None:
        leaving = asyncio.get_running_loop().create_task(self.restart(seconds))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _new_http(self) -> HmcHttp:
        return HmcHttp(self._handle, self._settings.limits.request_s)

    async def start(
        self, host: str, port: int = 0, *, stomp_port: int | None = None, reached_as: Sequence[str] = ()
    ) -> int:
        """Listen on this address; the port. The certificate names what it is reached as: that address, if not told.

        Wherever it listened before it does so no more.

        Notifications are sent only where `stomp_port` says from which port; 0 is any that is free (`self.stomp_port`).

        Raises:
            OSError: the address cannot be bound.
        """
        async with self._turn:
            self._closed = False
            await self._return_no_more()
            place = await self._doors.open(Place(host, port, stomp_port, reached_as or [host]))
            self._console.sessions.wake_again()  # if it was closed before, that took all timers
            self._console.jobs.wake_again()
            return place.port

    @property
    def stomp_port(self) -> int | None:
        """From which port notifications are sent, if they are."""
        return self._doors.place.stomp_port if self._doors.place else None

    async def close(self) -> None:
        """End every connection and every request, also those that still wait. Safe to call twice."""
        self._closed = True
        async with self._turn:
            await self._shut()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _return_no_more(self) -> None:
        if self._returning:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
            self._returning = None

    async def _shut(self) -> None:
        await self._return_no_more()
        await self._doors.shut()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        waiting = list(self._requests)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    # What somebody else does at the HMC

    def remove_nic(self, partition_name: str, nic_name: str) -> None:
        """Delete a NIC.

        Raises:
            BadInput: there is none of that name.
        """
        self._console.model.remove_nic(partition_name, nic_name)
        self._tell_changes()

    def add_nic(self, partition_name: str, nic_name: str, mac: str, host: str) -> None:
        """Create a NIC for an agent's host.

        Raises:
            BadInput: no such partition, or the name is taken.
        """
        self._console.model.add_nic(partition_name, nic_name, mac, host)
        self._tell_changes()

    def by_hand(self, what: Callable[[Console], T]) -> T:
        """Do something at the console, as a person there does; clients that listen are told what it changed."""
        try:
            return what(self._console)
        finally:
            self._tell_changes()

    def set_job_seconds(self, requests: RequestPattern, seconds: float) -> None:
        """Let the jobs that such requests start from now on take so long; the latest word counts."""
        others = {pattern: value for pattern, value in self._job_seconds.items() if pattern != requests}
        self._job_seconds.clear()
        self._job_seconds.update({requests: seconds, **others})

    async def restart(self, away_s: float | None = 0.0) -> None:
        """Restart the console: when this returns nobody can reach it, and `away_s` later everybody can again.

        None shuts it down: it is away until the next restart. Sessions and jobs are forgotten, and the objects stay:
        they live in the CPCs. What a job was doing is done. Of several restarts at once each has its turn, and the
        last one's `away_s` counts.
        """
        async with self._turn:
            place = self._doors.place
            await self._shut()
            self._console.sessions.expire_all()
            self.forget_jobs()
            if place and not self._closed and away_s is not None:
                self._returning = asyncio.get_running_loop().create_task(self._return(place, away_s))

    async def _return(self, place: Place, away_s: float) -> None:
        await asyncio.sleep(away_s)
        try:
            await self._doors.open(place)
        except OSError as error:
            self._crashed(error)

    def expire_sessions(self) -> None:
        """Forget every session: the next request of each client gets 403,5."""
        self._console.sessions.expire_all()

    def forget_jobs(self) -> None:
        """Forget every job and its result; what it was doing is done. Nobody is told that it has ended."""
        self.by_hand(lambda console: console.jobs.forget_all())

    def owned_nics(self, host: str) -> list[OwnedNic]:
        """The NICs that belong to an agent's host."""
        return self._console.model.owned_nics(host)

    # One request

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        task: asyncio.Task[object] | None = asyncio.current_task()
        assert task is not None  # noqa: S101 - aiohttp runs handlers in tasks
        self._requests.add(task)
        try:
            return await self._answering.answer(request)
        except HmcGone:
            if request.transport:
                request.transport.abort()
            return web.Response(status=503)  # nobody receives it
        finally:
            self._requests.discard(task)

    def _wake(self, seconds: float) -> None:
        """Look after jobs and sessions in so many seconds, so that others learn of an end although nobody asks."""

        def look() -> None:
            self._timers.discard(timer)
            try:
                self._console.jobs.settle()
                self._console.sessions.settle()
            except Exception as error:  # noqa: BLE001 - told to the observer: the trial cannot be trusted any more
                self._crashed(error)
            self._tell_changes()

        timer = asyncio.get_running_loop().call_later(seconds, look)
        self._timers.add(timer)

    def _tell_listeners(self) -> bool:
        """Tell what happened; whether anybody who listens may be told anything but log entries."""
        return self._tell_changes() and bool(self.notifications.connections)

    def _tell_changes(self) -> bool:
        """Tell what happened; whether there was anything but log entries."""
        told: list[Change] = []
        while changes := self._console.model.journal.take():  # sessions may end with what is told, which is logged
            for change in changes:
                for hmc in self._consoles:
                    if is_told_at(hmc._console.number, change):
                        hmc._look_at_user(change)
                        hmc.changes.tell(change)
            told += changes
        return not all(isinstance(change, LogEntry) for change in told)

    def _crashed(self, error: BaseException) -> None:
        self._observer.on_crash("mock HMC", "".join(traceback.format_exception(error)))


def _now() -> float:
    return asyncio.get_running_loop().time()

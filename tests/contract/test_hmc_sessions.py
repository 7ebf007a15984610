"""Sessions that end with their user or by idleness: over sockets, and with nobody who asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.hmc import HMC_PORT, HmcSettings, NullObserver
from harness.hmc.changes import Change, JobCompletion, OsMessage, Subject
from harness.hmc.control import RequestJournal
from harness.hmc.metrics import owner_of
from harness.hmc.operations import Console
from harness.hmc.sessions import LONGEST_NAME
from tests.contract import stomp_client
from tests.contract.hmc_listener import receiving
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world, until
from tests.contract.test_hmc_alternate import Numbers, _alternate
from tests.contract.test_hmc_http import ask

pytestmark = pytest.mark.contract

EVE: dict[str, object] = {
    "name": "eve",
    "type": "standard",
    "authentication-type": "local",
    "password": "evespw",
    "password-rule-uri": "/api/console/password-rules/1",
}
IDLE_S = 1.0
PARTITION = "/api/partitions/dddddddd-0000-4000-8000-000000000002"
LAST = Subject(uri="/api/partitions/x", kind="partition", name="x", is_element=False)
LONG = 900_000
"""Of a name; a request's body may be of 1 MiB."""
REFUSED = 40
GROWTH_BYTES = REFUSED * LONG // 2
"""It is twice as much as that for each time that the names are kept."""


@pytest.fixture(autouse=True)
def _mended(monkeypatch: pytest.MonkeyPatch) -> None:
    stomp_client.mend(monkeypatch)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hmc_world(tmp_path) as world:
        yield world


def log_on(world: World, user: str, password: str) -> dict[str, Any]:
    answer = ask(world, "POST", "/api/sessions", {"userid": user, "password": password})
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def head(session: dict[str, Any]) -> dict[str, str]:
    return {"X_API_Session": session["api-session"]}


def open_context(world: World, session: dict[str, Any]) -> None:
    """Something that is the session's own."""
    wanted = {"anticipated-frequency-seconds": 15}
    assert ask(world, "POST", "/api/services/metrics/context", wanted, **head(session)).status == 201


def contexts_of(world: World, session: dict[str, Any]) -> int:
    """How much there is of it. Asks no session."""

    def count(console: Console) -> int:
        return sum(owner_of(one) == session["api-session"] for one in console.model.hmc.metrics_contexts.list())

    return world.do(lambda: world.hmc.by_hand(count))


def test_with_a_user_his_sessions_end_at_both_consoles_and_are_told_nothing(world: World) -> None:
    numbers = Numbers()
    alternate = world.wait(_alternate(world.hmc, numbers))
    host = world.host.removesuffix(".7") + ".8"
    there = World(alternate, host, world.ca_file, world.loop, world.watcher)
    try:
        world.wait(alternate.start(host, HMC_PORT))
        boss = log_on(world, USER, PASSWORD)
        made = ask(world, "POST", "/api/console/users", EVE, **head(boss))
        assert made.status == 201
        eves = [(console, log_on(console, "eve", "evespw")) for console in (world, there)]
        for console, session in eves:
            open_context(console, session)
        topics = [boss["notification-topic"], eves[0][1]["notification-topic"]]
        with receiving(world, *topics) as messages:
            assert ask(world, "DELETE", made.headers["Location"], **head(boss)).status == 204
            assert [contexts_of(world, session) for _, session in eves] == [0, 0]
            first, _ = messages.get(timeout=5)
            assert (first["action"], first["destination"]) == ("remove", f"/topic/{topics[0]}")
            assert messages.empty()
        for console, session in eves:
            answer = ask(console, "GET", "/api/console", **head(session))
            assert (answer.status, answer.body["reason"]) == (403, 5)
            again = ask(console, "POST", "/api/sessions", {"userid": "eve", "password": "evespw"})
            assert (again.status, again.body["reason"]) == (403, 0)
        assert numbers.crashes == []
    finally:
        world.wait(alternate.close())


def test_a_user_who_is_renamed_is_told_by_his_new_name(world: World) -> None:
    boss = log_on(world, USER, PASSWORD)
    uri = ask(world, "POST", "/api/console/users", EVE, **head(boss)).headers["Location"]
    eve = log_on(world, "eve", "evespw")
    world.do(lambda: world.hmc.by_hand(lambda console: _rename(console, uri)))
    answer = ask(world, "GET", "/api/nothing", **head(eve))
    assert answer.body["request-authenticated-as"] == "eva"


def _rename(console: Console, uri: str) -> None:
    with console.model.transaction():
        console.model.resource(uri).properties["name"] = "eva"


def test_an_idle_session_ends_with_what_is_its_own_although_nobody_asks(tmp_path: Path) -> None:
    with hmc_world(tmp_path, settings=HmcSettings(users={USER: PASSWORD}, session_idle_s=IDLE_S)) as world:
        idle = log_on(world, USER, PASSWORD)
        open_context(world, idle)
        topics = idle["notification-topic"], f"{idle['notification-topic']}sec"
        with receiving(world, *topics) as messages:
            world.until_listening(topics[1])
            until(lambda: contexts_of(world, idle) == 0)
            world.do(lambda: world.hmc.remove_nic("part-1", world.hmc.owned_nics("dpm-host-1")[0].name))
            world.do(lambda: world.hmc.changes.tell(OsMessage(subject=LAST, topic=topics[0], message={})))
            headers, _ = messages.get(timeout=5)
            assert (headers["notification-type"], headers["session-sequence-nr"]) == ("os-message", "0")
        refused = world.do(
            lambda: world.hmc.by_hand(
                lambda console: console.sessions.may_listen(idle["api-session"], idle["session-credential"])
            )
        )
        assert not refused


def test_who_claims_to_have_an_endless_name_fills_no_memory(tmp_path: Path) -> None:
    journal = RequestJournal(NullObserver())
    with hmc_world(tmp_path, journal=journal) as world:
        for _ in range(5):
            _refuse(world)
        before = psutil.Process().memory_info().rss
        for _ in range(REFUSED):
            _refuse(world)
        assert psutil.Process().memory_info().rss - before < GROWTH_BYTES
        assert {request.user for request in world.do(lambda: journal.since(0))} == {"x" * LONGEST_NAME + "..."}


def _refuse(world: World) -> None:
    answer = ask(world, "POST", "/api/sessions", {"userid": "x" * LONG, "password": "p"})
    assert (answer.status, answer.body["reason"]) == (403, 0)


def test_who_was_closed_and_starts_again_ends_idle_sessions_and_jobs_although_nobody_asks(tmp_path: Path) -> None:
    settings = HmcSettings(users={USER: PASSWORD}, session_idle_s=2 * IDLE_S, job_seconds=IDLE_S)
    with hmc_world(tmp_path, settings=settings) as world:
        idle = log_on(world, USER, PASSWORD)
        open_context(world, idle)
        changes: list[Change] = []
        world.do(lambda: world.hmc.changes.subscribe(changes.append))
        started = ask(world, "POST", f"{PARTITION}/operations/start", {}, **head(idle))
        assert started.status == 202
        world.wait(world.hmc.close())
        assert contexts_of(world, idle) == 1
        world.wait(world.hmc.start(world.host, HMC_PORT))
        until(lambda: any(isinstance(change, JobCompletion) for change in changes))
        until(lambda: contexts_of(world, idle) == 0)

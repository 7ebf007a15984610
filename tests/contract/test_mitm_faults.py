"""Through a real mitmproxy: each command, its witness and its healing."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from harness.core.commands import (
    AnswerWithError,
    BreakJson,
    ChangeContentType,
    Command,
    DelayRequest,
    FreezeJobs,
    Hang,
)
from harness.core.events import ComponentCrashed, Touched
from harness.core.patterns import ANY_JOB, ANY_REQUEST, RequestPattern
from harness.errors import EngineFailed
from tests.contract.mitm_world import COMPLETE, World, world
from tests.engines.recorders import ListRecorder

pytestmark = pytest.mark.contract


def test_each_command_has_its_effect_and_its_witness_and_heals() -> None:
    async def scene() -> None:
        async with world() as it:
            await freezes_jobs(it)
            await answers_with_an_error(it)
            await breaks_json(it)
            await changes_the_content_type(it)
            await delays(it)
            assert json.loads((await it.ask("/api/jobs/1")).body) == COMPLETE, "all is healed"
            assert it.recorder.all(ComponentCrashed) == []

    asyncio.run(scene())


async def freezes_jobs(it: World) -> None:
    answer, what = await it.touch_of(1, FreezeJobs(match=ANY_JOB), "/api/jobs/1")
    assert json.loads(answer.body) == {"status": "running"}
    assert what.startswith("GET /api/jobs/1: ")
    for step, method, path, status in (
        (11, "DELETE", "/api/jobs/1", 409),
        (12, "POST", "/api/jobs/1/operations/cancel", 404),
    ):
        answer, what = await it.touch_of(step, FreezeJobs(match=ANY_JOB), path, method)
        assert answer.status == status
        assert f"{method} {path}" not in it.upstream.asked


async def answers_with_an_error(it: World) -> None:
    asked = len(it.upstream.asked)
    command = AnswerWithError(match=ANY_REQUEST, status=503, reason=1, message="Busy.")
    answer, what = await it.touch_of(2, command, "/api/cpcs?name=x")
    told = json.loads(answer.body)
    assert (answer.status, told["http-status"], told["reason"]) == (503, 503, 1)
    assert what == "GET /api/cpcs: answered 503,1"
    assert len(it.upstream.asked) == asked, "the HMC is not asked"


async def breaks_json(it: World) -> None:
    answer, _ = await it.touch_of(3, BreakJson(match=ANY_REQUEST), "/api/cpcs")
    whole = json.dumps(COMPLETE).encode()
    assert whole.startswith(answer.body)
    assert 0 < len(answer.body) < len(whole)
    assert (answer.status, answer.content_type.partition(";")[0]) == (200, "application/json")


async def changes_the_content_type(it: World) -> None:
    command = ChangeContentType(match=ANY_REQUEST, content_type="text/html")
    answer, _ = await it.touch_of(4, command, "/api/cpcs")
    assert (answer.content_type, json.loads(answer.body)) == ("text/html", COMPLETE)


async def delays(it: World) -> None:
    began = time.monotonic()
    await it.touch_of(5, DelayRequest(match=ANY_REQUEST, delay_s=0.2), "/api/cpcs")
    assert time.monotonic() - began >= 0.2


def test_a_delay_is_in_the_agents_seconds_and_leaves_other_requests_alone() -> None:
    async def scene() -> None:
        async with world(speed=1000) as it:
            await it.proxy.begin(1, DelayRequest(match=RequestPattern.parse("GET /slow"), delay_s=3_600_000))
            slow = asyncio.create_task(it.ask("/slow"))
            for _ in range(3):
                assert (await it.ask("/quick")).status == 200
            assert "GET /slow" not in it.upstream.asked
            await it.proxy.heal(1)
            assert (await slow).status == 200, "the healing releases what waits"
            (touched,) = it.recorder.all(Touched)
            assert "of 3600.00 wall seconds, then the fault was healed" in touched.what

    asyncio.run(scene())


def test_a_client_that_gives_up_is_a_witness_of_the_delay_at_once() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, DelayRequest(match=ANY_REQUEST, delay_s=3600))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await it.ask()
            await it.recorder.until(lambda: bool(it.recorder.all(Touched)))
            assert "the client gave up" in it.recorder.all(Touched)[0].what

    asyncio.run(scene())


def test_faults_overlap_and_heal_one_by_one() -> None:
    async def scene() -> None:
        async with world() as it:
            await it.proxy.begin(1, BreakJson(match=ANY_REQUEST))
            await it.proxy.begin(2, ChangeContentType(match=ANY_REQUEST, content_type="text/html"))
            answer = await it.ask()
            assert (answer.content_type, len(answer.body) < len(json.dumps(COMPLETE))) == ("text/html", True)
            await it.proxy.heal(1)
            answer = await it.ask()
            assert (answer.content_type, json.loads(answer.body)) == ("text/html", COMPLETE)
            assert [e.step for e in it.recorder.all(Touched)] == [1, 2, 2]

    asyncio.run(scene())


def test_one_connection_carries_request_after_request() -> None:
    async def scene() -> None:
        async with world() as it:
            paths = [f"/api/cpcs/{n}" for n in range(20)]
            for path in paths:
                await it.ask(path)
            assert it.upstream.asked == [f"GET {path}" for path in paths]
            assert len(it.upstream.connections) == 1

    asyncio.run(scene())


@pytest.mark.parametrize("command", [Hang(), BreakJson(match=ANY_REQUEST)], ids=lambda c: type(c).__name__)
def test_what_it_cannot_do_is_refused(command: Command) -> None:
    """A command of another engine; any command after its end. Healing what never began is no error."""

    async def scene() -> None:
        async with world() as it:
            await it.proxy.heal(99)
            with pytest.raises(EngineFailed, match="another trial"):
                await it.proxy.attach(ListRecorder(), listen_host="127.77.3.2", upstream=("127.77.3.2", 1))
            if not isinstance(command, Hang):
                await it.proxy.close()
            with pytest.raises(EngineFailed):
                await it.proxy.begin(1, command)

    asyncio.run(scene())

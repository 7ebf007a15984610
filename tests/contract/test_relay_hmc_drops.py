"""Where an exchange with the HMC breaks off, exact to the request: what was carried out, and what a client sees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import zhmcclient

from harness.core.commands import Command, Cut, CutConnection, Direction, ForgetConnections
from tests.contract.engine_world import SickHmc, sick_hmc

pytestmark = pytest.mark.contract

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE
ASKED = "GET /api/cpcs"


def get(session: zhmcclient.Session) -> str:
    """One request on the session's open connection; its error's text, or nothing."""
    try:
        session.get("/api/cpcs")
    except zhmcclient.ConnectionError as error:
        return str(error)
    return ""


async def logged_on(s: SickHmc) -> zhmcclient.Session:
    """A session with a connection that is kept alive."""
    session = s.session()
    assert await asyncio.to_thread(get, session) == ""
    s.requests.clear()
    return session


@pytest.mark.parametrize(
    ("command", "executed"),
    [
        (CutConnection(how=Cut.RST, direction=REQUEST), 0),
        (CutConnection(how=Cut.FIN, direction=REQUEST), 0),
        (CutConnection(how=Cut.RST, direction=REQUEST, after_bytes=50), 0),
        (CutConnection(how=Cut.RST, direction=RESPONSE), 1),
        (CutConnection(how=Cut.FIN, direction=RESPONSE), 1),
        (CutConnection(how=Cut.RST, direction=RESPONSE, after_bytes=40), 1),
        (CutConnection(how=Cut.FIN, direction=RESPONSE, after_bytes=40), 1),
        (ForgetConnections(), 0),
    ],
    ids=[
        "reset-before-the-request-is-read",
        "close-before-the-request-is-read",
        "reset-inside-the-request",
        "reset-after-it-is-carried-out",
        "close-after-it-is-carried-out",
        "reset-inside-the-answer",
        "close-inside-the-answer",
        "stale-keep-alive",
    ],
)
def test_an_exchange_breaks_off_where_it_should_and_the_next_one_is_whole(
    tmp_path: Path, command: Command, executed: int
) -> None:
    async def story() -> None:
        async with sick_hmc("relay", tmp_path) as s:
            session = await logged_on(s)
            await s.engine.begin(1, command)
            error = await asyncio.to_thread(get, session)
            assert error
            assert s.requests == [ASKED] * executed
            assert len(s.recorder.touches(1)) == 1
            await s.engine.heal(1)
            assert await asyncio.to_thread(get, session) == ""
            assert s.requests == [ASKED] * (executed + 1)

    asyncio.run(story())

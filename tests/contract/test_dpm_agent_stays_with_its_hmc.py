"""The DPM agent follows redirects within its HMC alone, as often as it is told to, and is not made to wait."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from agent_under_test.dpm_agent.hmc_side import HmcLost, ZhmcHmc
from tests.contract.test_dpm_agent_losses import HOST, NonsenseHmc, connect_and_look, error_answer, play

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("path", ["/api/cpcs", "/api/sessions"])
@pytest.mark.parametrize(
    "away",
    ["https://127.0.77.3:{port}/here", f"https://{HOST}:1/here", f"http://{HOST}:{{port}}/here", "//127.0.77.3/here"],
    ids=["host", "port", "without-tls", "without-scheme"],
)
def test_a_redirect_away_is_a_loss_and_not_followed(tmp_path: Path, path: str, away: str) -> None:
    """Nothing listens there: to follow would be 'connection refused' or a certificate that is not accepted."""

    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        async def redirect(request: web.Request) -> web.StreamResponse:
            port = request.host.partition(":")[2]
            return web.Response(status=307, headers={"Location": away.format(port=port)})

        nonsense.odd_path, nonsense.odd_answer = path, redirect
        with pytest.raises(HmcLost, match="redirected to another address, which is not followed"):
            await connect_and_look(side)

    play(tmp_path, story)


def test_a_redirect_within_the_hmc_is_followed(tmp_path: Path) -> None:
    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        async def once(request: web.Request) -> web.StreamResponse:
            nonsense.odd_path = ""
            return web.Response(status=302, headers={"Location": f"https://{request.host}/api/cpcs"})

        nonsense.odd_path, nonsense.odd_answer = "/api/cpcs", once
        assert await connect_and_look(side) == {"fa:16:3e:00:00:01"}

    play(tmp_path, story)


def test_max_redirects_is_heeded(tmp_path: Path) -> None:
    """TR-5; zhmcclient 1.26 hands it to urllib3, which requests never lets follow a redirect."""

    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        async def again(request: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": request.path})

        nonsense.odd_path, nonsense.odd_answer = "/api/cpcs", again
        with pytest.raises(HmcLost, match="too many redirects"):
            await connect_and_look(side)
        assert nonsense.asked.count("GET /api/cpcs") == 1 + 4

    play(tmp_path, story, max_redirects=4)


def test_an_hmc_cannot_make_the_agent_wait_in_silence(tmp_path: Path) -> None:
    """urllib3 would sleep for as long as Retry-After says, and ask again, within the call."""

    async def story(nonsense: NonsenseHmc, side: ZhmcHmc) -> None:
        async def later(request: web.Request) -> web.StreamResponse:
            answer = await error_answer(503, 1)(request)
            answer.headers["Retry-After"] = "3600"
            return answer

        nonsense.odd_path, nonsense.odd_answer = "/api/cpcs", later
        with pytest.raises(HmcLost, match="status 503"):
            await connect_and_look(side)
        assert nonsense.asked.count("GET /api/cpcs") == 1

    play(tmp_path, story)

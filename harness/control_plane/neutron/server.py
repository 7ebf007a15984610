"""neutron-server as it is deployed today: its API under WSGI, and neutron-rpc-server beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from harness.control_plane.neutron.servant import OnEnd, Servant
from harness.control_plane.neutron.settings import API_PORT, Layout, neutron_conf
from harness.control_plane.neutron.wishes import Wishes
from harness.errors import EngineFailed

READY_S = 90.0
"""It takes 3 s on a quiet machine."""

ASK_S = 5.0
LISTENS = (b"RpcWorker start finished", b"RpcReportsWorker start finished")
"""What neutron-rpc-server's two workers log, at level DEBUG of neutron.service, once they take messages."""
INSIDE = Path(__file__).with_name("inside")


@dataclass(slots=True)
class Server:
    """One Neutron, which may be started more than once, and with other wishes each time."""

    layout: Layout
    programs: Path
    on_end: OnEnd
    _environment: Mapping[str, str] = field(default_factory=dict)
    _api: Servant | None = None
    _rpc: Servant | None = None

    async def prepare(self) -> None:
        """Make the tables; needs no broker.

        Raises:
            EngineFailed: the database cannot be used; quotes why.
        """
        self._configure(Wishes())
        made = await self._servant("make-tables", "make_tables", str(self.layout.neutron_conf))
        await made.ended.wait()
        words = made.last_words()
        await made.stop()
        if "tables were made" not in words:
            raise EngineFailed(f"Neutron's database cannot be used: {words}")

    async def start(self, wishes: Wishes) -> None:
        """Returns when the API answers and the RPC workers listen; needs the broker.

        Raises:
            EngineFailed: they do not start; quotes their last words.
        """
        self._configure(wishes)
        await asyncio.gather(self.start_rpc(), self._start_api())

    async def start_rpc(self) -> None:
        """Returns when the RPC workers listen; needs the broker. Idempotent.

        Raises:
            EngineFailed: they do not start; quotes their last words.
        """
        if self._rpc is not None:
            return
        conf = str(self.layout.neutron_conf)
        self._rpc = await self._servant("neutron-rpc", "serve_rpc", conf, on_end=self.on_end)
        await self._rpc.ready(self._listens, READY_S)

    async def stop_rpc(self) -> None:
        """End the RPC workers: agents are not heard any more; the API still answers."""
        rpc, self._rpc = self._rpc, None
        if rpc is not None:
            await rpc.stop()

    async def _start_api(self) -> None:
        arguments = (self.layout.host, str(API_PORT), str(self.layout.neutron_conf))
        self._api = await self._servant("neutron-api", "serve_api", *arguments, on_end=self.on_end)
        await self._api.ready(self._answers, READY_S)

    def _configure(self, wishes: Wishes) -> None:
        self._environment = wishes.environment
        api_paste = self.programs.parent / "etc/neutron/api-paste.ini"
        text = neutron_conf(self.layout, api_paste, wishes.agent_down_time_s)
        self.layout.neutron_conf.write_text(text, encoding="utf-8")

    @property
    def servants(self) -> list[Servant]:
        """Its processes."""
        return [servant for servant in (self._api, self._rpc) if servant is not None]

    async def stop(self) -> None:
        """End it; the database stays."""
        servants = self.servants
        self._api = self._rpc = None
        await asyncio.gather(*(servant.stop() for servant in servants))

    async def _servant(self, name: str, inside: str, *arguments: str, on_end: OnEnd = lambda _: None) -> Servant:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.layout.folder), "LANG": "C.UTF-8", **self._environment}
        argv = [str(self.programs / "python"), "-W", "ignore", str(INSIDE / f"{inside}.py"), *arguments]
        return await Servant.start(name, argv, env, self.layout.folder, on_end)

    async def _answers(self) -> bool:
        """Whether it does what trials will ask for. The first who creates something makes Neutron read its policy, and
        whoever asks meanwhile is refused (status 403)."""
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        networks = f"{self.layout.api_url}/v2.0/networks"
        try:
            async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
                async with http.post(networks, json={"network": {"name": "first"}}) as answer:
                    if not answer.ok:
                        return False
                    made = (await answer.json())["network"]["id"]
                async with http.delete(f"{networks}/{made}") as answer:
                    return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _listens(self) -> bool:
        return self._rpc is not None and all(map(self._rpc.said, LISTENS))

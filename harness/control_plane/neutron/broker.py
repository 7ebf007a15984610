"""RabbitMQ on loopback, with an Erlang port mapper of its own: two guarded processes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from harness.control_plane.neutron.installed import RabbitMq
from harness.control_plane.neutron.servant import OnEnd, Servant, accepts
from harness.control_plane.neutron.settings import BUS_PORT, Layout, rabbitmq_conf

READY_S = 60.0
"""It takes 4 s on a quiet machine."""


@dataclass(slots=True)
class Broker:
    """One RabbitMQ. Its data is kept when it is started again, as a machine's would be."""

    layout: Layout
    programs: RabbitMq
    on_end: OnEnd
    _epmd: Servant | None = None
    _server: Servant | None = field(default=None)

    async def start(self) -> None:
        """Returns when it takes connections. Idempotent.

        Raises:
            EngineFailed: it does not start; quotes its last words.
        """
        if self._server is not None:
            return
        folder, host = self.layout.folder, self.layout.host
        (folder / "rabbitmq.conf").write_text(rabbitmq_conf(self.layout), encoding="utf-8")
        (folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        if self._epmd is None:
            # RabbitMQ would start one that stays behind as a daemon.
            epmd = [str(self.programs.epmd), "-port", str(self.layout.epmd_port), "-address", host]
            self._epmd = await Servant.start("epmd", epmd, {}, folder, self.on_end)
            await self._epmd.ready(lambda: accepts("127.0.0.1", self.layout.epmd_port), READY_S)
        argv = [str(self.programs.script)]
        self._server = await Servant.start("rabbitmq", argv, self._environment(), folder, self.on_end)
        await self._server.ready(lambda: accepts(host, BUS_PORT), READY_S)

    async def stop(self) -> None:
        """End RabbitMQ, and keep its port mapper."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    async def close(self) -> None:
        """End all of it."""
        await self.stop()
        epmd, self._epmd = self._epmd, None
        if epmd is not None:
            await epmd.stop()

    def _environment(self) -> dict[str, str]:
        folder = self.layout.folder
        interface = "{" + self.layout.host.replace(".", ",") + "}"
        return {
            "PATH": f"{self.programs.erlang}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(folder),  # the Erlang cookie
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"{self.layout.user}@localhost",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_DIST_PORT": str(self.layout.erlang_port),
            # One scheduler: a broker of some dozen agents must not take the cores of the trials.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {interface} +S 1:1 +sbwt none",
            "ERL_EPMD_PORT": str(self.layout.epmd_port),
            "ERL_EPMD_ADDRESS": self.layout.host,
        }

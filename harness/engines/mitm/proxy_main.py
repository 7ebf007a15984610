"""The proxy process: ``python -m harness.engines.mitm.proxy_main``, told what to do over its standard input.

It owns mitmproxy's one Master. Its standard output is the channel to the harness; whatever a library prints goes to
standard error.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mitmproxy.addons.core import Core
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.options import Options

from harness.core.commands import Command, Redirect, RedirectTo, TlsCommand
from harness.engines.mitm import wire
from harness.engines.mitm.addon import ErrorLog, Faults
from harness.engines.mitm.rules import Place, rule
from harness.engines.mitm.sockets import shut_down_connections
from harness.guard.folder import own_folder

CLEAR_S = 3.0
"""How long mitmproxy may take to notice that its connections are closed; it takes milliseconds."""


class Channel:
    """The line to the harness."""

    def __init__(self) -> None:
        # Nothing but us writes there: a library's print would break a line of JSON.
        self._out = os.dup(1)
        os.dup2(2, 1)

    def say(self, message: wire.Message) -> None:
        """One line. If nobody reads any more, our end has been decided already."""
        try:
            os.write(self._out, wire.line(message))
        except OSError as error:
            print(f"the harness does not listen: {error}", file=sys.stderr)

    async def hear(self) -> asyncio.StreamReader:
        """What the harness says."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        return reader


class Ready:
    """The last addon: when it is told that mitmproxy runs, all others have been told."""

    def __init__(self, confdir: Path, channel: Channel) -> None:
        self._confdir = confdir
        self._channel = channel

    def running(self) -> None:
        """The authority's key is in memory by now, and has no more business on a disk."""
        (self._confdir / "mitmproxy-ca.pem").unlink()
        self._channel.say({"ready": str(self._confdir)})


class Proxy:
    """Carries out what the harness says."""

    def __init__(self, confdir: Path, channel: Channel, ca_pem: bytes) -> None:
        self._channel = channel
        self._place = Place(ca_pem=ca_pem)
        self._modes: list[str] = []
        self._upstream = ("", 0)
        self._faults = Faults(channel.say)
        self._server = Proxyserver()  # type: ignore[no-untyped-call]  # mitmproxy does not annotate it
        self.master = Master(
            Options(
                mode=[],
                confdir=str(confdir),
                ssl_verify_upstream_trusted_ca=str(confdir / "upstream-ca.pem"),
                http2=False,
                http3=False,
                websocket=False,
                rawtcp=False,
            )
        )
        addons = (Core(), self._server, NextLayer(), TlsConfig(), self._faults, Ready(confdir, channel))
        self.master.addons.add(*addons)  # type: ignore[no-untyped-call]  # mitmproxy does not annotate it
        # Lazy: the HMC is connected to for a request that reaches it, not for every TCP connection of a client.
        self._set(connection_strategy="lazy", keep_host_header=True)

    async def obey(self, reader: asyncio.StreamReader) -> None:
        """Until the harness has nothing more to say."""
        while text := await reader.readline():
            message = wire.parse(text)
            try:
                answer = await self._do(message)
            except Exception as error:  # noqa: BLE001 - the harness raises it
                answer = {"error": f"{type(error).__name__}: {error}"}
            self._channel.say({"answer": message["id"], **answer})
        self.master.shutdown()  # type: ignore[no-untyped-call]  # mitmproxy does not annotate it

    async def _do(self, message: wire.Message) -> Mapping[str, object]:
        match message:
            case {"do": "attach", "listen_host": str(host), "upstream": [str(to), int(port)], "known_as": [*names]}:
                known_as, speed = tuple(map(str, names)), float(str(message["speed"]))
                self._place = replace(self._place, host=host, known_as=known_as, elsewhere=None, speed=speed)
                return {"port": await self._attach(host, to, port)}
            case {"do": "begin", "step": int(step), "command": dict(command)}:
                await self._begin(step, wire.decode(command))
            case {"do": "heal", "step": int(step)}:
                self._faults.heal(step)
            case {"do": "detach"}:
                await self._detach()
            case _:
                raise ValueError("a message that this process does not know")
        return {}

    async def _attach(self, host: str, to: str, port: int) -> int:
        for address in (host, to):
            if not ipaddress.ip_address(address).is_loopback:
                raise ValueError(f"{address} is not a loopback address")
        self._faults.serving = True
        # Not reverse:https: that also opens a UDP server, for HTTP/3, and one start in a few hundred of those never
        # ends (mitmproxy 11.0.2). The addon makes it TLS on the HMC's side; the client's side is detected.
        self._upstream = (to, port)
        return (await self._listen(host))[1]

    async def _listen(self, host: str) -> tuple[str, int]:
        """Listen on one more address of this trial."""
        to, port = self._upstream
        await self._serve([*self._modes, f"reverse:http://{to}:{port}@{host}:0"])
        for address in self._server.listen_addrs():
            if address[0] == host:
                return host, int(address[1])
        raise OSError(f"mitmproxy does not listen on {host}")

    async def _begin(self, step: int, command: Command) -> None:
        if isinstance(command, Redirect) and command.to is RedirectTo.OTHER_HOST and self._place.elsewhere is None:
            self._place = replace(self._place, elsewhere=await self._listen(neighbour(self._place.host)))
            self._faults.elsewhere = self._place.elsewhere
        self._faults.begin(step, rule(command, self._place))
        if isinstance(command, TlsCommand):
            # A client that is connected has its handshake behind it.
            shut_down_connections(to_us_only={address[1] for address in self._server.listen_addrs()})

    async def _detach(self) -> None:
        self._faults.serving = False
        self._faults.heal_all()
        await self._serve([])
        self._faults.elsewhere = None
        shut_down_connections()
        async with asyncio.timeout(CLEAR_S):
            await self._faults.wait_for_nobody()

    async def _serve(self, modes: list[str]) -> None:
        self._set(mode=modes)
        self._modes = modes
        if not await self._server.setup_servers():
            raise OSError("mitmproxy could not change where it listens")

    def _set(self, **options: object) -> None:
        self.master.options.update(**options)  # type: ignore[no-untyped-call]  # mitmproxy does not annotate it


def neighbour(host: str) -> str:
    """Another loopback address for a host that clients are redirected to; its port is free, so it is ours alone."""
    last = int(ipaddress.ip_address(host)) ^ 1
    return str(ipaddress.ip_address(last))


async def main() -> None:
    """Take the certificates, serve, and leave nothing on the disk."""
    channel = Channel()
    reader = await channel.hear()
    first = await reader.readline()
    if not first:
        return
    certificates = wire.parse(first)
    with own_folder(f"mitm-{os.getpid()}") as confdir:
        (confdir / "mitmproxy-ca.pem").write_text(str(certificates["ca"]))
        (confdir / "upstream-ca.pem").write_text(str(certificates["upstream_ca"]))
        proxy = Proxy(confdir, channel, str(certificates["ca"]).encode())
        logging.getLogger().addHandler(ErrorLog(channel.say))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, proxy.master.shutdown)
        obeying = asyncio.create_task(proxy.obey(reader))
        await proxy.master.run()
        obeying.cancel()


if __name__ == "__main__":
    asyncio.run(main())

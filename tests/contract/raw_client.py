"""A client that shows the bytes: one request over a connection of its own, and all that comes until it is closed."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from tests.contract.mitm_world import CA, HOST

WITHIN_S = 10.0


@dataclass(frozen=True)
class Raw:
    """What came before the end of the connection."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """Of the status line."""
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        """A header's value."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b": ")
            if key.decode().lower() == name.lower():
                return value.decode()
        return None


def trusting() -> ssl.SSLContext:
    """A client's context that trusts the throwaway authority alone."""
    tls = ssl.create_default_context()
    CA.configure_trust(tls)
    return tls


async def raw_ask(
    port: int, path: str, method: str = "GET", *, host: str = HOST, tls: bool = True, **headers: str
) -> Raw:
    """Ask, and read until the other side closes; it is asked to do so after its answer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    async with asyncio.timeout(WITHIN_S):
        reader, writer = await asyncio.open_connection(host, port, ssl=trusting() if tls else None)
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return Raw(head, body)

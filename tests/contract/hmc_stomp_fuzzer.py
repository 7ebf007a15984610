"""Makes STOMP that no client would speak, from a seed; and a client that speaks it well, and listens."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harness.hmc.notifications.frames import FRAME_LIMIT_BYTES, HEADERS_LIMIT

HEARD_WITHIN_S = 10.0
END = b"DISCONNECT\nreceipt:end\n\n\0" + b"\0" + b"x" * (2 * FRAME_LIMIT_BYTES)
"""Ends a conversation in whatever state it is: well, or by more than any frame may be."""
COMMANDS = (
    "CONNECT", "STOMP", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT", "SEND", "ACK", "NACK", "BEGIN", "COMMIT", "ABORT",
    "MESSAGE", "ERROR", "CONNECTED", "", "connect", "GET / HTTP/1.1", "\x01", "ä",
)  # fmt: skip
NAMES = (
    "id", "destination", "ack", "receipt", "login", "passcode", "accept-version", "heart-beat", "host", "transaction",
    "message-id", "subscription", "content-type", "x", "content-length",
)  # fmt: skip


def logon_frame(login: str, passcode: str) -> bytes:
    """A CONNECT that is let in."""
    return f"CONNECT\naccept-version:1.2\nlogin:{login}\npasscode:{passcode}\n\n\0".encode()


class Heard:
    """What a client that listens was sent."""

    def __init__(self) -> None:
        self.size = 0
        self.something = asyncio.Event()

    async def hear(self, reader: asyncio.StreamReader) -> None:
        """Read until the connection ends."""
        while piece := await reader.read(65536):
            self.size += len(piece)
            self.something.set()


@asynccontextmanager
async def listening(
    host: str, port: int | None, context: ssl.SSLContext, user: tuple[str, str], topic: str
) -> AsyncIterator[Heard]:
    """A client that listens to a topic while this is open."""
    assert port is not None
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    subscribe = f"SUBSCRIBE\nid:1\ndestination:/topic/{topic}\nreceipt:1\n\n\0".encode()
    writer.write(logon_frame(*user) + subscribe)
    for begin in (b"CONNECTED\n", b"RECEIPT\n"):
        assert (await asyncio.wait_for(reader.readuntil(b"\0"), HEARD_WITHIN_S)).startswith(begin)
    heard = Heard()
    task = asyncio.create_task(heard.hear(reader))
    try:
        yield heard
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        writer.transport.abort()


@dataclass
class StompFuzzer:
    """Makes conversations from one seed, for somebody who can log on and knows a topic."""

    dice: random.Random
    login: str
    passcode: str
    topic: str

    def digits(self) -> str:
        """A number, as it may be or not."""
        some = self.dice.choice(["0", "7", "65536", "9" * 11, "9" * 5000, "0" * 10 + "9" * 5000, "0" * 5000 + "1"])
        return self.dice.choice(["", "", "", "-", "+", "0x", " ", "\u0663", "1."]) + some

    def value(self) -> str:
        """Of a header."""
        return self.dice.choice(
            ["", "x", "1.2", "auto", "client", "1", "\\c\\n", "\\t", "\\", "ä€😀", "a:b", "x" * 2000, self.digits(),
             f"/topic/{self.topic}", "/topic/none", self.login, self.passcode, f"{self.digits()},{self.digits()}"]
        )  # fmt: skip

    def frame(self) -> bytes:
        """A frame of some command, with some headers."""
        headers = "".join(f"{self.dice.choice(NAMES)}:{self.value()}\n" for _ in range(self.dice.randrange(5)))
        return f"{self.dice.choice(COMMANDS)}\n{headers}\n".encode() + self.dice.choice([b"\0", b"\0", b"body\0"])

    def subscribe(self) -> bytes:
        """A SUBSCRIBE that is mostly good."""
        topic = self.dice.choice([self.topic, self.topic, "none"])
        return f"SUBSCRIBE\nid:{self.value()}\ndestination:/topic/{topic}\n\n\0".encode()

    def logon(self) -> bytes:
        """A logon with a heart-beat that may be a number or not."""
        good = logon_frame(self.login, self.passcode)
        return good.replace(b"\n\n", f"\nheart-beat:{self.digits()},{self.digits()}\n\n".encode(), 1)

    def broken(self) -> bytes:
        """What is hardly a frame."""
        good = self.subscribe()
        return self.dice.choice(
            [
                good.replace(b"\n\n", f"\ncontent-length:{self.digits()}\n\n".encode(), 1),
                good.replace(b"\n\n", b"\ncontent-length:3\n\nabcdef", 1),
                good.replace(b"\n", b"\r\n"),
                good.replace(b":", b""),
                good.replace(b"id", b""),
                good.replace(b"id:", b"id:\xff\xfe"),
                good.replace(b"id:", b"id:\xed\xa0\x80"),
                good.replace(b"\n\n", b"\n" + b"a:b\n" * (HEADERS_LIMIT + 1) + b"\n"),
                good.replace(b"\n\n", b"\n" + b"a" * FRAME_LIMIT_BYTES + b":b\n\n"),
                good[: self.dice.randrange(1, len(good))],
                good[:-1] + b"x" * (FRAME_LIMIT_BYTES + 1),
                good * 30,
                b"\0" * 10,
                b"\n" * 5000 + b"\r\n",
                b"\r" * 10,
                bytes(self.dice.randrange(256) for _ in range(200)),
                b"\x16\x03\x01\x02\x00\x01" * 10,
            ]
        )

    def conversation(self) -> list[bytes]:
        """What one client says, in the pieces in which it is sent; its end is among them."""
        begin = self.dice.choice([b"", logon_frame(self.login, self.passcode), self.logon()])
        kinds = [self.frame, self.subscribe, self.broken]
        said = b"".join(self.dice.choice(kinds)() for _ in range(self.dice.randrange(1, 4)))
        data = begin + said
        cut = self.dice.randrange(len(data)) if self.dice.random() < 0.3 else 0
        return [data[:cut], data[cut:], END]

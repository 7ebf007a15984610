"""An address at which the HMC's port exists and nobody is: connects are refused, or never answered."""

from __future__ import annotations

import contextlib
import errno
import random
import socket

from harness.errors import EngineFailed

ADDRESSES_TRIED = 200
FILLERS = 4
"""Connections that fill the queue of a listener that accepts nobody; Linux takes one or two more than it was told."""


class DeadEnd:
    """Claims an address of its own, so that nobody else can listen there.

    A silent one is a listener whose queue is full: the kernel then ignores each SYN, as the network before a dead
    machine does.

    Raises:
        EngineFailed: no address is free.
    """

    def __init__(self, port: int, *, silent: bool) -> None:
        self.host, self._socket = _claim(port)
        self._fillers: list[socket.socket] = []
        try:
            if silent:
                self._socket.listen(0)
                for _ in range(FILLERS):
                    self._fillers.append(_connecting(self.host, port))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the address back."""
        for filler in self._fillers:
            filler.close()
        self._socket.close()


def _claim(port: int) -> tuple[str, socket.socket]:
    chance = random.SystemRandom()
    for _ in range(ADDRESSES_TRIED):
        # Trials, persons and tests have their addresses below this.
        host = f"127.255.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
        claimed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            claimed.bind((host, port))
        except OSError:
            claimed.close()
            continue
        return host, claimed
    raise EngineFailed(f"names: no dead address with a free port {port} in {ADDRESSES_TRIED} tries")


def _connecting(host: str, port: int) -> socket.socket:
    filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    filler.setblocking(False)
    status = filler.connect_ex((host, port))
    if status not in (0, errno.EINPROGRESS):
        with contextlib.closing(filler):
            raise EngineFailed(f"names: the queue of a dead address could not be filled: {errno.errorcode[status]}")
    return filler

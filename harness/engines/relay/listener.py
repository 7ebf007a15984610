"""The listening socket: open, refusing or silent, without ever giving its address away."""

from __future__ import annotations

import errno
import ipaddress
import socket

from harness.engines.relay import kernel
from harness.engines.relay.bpf import DROP_EVERYTHING
from harness.engines.relay.orders import Door
from harness.errors import EngineFailed

_BACKLOG = 1024


class AddressInUse(EngineFailed):
    """Somebody else listens on this address and port, or has claimed it: take another 127.x.y.z."""


class Listener:
    """A TCP listener on loopback.

    While it refuses, the kernel would let another process bind its address; a claim in the kernel's abstract
    namespace keeps other relays of this machine off for the whole life of this one.

    Raises:
        AddressInUse: the address is taken.
        EngineFailed: the address is not on loopback or cannot be bound.
    """

    def __init__(self, host: str, port: int) -> None:
        require_loopback(host)
        self._socket = _bind(host, port)
        self.host, self.port = self._socket.getsockname()
        self.door = Door.OPEN
        try:
            self._claim = _claim(self.host, self.port)
        except BaseException:
            self._socket.close()
            raise
        try:
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self.close()
            raise _explained(error, host, port) from error

    def fileno(self) -> int:
        """For the event loop. It must not watch a listener that refuses: that one is always ready."""
        return self._socket.fileno()

    def accept(self) -> tuple[socket.socket, tuple[str, int]] | None:
        """The next client that waits, or None."""
        try:
            return self._socket.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return None

    def become(self, door: Door) -> None:
        """Open, refuse or fall silent. The order keeps the doors in between shut: nobody slips in.

        Raises:
            OSError: the kernel does not do it.
        """
        before = self.door
        if door is Door.SILENT and before is not Door.SILENT:
            kernel.attach_filter(self._socket, DROP_EVERYTHING)
        if door is Door.REFUSING and before is not Door.REFUSING:
            self._socket.shutdown(socket.SHUT_RD)
        if door is not Door.REFUSING and before is Door.REFUSING:
            self._socket.listen(_BACKLOG)
        if door is not Door.SILENT and before is Door.SILENT:
            kernel.detach_filter(self._socket)
        self.door = door

    def dropped_packets(self) -> int:
        """How many packets the kernel has dropped before they reached this listener."""
        return kernel.dropped_packets(self._socket)

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()
        self._claim.close()


def require_loopback(host: str) -> None:
    """Nothing listens on or is passed on to an address off loopback.

    Raises:
        EngineFailed: this one is not an IPv4 address of 127.0.0.0/8.
    """
    try:
        fits = ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        fits = False
    if not fits:
        raise EngineFailed(f"relay: {host!r} is no address of 127.0.0.0/8; the relay serves loopback only")


def _bind(host: str, port: int) -> socket.socket:
    if port == 0:
        # A number that bind(0) chose is lost by the shutdown with which we refuse: learn it, then bind it by name.
        with _bind_one(host, 0) as finder:
            return _bind_one(host, finder.getsockname()[1])
    return _bind_one(host, port)


def _bind_one(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # Connections of the last trial in TIME-WAIT must not take the address away from the next.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise _explained(error, host, port) from error
    return sock


def _claim(host: str, port: int) -> socket.socket:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0hmc-resilience-harness/relay/{host}:{port}")
    except OSError as error:
        claim.close()
        raise _explained(error, host, port) from error
    return claim


def _explained(error: OSError, host: str, port: int) -> EngineFailed:
    if error.errno == errno.EADDRINUSE:
        return AddressInUse(f"relay: {host}:{port} is in use; take another address of 127.0.0.0/8")
    return EngineFailed(f"relay: cannot listen on {host}:{port}: {error}")

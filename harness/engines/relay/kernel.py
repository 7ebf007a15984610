"""What Linux lets one do to a socket, with the numbers that Python's socket module does not name.

Numbers are from the kernel's asm-generic/socket.h and linux/sockios.h; struct linger is from socket(7).
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import socket
import struct
from collections.abc import Sequence

from harness.engines.relay.bpf import Instruction

_SO_ATTACH_FILTER = 26
_SO_DETACH_FILTER = 27
_SO_MEMINFO = 55
_MEMINFO_WORDS = 9
_MEMINFO_DROPS = 8
_SIOCOUTQ = 0x5411


def attach_filter(sock: socket.socket, program: Sequence[Instruction]) -> None:
    """Let the kernel keep only packets that the program lets through; replaces an earlier program.

    Raises:
        OSError: this kernel does not do it.
    """
    code = ctypes.create_string_buffer(b"".join(instruction.packed() for instruction in program))
    # struct sock_fprog: the number of instructions, padding, and where they are.
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(code)))


def detach_filter(sock: socket.socket) -> None:
    """Let every packet through again.

    Raises:
        OSError: there was no filter.
    """
    sock.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def dropped_packets(sock: socket.socket) -> int:
    """How many packets the kernel has dropped at this socket since it was made."""
    words = struct.unpack(f"{_MEMINFO_WORDS}I", sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _MEMINFO_WORDS))
    return int(words[_MEMINFO_DROPS])


def unacknowledged_bytes(sock: socket.socket) -> int:
    """How many bytes that were written have not been acknowledged by the other end's kernel."""
    count = array.array("i", [0])
    fcntl.ioctl(sock.fileno(), _SIOCOUTQ, count)
    return count[0]


def reset(sock: socket.socket) -> None:
    """Close with an RST; what the other end has not acknowledged is lost."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def prepare(sock: socket.socket) -> None:
    """Make a TCP socket ready for an event loop: it neither blocks nor waits to gather small writes."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

"""Waiting for file descriptors, messages and signals."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import threading

from harness.engines.warp.probes.libc import (
    EAGAIN,
    ENOSYS,
    LIBC,
    Timespec,
    Timeval,
    fails_with,
    room,
    says,
    timespec,
    timeval,
)
from harness.engines.warp.probes.probe import ABSENT, probe

byref = ctypes.byref
SO_SNDTIMEO = 21  # asm-generic/socket.h, for what is a constant of the socket module on some systems only
SO_RCVTIMEO = 20


def ms(seconds: float) -> int:
    """Milliseconds, as poll takes them."""
    return round(seconds * 1000)


@probe("poll")
def _poll(seconds: float) -> str | None:
    return says(LIBC.poll(None, ctypes.c_ulong(0), ms(seconds)), 0)


@probe("__poll_chk")
def _poll_chk(seconds: float) -> str | None:
    return says(LIBC["__poll_chk"](room(), ctypes.c_ulong(0), ms(seconds), ctypes.c_size_t(256)), 0)


@probe("ppoll")
def _ppoll(seconds: float) -> str | None:
    return says(LIBC.ppoll(None, ctypes.c_ulong(0), byref(timespec(seconds)), None), 0)


@probe("__ppoll_chk")
def _ppoll_chk(seconds: float) -> str | None:
    size = ctypes.c_size_t(256)
    return says(LIBC["__ppoll_chk"](room(), ctypes.c_ulong(0), byref(timespec(seconds)), None, size), 0)


@probe("select")
def _select(seconds: float) -> str | None:
    return says(LIBC.select(0, None, None, None, byref(timeval(seconds))), 0)


@probe("pselect")
def _pselect(seconds: float) -> str | None:
    return says(LIBC.pselect(0, None, None, None, byref(timespec(seconds)), None), 0)


@probe("select: what is left", instant=True)
def _select_left(seconds: float) -> str | None:
    """A select that is over at once leaves nearly all of its time, as the program sees it."""
    reader, writer = os.pipe()
    os.close(writer)
    files, time_ = room(), timeval(seconds * 100)
    files[reader // 8] = bytes([1 << reader % 8])
    LIBC.select(reader + 1, files, None, None, byref(time_))
    os.close(reader)
    left: float = time_.tv_sec + time_.tv_usec / 10**6
    return None if seconds * 50 < left <= seconds * 100 else f"{left:g} s are left of {seconds * 100:g} s"


@probe("epoll_wait")
def _epoll_wait(seconds: float) -> str | None:
    with select.epoll() as epoll:
        return says(LIBC.epoll_wait(epoll.fileno(), room(), 1, ms(seconds)), 0)


@probe("epoll_pwait")
def _epoll_pwait(seconds: float) -> str | None:
    with select.epoll() as epoll:
        return says(LIBC.epoll_pwait(epoll.fileno(), room(), 1, ms(seconds), None), 0)


@probe("epoll_pwait2")
def _epoll_pwait2(seconds: float) -> str | None:
    if not hasattr(LIBC, "epoll_pwait2"):
        return ABSENT
    with select.epoll() as epoll:
        result = LIBC.epoll_pwait2(epoll.fileno(), room(), 1, byref(timespec(seconds)), None)
    return ABSENT if result == -1 and ctypes.get_errno() == ENOSYS else says(result, 0)


@probe("sigtimedwait")
def _sigtimedwait(seconds: float) -> str | None:
    return None if signal.sigtimedwait({signal.SIGUSR2}, seconds) is None else "a signal came"


def _set_timeout(sock: socket.socket, name: int, seconds: float) -> str | None:
    """Set a time-out of the kernel's, and see whether the program is told the same."""
    told, size = Timeval(), ctypes.c_uint(ctypes.sizeof(Timeval))
    LIBC.setsockopt(sock.fileno(), socket.SOL_SOCKET, name, byref(timeval(seconds)), size)
    LIBC.getsockopt(sock.fileno(), socket.SOL_SOCKET, name, byref(told), byref(size))
    found = told.tv_sec + told.tv_usec / 10**6
    return None if 0.9 * seconds <= found <= 2 * seconds else f"getsockopt says {found:g} s"


@probe("SO_RCVTIMEO")
def _rcvtimeo(seconds: float) -> str | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wrong = _set_timeout(ours, SO_RCVTIMEO, seconds)
        result = LIBC.recv(ours.fileno(), room(), ctypes.c_size_t(1), 0)
    return wrong or fails_with(result, EAGAIN)


@probe("SO_SNDTIMEO")
def _sndtimeo(seconds: float) -> str | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        try:
            while True:
                ours.send(bytes(65536))
        except BlockingIOError:
            os.set_blocking(ours.fileno(), True)
        wrong = _set_timeout(ours, SO_SNDTIMEO, seconds)
        result = LIBC.send(ours.fileno(), room(), ctypes.c_size_t(1), 0)
    return wrong or fails_with(result, EAGAIN)


class _Message(ctypes.Structure):
    """struct mmsghdr, with nowhere to put the bytes of a datagram: they are dropped."""

    _fields_ = [("header", ctypes.c_long * 7), ("length", ctypes.c_uint)]


@probe("recvmmsg")
def _recvmmsg(seconds: float) -> str | None:
    """The kernel looks at this time-out only when a datagram has come: so some come all the time."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    messages, until, enough = (_Message * 256)(), timespec(seconds), threading.Event()

    def send() -> None:
        while not enough.wait(seconds / 20):
            theirs.send(b"x")

    with ours, theirs:
        sender = threading.Thread(target=send)
        sender.start()
        result = LIBC.recvmmsg(ours.fileno(), messages, 256, 0, byref(until))
        enough.set()
        sender.join()
    return _nothing_left(until) if result > 0 else f"returned {result}"


def _nothing_left(time_: Timespec) -> str | None:
    return None if time_.tv_sec == 0 and time_.tv_nsec == 0 else f"{time_.tv_sec} s are left"

"""C's structures and functions, by ctypes, as an ordinary program would get them."""

from __future__ import annotations

import ctypes
import os
import platform
import time

LIBC = ctypes.CDLL(None, use_errno=True)
ETIMEDOUT = 110
ENOSYS = 38
EAGAIN = 11
SECOND = 10**9

SYSCALLS = {
    "x86_64": {"clock_gettime": 228, "futex": 202, "nanosleep": 35},
    "aarch64": {"clock_gettime": 113, "futex": 98, "nanosleep": 101},
    "riscv64": {"clock_gettime": 113, "futex": 98, "nanosleep": 101},
    "ppc64le": {"clock_gettime": 246, "futex": 221, "nanosleep": 162},
    "s390x": {"clock_gettime": 260, "futex": 238, "nanosleep": 162},
}.get(platform.machine(), {})
"""Numbers of system calls: arch/*/entry/syscalls of Linux."""


class Timespec(ctypes.Structure):
    """struct timespec."""

    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


class Timeval(ctypes.Structure):
    """struct timeval."""

    _fields_ = [("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long)]


class Itimerspec(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = [("it_interval", Timespec), ("it_value", Timespec)]


class Itimerval(ctypes.Structure):
    """struct itimerval."""

    _fields_ = [("it_interval", Timeval), ("it_value", Timeval)]


def timespec(seconds: float) -> Timespec:
    """A duration."""
    return _timespec(round(seconds * SECOND))


def timeval(seconds: float) -> Timeval:
    """A duration, to the microsecond."""
    return Timeval(*divmod(round(seconds * 10**6), 10**6))


def moment(clock: int, seconds: float) -> Timespec:
    """So many seconds from now on a clock."""
    return _timespec(time.clock_gettime_ns(clock) + round(seconds * SECOND))


def _timespec(nanoseconds: int) -> Timespec:
    return Timespec(*divmod(nanoseconds, SECOND))


def seconds_of(time_: Timespec) -> float:
    """A duration as a number."""
    return float(time_.tv_sec) + float(time_.tv_nsec) / SECOND


def room(size: int = 256) -> ctypes.Array[ctypes.c_char]:
    """Room for one of libc's opaque structures, all zero: the largest has 56 bytes."""
    return ctypes.create_string_buffer(size)


def says(result: int, expected: int) -> str | None:
    """What to report of a return value, or None."""
    return None if result == expected else f"returned {result} ({os.strerror(abs(result))}), not {expected}"


def fails_with(result: int, expected: int) -> str | None:
    """What to report of a function that should have failed with this errno."""
    return None if result == -1 and ctypes.get_errno() == expected else f"returned {result}, errno {ctypes.get_errno()}"

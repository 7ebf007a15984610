"""Sleeping, relative and until a moment."""

from __future__ import annotations

import ctypes
import math
import time

from harness.engines.warp.probes.libc import LIBC, SYSCALLS, moment, says, timespec
from harness.engines.warp.probes.probe import ABSENT, probe

byref = ctypes.byref
TIMER_ABSTIME = 1  # time.h
CLOCKS = {"MONOTONIC": time.CLOCK_MONOTONIC, "REALTIME": time.CLOCK_REALTIME, "BOOTTIME": time.CLOCK_BOOTTIME}


@probe("nanosleep")
def _nanosleep(seconds: float) -> str | None:
    return says(LIBC.nanosleep(byref(timespec(seconds)), None), 0)


@probe("sleep", whole_seconds=True)
def _sleep(seconds: float) -> str | None:
    return says(LIBC.sleep(math.ceil(seconds)), 0)


@probe("usleep")
def _usleep(seconds: float) -> str | None:
    return says(LIBC.usleep(ctypes.c_uint(round(seconds * 10**6))), 0)


@probe("thrd_sleep")
def _thrd_sleep(seconds: float) -> str | None:
    return says(LIBC.thrd_sleep(byref(timespec(seconds)), None), 0)


def _relative(clock: int, seconds: float) -> str | None:
    return says(LIBC.clock_nanosleep(clock, 0, byref(timespec(seconds)), None), 0)


def _absolute(clock: int, seconds: float) -> str | None:
    return says(LIBC.clock_nanosleep(clock, TIMER_ABSTIME, byref(moment(clock, seconds)), None), 0)


for _name, _clock in CLOCKS.items():
    probe(f"clock_nanosleep({_name})")(lambda seconds, clock=_clock: _relative(clock, seconds))  # type: ignore[misc]  # a default binds the loop's value
    probe(f"clock_nanosleep({_name}, ABSTIME)")(lambda seconds, clock=_clock: _absolute(clock, seconds))  # type: ignore[misc]  # as above


@probe("syscall(nanosleep)")
def _syscall_nanosleep(seconds: float) -> str | None:
    if not SYSCALLS:
        return ABSENT
    return says(LIBC.syscall(ctypes.c_long(SYSCALLS["nanosleep"]), byref(timespec(seconds)), None), 0)

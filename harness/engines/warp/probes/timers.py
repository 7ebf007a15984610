"""Timers, through file descriptors and signals."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import time

from harness.engines.warp.probes.libc import LIBC, Itimerspec, Timespec, moment, says, seconds_of, timespec
from harness.engines.warp.probes.probe import probe

byref = ctypes.byref
ABSTIME = 1  # TFD_TIMER_ABSTIME, TIMER_ABSTIME
CLOCKS = {"MONOTONIC": time.CLOCK_MONOTONIC, "REALTIME": time.CLOCK_REALTIME}
SIGNALS = {signal.SIGALRM}
"""Blocked in every thread, and waited for by one at a time."""


def _until_it_fires(clock: int, flags: int, first: Timespec, interval: float, times: int) -> str | None:
    fd = LIBC.timerfd_create(clock, 0)
    setting = Itimerspec(timespec(interval), first)
    result = LIBC.timerfd_settime(fd, flags, byref(setting), None)
    for _ in range(times):
        os.read(fd, 8)
    os.close(fd)
    return says(result, 0)


for _name, _clock in CLOCKS.items():

    @probe(f"timerfd_settime({_name})")
    def _relative(seconds: float, clock: int = _clock) -> str | None:
        return _until_it_fires(clock, 0, timespec(seconds), 0, 1)

    @probe(f"timerfd_settime({_name}, ABSTIME)")
    def _absolute(seconds: float, clock: int = _clock) -> str | None:
        return _until_it_fires(clock, ABSTIME, moment(clock, seconds), 0, 1)


@probe("timerfd_settime: interval")
def _interval(seconds: float) -> str | None:
    return _until_it_fires(time.CLOCK_MONOTONIC, 0, timespec(seconds / 4), seconds / 4, 4)


@probe("timerfd_gettime", instant=True)
def _timerfd_gettime(seconds: float) -> str | None:
    asked, left, old = Itimerspec(timespec(seconds), timespec(seconds * 100)), Itimerspec(), Itimerspec()
    fd = LIBC.timerfd_create(time.CLOCK_MONOTONIC, 0)
    LIBC.timerfd_settime(fd, 0, byref(asked), None)
    LIBC.timerfd_gettime(fd, byref(left))
    LIBC.timerfd_settime(fd, 0, byref(Itimerspec()), byref(old))
    os.close(fd)
    return _about(left, seconds) or _about(old, seconds)


def _about(left: Itimerspec, seconds: float) -> str | None:
    """Nearly all of 100 times the seconds is left, and the interval is as it was set."""
    value, interval = seconds_of(left.it_value), seconds_of(left.it_interval)
    fits = seconds * 50 < value <= seconds * 100 + 1e-6 and math.isclose(interval, seconds, rel_tol=0.01)
    return None if fits else f"{value:g} s are left of {seconds * 100:g} s, interval {interval:g} s"


@probe("setitimer", line="SIGALRM")
def _setitimer(seconds: float) -> str | None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.sigwait(SIGNALS)
    return None


@probe("getitimer", line="SIGALRM", instant=True)
def _getitimer(seconds: float) -> str | None:
    signal.setitimer(signal.ITIMER_REAL, seconds * 100, seconds)
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    old, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    fits = seconds * 50 < old <= left <= seconds * 100 + 1e-3 and math.isclose(interval, seconds, rel_tol=0.01)
    return None if fits else f"{left:g} s and then {old:g} s are left of {seconds * 100:g} s, interval {interval:g} s"


@probe("alarm", line="SIGALRM", whole_seconds=True)
def _alarm(seconds: float) -> str | None:
    signal.alarm(math.ceil(seconds) * 100)
    left = signal.alarm(math.ceil(seconds))
    signal.sigwait(SIGNALS)
    fits = seconds * 50 < left <= math.ceil(seconds) * 100
    return None if fits else f"{left} s were left of {math.ceil(seconds) * 100} s"


@probe("ualarm", line="SIGALRM")
def _ualarm(seconds: float) -> str | None:
    LIBC.ualarm(ctypes.c_uint(round(seconds * 10**6)), ctypes.c_uint(0))
    signal.sigwait(SIGNALS)
    return None


def _timer(clock: int, flags: int, first: Timespec) -> str | None:
    timer = ctypes.c_void_p()
    if LIBC.timer_create(clock, None, byref(timer)) != 0:
        return "timer_create failed"
    result = LIBC.timer_settime(timer, flags, byref(Itimerspec(Timespec(), first)), None)
    signal.sigwait(SIGNALS)
    LIBC.timer_delete(timer)
    return says(result, 0)


@probe("timer_settime", line="SIGALRM")
def _timer_relative(seconds: float) -> str | None:
    return _timer(time.CLOCK_REALTIME, 0, timespec(seconds))


@probe("timer_settime(ABSTIME)", line="SIGALRM")
def _timer_absolute(seconds: float) -> str | None:
    return _timer(time.CLOCK_MONOTONIC, ABSTIME, moment(time.CLOCK_MONOTONIC, seconds))


@probe("timer_gettime", line="SIGALRM", instant=True)
def _timer_gettime(seconds: float) -> str | None:
    timer, left = ctypes.c_void_p(), Itimerspec()
    LIBC.timer_create(time.CLOCK_MONOTONIC, None, byref(timer))
    LIBC.timer_settime(timer, 0, byref(Itimerspec(timespec(seconds), timespec(seconds * 100))), None)
    LIBC.timer_gettime(timer, byref(left))
    LIBC.timer_delete(timer)
    return _about(left, seconds)


@probe("timer_settime(CPU time) stays real", line="SIGALRM", instant=True)
def _timer_cpu(seconds: float) -> str | None:
    timer, left = ctypes.c_void_p(), Itimerspec()
    LIBC.timer_create(time.CLOCK_PROCESS_CPUTIME_ID, None, byref(timer))
    LIBC.timer_settime(timer, 0, byref(Itimerspec(timespec(seconds), timespec(seconds * 100))), None)
    LIBC.timer_gettime(timer, byref(left))
    LIBC.timer_delete(timer)
    return _about(left, seconds)

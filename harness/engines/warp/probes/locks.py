"""Semaphores, conditions, locks, threads and futexes: waits until a moment of a clock."""

from __future__ import annotations

import ctypes
import threading
import time

from harness.engines.warp.probes.libc import (
    ETIMEDOUT,
    LIBC,
    SYSCALLS,
    Timespec,
    fails_with,
    moment,
    room,
    says,
    timespec,
)
from harness.engines.warp.probes.probe import ABSENT, probe

byref = ctypes.byref
FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_CLOCK_REALTIME = 0, 9, 256  # linux/futex.h
THRD_TIMEDOUT = 4  # threads.h


@probe("sem_timedwait")
def _sem_timedwait(seconds: float) -> str | None:
    return fails_with(LIBC.sem_timedwait(room(), byref(moment(time.CLOCK_REALTIME, seconds))), ETIMEDOUT)


def _sem_clockwait(clock: int, seconds: float) -> str | None:
    if not hasattr(LIBC, "sem_clockwait"):
        return ABSENT
    return fails_with(LIBC.sem_clockwait(room(), clock, byref(moment(clock, seconds))), ETIMEDOUT)


probe("sem_clockwait(MONOTONIC)")(lambda seconds: _sem_clockwait(time.CLOCK_MONOTONIC, seconds))
probe("sem_clockwait(REALTIME)")(lambda seconds: _sem_clockwait(time.CLOCK_REALTIME, seconds))


@probe("pthread_cond_timedwait(REALTIME)")
def _cond_realtime(seconds: float) -> str | None:
    mutex = room()
    LIBC.pthread_mutex_lock(mutex)
    return says(LIBC.pthread_cond_timedwait(room(), mutex, byref(moment(time.CLOCK_REALTIME, seconds))), ETIMEDOUT)


@probe("pthread_cond_timedwait(MONOTONIC)")
def _cond_monotonic(seconds: float) -> str | None:
    mutex, condition, attributes = room(), room(), room()
    LIBC.pthread_condattr_init(attributes)
    LIBC.pthread_condattr_setclock(attributes, time.CLOCK_MONOTONIC)
    LIBC.pthread_cond_init(condition, attributes)
    LIBC.pthread_mutex_lock(mutex)
    return says(LIBC.pthread_cond_timedwait(condition, mutex, byref(moment(time.CLOCK_MONOTONIC, seconds))), ETIMEDOUT)


@probe("pthread_cond_clockwait")
def _cond_clockwait(seconds: float) -> str | None:
    if not hasattr(LIBC, "pthread_cond_clockwait"):
        return ABSENT
    mutex, clock = room(), time.CLOCK_MONOTONIC
    LIBC.pthread_mutex_lock(mutex)
    return says(LIBC.pthread_cond_clockwait(room(), mutex, clock, byref(moment(clock, seconds))), ETIMEDOUT)


@probe("pthread_mutex_timedlock")
def _mutex_timedlock(seconds: float) -> str | None:
    mutex = room()
    LIBC.pthread_mutex_lock(mutex)
    return says(LIBC.pthread_mutex_timedlock(mutex, byref(moment(time.CLOCK_REALTIME, seconds))), ETIMEDOUT)


@probe("pthread_mutex_clocklock")
def _mutex_clocklock(seconds: float) -> str | None:
    if not hasattr(LIBC, "pthread_mutex_clocklock"):
        return ABSENT
    mutex, clock = room(), time.CLOCK_MONOTONIC
    LIBC.pthread_mutex_lock(mutex)
    return says(LIBC.pthread_mutex_clocklock(mutex, clock, byref(moment(clock, seconds))), ETIMEDOUT)


def _held_elsewhere() -> ctypes.Array[ctypes.c_char]:
    """A lock for readers and writers that another thread holds: its holder would not wait for it."""
    lock = room()
    holder = threading.Thread(target=LIBC.pthread_rwlock_wrlock, args=(lock,))
    holder.start()
    holder.join()
    return lock


@probe("pthread_rwlock_timedrdlock")
def _timedrdlock(seconds: float) -> str | None:
    lock = _held_elsewhere()
    return says(LIBC.pthread_rwlock_timedrdlock(lock, byref(moment(time.CLOCK_REALTIME, seconds))), ETIMEDOUT)


@probe("pthread_rwlock_timedwrlock")
def _timedwrlock(seconds: float) -> str | None:
    lock = _held_elsewhere()
    return says(LIBC.pthread_rwlock_timedwrlock(lock, byref(moment(time.CLOCK_REALTIME, seconds))), ETIMEDOUT)


def _rwlock_clock(function: str, seconds: float) -> str | None:
    if not hasattr(LIBC, function):
        return ABSENT
    lock, clock = _held_elsewhere(), time.CLOCK_MONOTONIC
    return says(LIBC[function](lock, clock, byref(moment(clock, seconds))), ETIMEDOUT)


probe("pthread_rwlock_clockrdlock")(lambda seconds: _rwlock_clock("pthread_rwlock_clockrdlock", seconds))
probe("pthread_rwlock_clockwrlock")(lambda seconds: _rwlock_clock("pthread_rwlock_clockwrlock", seconds))


@probe("pthread_timedjoin_np")
def _timedjoin(seconds: float) -> str | None:
    return _join_c("pthread_timedjoin_np", (), time.CLOCK_REALTIME, seconds)


@probe("pthread_clockjoin_np")
def _clockjoin(seconds: float) -> str | None:
    return _join_c("pthread_clockjoin_np", (time.CLOCK_MONOTONIC,), time.CLOCK_MONOTONIC, seconds)


def _join_c(function: str, arguments: tuple[int, ...], clock: int, seconds: float) -> str | None:
    if not hasattr(LIBC, function):
        return ABSENT
    thread, gate = ctypes.c_ulong(), room()  # one of C's: Python detaches its own
    sem_wait = ctypes.cast(LIBC.sem_wait, ctypes.c_void_p)
    LIBC.pthread_create(byref(thread), None, sem_wait, gate)
    result = LIBC[function](thread, None, *arguments, byref(moment(clock, seconds)))
    LIBC.sem_post(gate)
    LIBC.pthread_join(thread, None)
    return says(result, ETIMEDOUT)


@probe("cnd_timedwait")
def _cnd_timedwait(seconds: float) -> str | None:
    mutex = room()
    LIBC.mtx_lock(mutex)
    return says(LIBC.cnd_timedwait(room(), mutex, byref(moment(time.CLOCK_REALTIME, seconds))), THRD_TIMEDOUT)


@probe("mtx_timedlock")
def _mtx_timedlock(seconds: float) -> str | None:
    mutex = room()
    LIBC.mtx_lock(mutex)
    return says(LIBC.mtx_timedlock(mutex, byref(moment(time.CLOCK_REALTIME, seconds))), THRD_TIMEDOUT)


def _futex(operation: int, until: Timespec) -> str | None:
    if not SYSCALLS:
        return ABSENT
    any_bit = ctypes.c_long(0xFFFFFFFF)
    number, word = ctypes.c_long(SYSCALLS["futex"]), ctypes.c_int(0)
    zero = ctypes.c_long(0)
    timeout = byref(until)
    return fails_with(
        LIBC.syscall(number, byref(word), ctypes.c_long(operation), zero, timeout, zero, any_bit), ETIMEDOUT
    )


probe("syscall(futex, WAIT)")(lambda seconds: _futex(FUTEX_WAIT, timespec(seconds)))
probe("syscall(futex, WAIT_BITSET, MONOTONIC)")(
    lambda seconds: _futex(FUTEX_WAIT_BITSET, moment(time.CLOCK_MONOTONIC, seconds))
)
probe("syscall(futex, WAIT_BITSET, REALTIME)")(
    lambda seconds: _futex(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, moment(time.CLOCK_REALTIME, seconds))
)

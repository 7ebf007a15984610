"""``python -m harness.engines.warp.probes SECONDS``: tell the clocks when asked, then wait in all ways at once.

Prints JSON, one object a line: for each byte on standard input ``{"clocks": {name: nanoseconds}}``; after the byte
``.``, a ``{"name", "asked_s", "took_s", "problem"}`` for each probe as it ends. Its own clock measures, which the
parent has verified by then.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
import threading
import time
from datetime import datetime, timezone

from harness.engines.warp.probes import descriptors, interpreter, locks, sleeps, timers  # noqa: F401 - they register
from harness.engines.warp.probes.libc import LIBC, SECOND, SYSCALLS, Timespec, Timeval
from harness.engines.warp.probes.probe import PROBES, Probe

CLOCKS = ("REALTIME", "MONOTONIC", "BOOTTIME", "MONOTONIC_RAW", "PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID")
OTHERS = {"REALTIME_COARSE": 5, "MONOTONIC_COARSE": 6, "TAI": 11}  # linux/time.h; not each Python names them


def tell(words: dict[str, object]) -> None:
    """One line, in one go: the threads' lines do not mix."""
    os.write(1, json.dumps(words).encode() + b"\n")


def clocks() -> dict[str, int]:
    """What every way to read a clock says now."""
    found = {name: time.clock_gettime_ns(getattr(time, f"CLOCK_{name}")) for name in CLOCKS}
    found.update({name: time.clock_gettime_ns(number) for name, number in OTHERS.items()})
    found.update(_by_c())
    return {
        **found,
        "time.time": time.time_ns(),
        "time.monotonic": time.monotonic_ns(),
        "time.perf_counter": time.perf_counter_ns(),
        "datetime": round(datetime.now(timezone.utc).timestamp() * 10**6) * 1000,
        "os.times": round(os.times().elapsed * SECOND),
    }


def _by_c() -> dict[str, int]:
    of_day, utc, raw = Timeval(), Timespec(), Timespec()
    LIBC.time.restype = ctypes.c_long
    LIBC.gettimeofday(ctypes.byref(of_day), None)
    LIBC.timespec_get(ctypes.byref(utc), 1)  # TIME_UTC
    found = {
        "time": LIBC.time(None) * SECOND,
        "gettimeofday": of_day.tv_sec * SECOND + of_day.tv_usec * 1000,
        "timespec_get": utc.tv_sec * SECOND + utc.tv_nsec,
    }
    if SYSCALLS:
        number, clock = ctypes.c_long(SYSCALLS["clock_gettime"]), ctypes.c_long(time.CLOCK_MONOTONIC)
        LIBC.syscall(number, clock, ctypes.byref(raw))
        found["syscall(clock_gettime)"] = raw.tv_sec * SECOND + raw.tv_nsec
    return found


def measure(name: str, probe: Probe, seconds: float) -> None:
    """Wait once, and tell what it took."""
    asked = 0.0 if probe.instant else math.ceil(seconds) if probe.whole_seconds else seconds
    began = time.monotonic()
    try:
        problem = probe.wait(seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and forbids the warp
        problem = f"{type(error).__name__}: {error}"
    took = time.monotonic() - began
    tell({"name": name, "asked_s": asked, "took_s": 0.0 if probe.instant else took, "problem": problem})


def all_at_once(seconds: float) -> None:
    """Each line of probes in a thread of its own; a daemon, because one may never end."""
    lines: dict[str, list[str]] = {}
    for name, probe in PROBES.items():
        lines.setdefault(probe.line, []).append(name)
    threads = [threading.Thread(target=_in_turn, args=(names, seconds), daemon=True) for names in lines.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _in_turn(names: list[str], seconds: float) -> None:
    for name in names:
        measure(name, PROBES[name], seconds)


def main() -> None:
    """Answer until standard input ends or the waits are asked for."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGUSR2})
    for word in iter(lambda: os.read(0, 1), b""):
        if word == b".":
            tell({"probes": list(PROBES)})
            all_at_once(float(sys.argv[1]))
            return
        tell({"clocks": clocks()})


main()

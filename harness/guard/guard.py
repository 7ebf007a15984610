"""Stands between the harness and one foreign process: ``python -I -S guard.py STATUS_FD CHILD_STDIN_FD GRACE_S``.

Laws:
1. While standard input (the lease) is open, the child lives as it likes. Once it ends, for whatever reason, the child
   and everything that descends from it get SIGTERM, a bounded grace, and SIGKILL.
2. Nothing escapes by a second fork: the guard is the subreaper of all descendants, and is done only when the kernel
   says that it has no child left.
3. If the guard itself is killed, the kernel kills the child (its parent-death signal).

The lease's first line is JSON: ``{"argv": [...], "env": {...}, "cwd": "..."}``. A later line ``stop SECONDS`` ends
the child with that grace. Status lines are JSON, in this order: ``{"started": pid}`` or ``{"failed": errno, "doing":
"..."}``; ``{"exited": status, "asked": bool}``; ``{"gone": [pids that survived SIGKILL]}``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False  # importing typing would cost a tenth of the start
if TYPE_CHECKING:
    from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
KILL_S = 5.0
"""How long the kernel may take to end what got SIGKILL: only a process in uninterruptible sleep needs more."""
PARENT_DIED = signal.SIGUSR1
NO_STDIN = -1


class Lease:
    """What the harness says on standard input."""

    def __init__(self) -> None:
        self.over = False
        self._buffer = b""

    def first_line(self) -> bytes | None:
        """Wait for a whole line; None if the lease ends before."""
        while b"\n" not in self._buffer and not self.over:
            self._read()
        line, found, self._buffer = self._buffer.partition(b"\n")
        return line if found else None

    def lines(self) -> list[bytes]:
        """What has come by now; call it when standard input is readable."""
        self._read()
        *whole, self._buffer = self._buffer.split(b"\n")
        return whole

    def _read(self) -> None:
        data = os.read(0, 65536)
        self.over = not data
        self._buffer += data


class Guard:
    """The state of one guard."""

    def __init__(self, status_fd: int, grace_s: float) -> None:
        self.grace_s = grace_s
        self.lease = Lease()
        self.child = 0
        self.ending = False
        """We have sent SIGTERM."""
        self._status_fd = status_fd
        self._parent = os.getppid()
        self._told_to_end = False
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, PARENT_DIED):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        # A parent-death signal also comes when only the thread that started us ends; that is no reason to end.
        if number != signal.SIGCHLD and (number != PARENT_DIED or os.getppid() != self._parent):
            self._told_to_end = True

    def say(self, **what: object) -> None:
        """One status line. Nobody may be there any more to read it."""
        with contextlib.suppress(OSError):
            os.write(self._status_fd, json.dumps(what).encode() + b"\n")

    def run(self, spec: dict[str, Any], stdin_fd: int) -> None:
        """Start the child, and stay until all is over."""
        failure = self._spawn(spec, stdin_fd)
        # From here on only the child and its like hold the output pipes, so that their end is its end.
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        if stdin_fd != NO_STDIN:
            os.close(stdin_fd)
        if failure:
            self.say(**failure)
            return
        self.say(started=self.child)
        grace_s = self._watch()
        self._terminate()
        self._wait_childless(grace_s)
        self.say(gone=self._kill())

    def _spawn(self, spec: dict[str, Any], stdin_fd: int) -> dict[str, Any] | None:
        """Fork and execute; returns None, or what failed. The pipe closes by itself when the program is executed."""
        error_read, error_write = os.pipe()
        me = os.getpid()
        self.child = os.fork()
        if self.child == 0:
            become(spec, stdin_fd, error_write, me)
        os.close(error_write)
        told = b""
        while data := os.read(error_read, 4096):
            told += data
        os.close(error_read)
        if not told:
            return None
        os.waitpid(self.child, 0)
        return dict(json.loads(told))

    def _watch(self) -> float:
        """Until told to end; returns the grace."""
        while True:
            self._wait(None)
            self._reap()
            grace_s = self._told()
            if grace_s is not None:
                return grace_s

    def _told(self) -> float | None:
        """The grace, if we were told to end: by the lease, its end, or a signal."""
        lines = self.lease.lines() if not self.lease.over and self._readable(0) else []
        for line in lines:
            if line.startswith(b"stop "):
                return float(line[5:])
        return self.grace_s if self.lease.over or self._told_to_end else None

    def _wait(self, timeout_s: float | None) -> None:
        watched = [self._wake_read] if self.lease.over else [self._wake_read, 0]
        select.select(watched, [], [], timeout_s)
        while self._readable(self._wake_read) and os.read(self._wake_read, 4096):
            pass

    @staticmethod
    def _readable(fd: int) -> bool:
        return bool(select.select([fd], [], [], 0)[0])

    def _reap(self) -> bool:
        """Collect all that ended; False once there is no child, and therefore no descendant, left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.child:
                self.child = 0
                self.say(exited=os.waitstatus_to_exitcode(status), asked=self.ending)

    def _terminate(self) -> None:
        self._reap()
        self.ending = True
        if self.child:
            send(self.child, signal.SIGTERM, group=True)
        for pid, group in descendants():
            # Those that have left the child's group have not heard of it yet.
            if not self.child or group != self.child:
                send(pid, signal.SIGTERM)

    def _wait_childless(self, grace_s: float) -> None:
        """Bounded; if the harness dies meanwhile, or loses patience, the shorter grace counts."""
        deadline = time.monotonic() + grace_s
        while self._reap() and (left_s := deadline - time.monotonic()) > 0:
            self._wait(left_s)
            told_s = self._told()
            if told_s is not None:
                deadline = min(deadline, time.monotonic() + told_s)

    def _kill(self) -> list[int]:
        """SIGKILL to every descendant until none is left; returns those that survived it."""
        deadline = time.monotonic() + KILL_S
        while self._reap():
            self._told()  # else what the lease says would end each wait at once
            left = [pid for pid, _ in descendants()]
            for pid in left:
                send(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                return left
            self._wait(0.02)
        return []


def become(spec: dict[str, Any], stdin_fd: int, error_fd: int, guard: int) -> NoReturn:
    """In the forked child: turn into the program."""
    doing = "preparing"
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:
            os._exit(1)
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            # Python ignores some, and so does whatever is started in a shell's background: a program would inherit it.
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY) if stdin_fd == NO_STDIN else stdin_fd, 0)
        doing = "entering the working directory"
        os.chdir(spec["cwd"])
        doing = "executing the program"
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])  # noqa: S606 - no shell is meant to be there
    except OSError as error:
        told = {"failed": error.errno, "doing": doing}
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other side of the fork must not run on here
        told = {"failed": 0, "doing": f"{doing}: {error!r}"}
    os.write(error_fd, json.dumps(told).encode())
    os._exit(127)


def descendants() -> list[tuple[int, int]]:
    """Process id and group of every process that descends from this one."""
    stats = [stat for stat in map(_stat, filter(str.isdigit, os.listdir("/proc"))) if stat]
    family, found = {os.getpid()}, []
    grew = True
    while grew:
        new = [(pid, group) for pid, parent, group in stats if parent in family and pid not in family]
        family.update(pid for pid, _ in new)
        found += new
        grew = bool(new)
    return found


def _stat(pid: str) -> tuple[int, int, int] | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    # The name, in brackets, may hold anything: proc(5).
    _state, parent, group, *_ = text[text.rindex(b")") + 2 :].split()
    return int(pid), int(parent), int(group)


def send(pid: int, number: int, *, group: bool = False) -> None:
    """A signal to a process or group that may be gone by now."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, number)


def prctl(option: int, value: int) -> None:
    """The system call of that name."""
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


_LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Read the lease's first line, guard, leave."""
    status_fd, stdin_fd, grace_s = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    for fd in (status_fd, stdin_fd):
        if fd != NO_STDIN:
            os.set_inheritable(fd, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    guard = Guard(status_fd, grace_s)
    prctl(PR_SET_PDEATHSIG, PARENT_DIED)
    line = guard.lease.first_line()
    if line is not None:
        guard.run(json.loads(line), stdin_fd)


if __name__ == "__main__":
    main()

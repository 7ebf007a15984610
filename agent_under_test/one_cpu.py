"""Starts a program in this process's place, with one CPU for all of its threads: ``one_cpu.py PROGRAM ARGUMENT...``.

For agents that listen to notifications with stomp.py 8, which is at one TLS connection in two threads at a time: on
more than one CPU it loses one to three connections in a hundred by itself. See docs/mock-hmc.md, "Notifications".
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Become the program."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    program, *_ = line = sys.argv[1:]
    os.execvp(program, line)  # noqa: S606 - what the profile names


if __name__ == "__main__":
    main()

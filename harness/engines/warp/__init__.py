"""An unmodified program with its clock N times as fast: a 300 s read timeout ends after 5 s of the wall.

    warp.py        Warp.prepare(factor): what to add to a program's environment, and the clock that agrees with it
    clock.py       where the clocks began, and the harness's own clock at the factor
    library/       what is preloaded into the program (C): clocks, sleeps and all timed waits at the factor
    build.py       its source -> a shared object, once, into the user's cache
    selftest.py    measures each primitive in a child process: what does not run at the factor forbids the warp
    probes/        that child; standard library only, under any Python that an agent may have
    reach.py       which programs it cannot work for: static, another libc, set-user-id
    roll.py        what each program that has loaded the library says of itself: its clock against the harness's
    loaded.py      which processes of a trial run in real time nevertheless
    burden.py      what the machine took from the agent and from us: CPU, waiting for one, lateness

Nothing is imported here: the child of the self-test comes through this file.
"""

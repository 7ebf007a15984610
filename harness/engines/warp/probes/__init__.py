"""The child of the self-test: measures each primitive with its own clocks. Standard library only.

__main__.py      tells the clocks, waits for all primitives at once, prints what each took
probe.py         what a probe is, and the list of all
libc.py          C's structures and functions through ctypes
locks.py, descriptors.py, timers.py, sleeps.py     C's waits
interpreter.py   Python's own
"""

"""The names engine: what the HMC's name means to a program, without root and without touching the system.

names.py      the engine: answers each look-up of the name, as the steps in force want it
dead_end.py   an address of the HMC's port at which nobody is: it refuses, or says nothing
library/      what is loaded into programs (LD_PRELOAD) and asks the engine instead of the system
"""

from harness.engines.names.names import Names

__all__ = ["Names"]

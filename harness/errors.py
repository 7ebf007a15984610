"""Every error that this program raises on purpose, as one small tree.

    HarnessError            something that a person has to know; its text says what, where and what to do next
    +-- BadInput            a file or option is wrong; raised before anything starts
    +-- EngineFailed        a fault could not be carried out or healed; the trial's verdict is UNKNOWN
    +-- AgentNotStartable   the agent's program is not there or cannot be executed

Anything else that escapes is a defect of the harness, and a trial that meets one is UNKNOWN, never PASS.
"""


class HarnessError(Exception):
    """Base of all errors that are meant to be read by a person."""


class BadInput(HarnessError):
    """What a person wrote is wrong: a scenario, profile, inventory or option.

    The text begins with ``file:line:column: `` wherever a place is known.
    """


class EngineFailed(HarnessError):
    """An engine could not carry out a command, or could not heal it."""


class AgentNotStartable(HarnessError):
    """The program of a profile is missing or cannot be executed; says how to set it up."""

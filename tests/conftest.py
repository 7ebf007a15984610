"""What the tests need of the process that they run in."""

from __future__ import annotations

import signal

import hypothesis

# How long an example takes says something of the machine and its other loads, and nothing of us.
hypothesis.settings.register_profile("without a clock", deadline=None)
hypothesis.settings.load_profile("without a clock")


def pytest_configure() -> None:
    """Tests interrupt programs, and these inherit what is ignored, as SIGINT is in the background of a shell."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

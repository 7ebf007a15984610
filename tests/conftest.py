"""What the tests need of the process that they run in."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Tests interrupt programs, and these inherit what is ignored, as SIGINT is in the background of a shell."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

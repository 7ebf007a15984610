"""What both programs share: options, log, signals, threads and the exit status.

Exit status: 0 after SIGTERM or SIGINT; 1 if the HMC could not be used at the start, or after a defect; 2 if an
option or the configuration file is wrong.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue

from agent_under_test.dpm_agent.config import Config, Plane, load
from agent_under_test.dpm_agent.hmc_side import HmcLost
from agent_under_test.dpm_agent.ini import ConfigError

_LOG = logging.getLogger("agent_under_test.dpm_agent")

OK, FAILED, WRONG_USE = 0, 1, 2

LOGOFF_S = 2.0
"""How long the end waits for the HMC's thread to log off; a call that hangs is not waited for."""

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Life:
    """One run of the agent: its threads, and what ends it. Signals are caught from its making on."""

    def __init__(self, config: Config) -> None:
        self._config = config
        # A SimpleQueue as its put may be called in a signal handler; an Event's set may not, it could wait for itself.
        self._ends: SimpleQueue[int] = SimpleQueue()
        self.stop = threading.Event()
        """Set when the threads have to come to their end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ends.put(OK))

    def thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Start a thread whose failure ends the agent: one half of it alone would be a lie."""

        def guarded() -> None:
            try:
                work()
            except HmcLost as error:
                _LOG.error("HMC %s cannot be used: %s; the agent stops", self._config.hmc.address, error)
                self._ends.put(FAILED)
            except Exception:  # noqa: BLE001 - nothing that the HMC or the control plane does leads here
                _LOG.exception("a defect of the agent, HMC %s; the agent stops", self._config.hmc.address)
                self._ends.put(FAILED)

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def until_its_end(self, worker: threading.Thread) -> int:
        """Wait for a signal or a failure, then for the thread that has to log off; returns the exit status."""
        status = self._ends.get()
        if status == OK:
            _LOG.info("told to stop")
        self.stop.set()
        worker.join(LOGOFF_S)
        return status


def main(arguments: Sequence[str] | None, plane: Plane, run: Callable[[Config, Life], int]) -> int:
    """Read options and file, set up the log, and run; returns the exit status."""
    options = _options(arguments)
    try:
        config = load(options.config, plane)
    except ConfigError as error:
        print(f"dpm_agent: {error}", file=sys.stderr)
        return WRONG_USE
    _set_up_logging()
    _trust_only_the_config()
    return run(config, Life(config))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dpm_agent", description="Neutron agent for the NICs of a CPC in DPM mode.")
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="INI file; see config.py")
    return parser.parse_args(arguments)


def _set_up_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=LOG_FORMAT)
    for name in ("urllib3", "requests", "zhmcclient"):
        # They log each retry at warning, and may quote what the HMC said. What matters of it, the agent says itself.
        logging.getLogger(name).setLevel(logging.ERROR)


def _trust_only_the_config() -> None:
    """Keep requests from preferring the environment's certificates to those of the configuration file."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)

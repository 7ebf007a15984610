"""The program: options, signals, threads and the exit status.

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

from agent_under_test.dpm_agent.agent import Agent
from agent_under_test.dpm_agent.config import Config, ConfigError, load
from agent_under_test.dpm_agent.heartbeat import Heartbeat
from agent_under_test.dpm_agent.hmc_side import HmcLost, ZhmcHmc
from agent_under_test.dpm_agent.http_reporter import HttpReporter

_LOG = logging.getLogger("agent_under_test.dpm_agent")

OK, FAILED, WRONG_USE = 0, 1, 2

LOGOFF_S = 2.0
"""How long the end waits for the loop to log off; a call that hangs is not waited for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until it is told to stop; returns the exit status."""
    options = _options(arguments)
    try:
        config = load(options.config)
    except ConfigError as error:
        print(f"dpm_agent: {error}", file=sys.stderr)
        return WRONG_USE
    _set_up_logging()
    _trust_only_the_config()
    return _run(config)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dpm_agent", description="Neutron agent for the NICs of a CPC in DPM mode.")
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="INI file; see config.py")
    return parser.parse_args(arguments)


def _set_up_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("urllib3", "requests", "zhmcclient"):
        # They log each retry at warning, and may quote what the HMC said. What matters of it, the agent says itself.
        logging.getLogger(name).setLevel(logging.ERROR)


def _trust_only_the_config() -> None:
    """Keep requests from preferring the environment's certificates to those of the configuration file."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)


def _run(config: Config) -> int:
    # A SimpleQueue because its put may be called in a signal handler; an Event's set may not, it could wait for itself.
    ends: SimpleQueue[int] = SimpleQueue()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.put(OK))
    reporter = HttpReporter(config.control_plane_url, host=config.agent.host, cpc=config.hmc.cpc)
    heartbeat = Heartbeat(reporter, config.agent.report_interval_s, stop)
    agent = Agent(config, ZhmcHmc(config.hmc, config.timeouts, config.agent.host), reporter, stop)

    def work() -> None:
        agent.start()
        _thread("heartbeat", heartbeat.run, config, ends)
        agent.run()

    worker = _thread("hmc", work, config, ends)
    status = ends.get()
    if status == OK:
        _LOG.info("told to stop")
    stop.set()
    worker.join(LOGOFF_S)
    return status


def _thread(name: str, work: Callable[[], None], config: Config, ends: SimpleQueue[int]) -> threading.Thread:
    """Start a thread whose failure ends the agent: one half of it alone would be a lie."""

    def guarded() -> None:
        try:
            work()
        except HmcLost as error:
            _LOG.error("HMC %s cannot be used: %s; the agent stops", config.hmc.address, error)
            ends.put(FAILED)
        except Exception:  # noqa: BLE001 - nothing that the HMC or the control plane does leads here
            _LOG.exception("a defect of the agent, HMC %s; the agent stops", config.hmc.address)
            ends.put(FAILED)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread


if __name__ == "__main__":
    sys.exit(main())

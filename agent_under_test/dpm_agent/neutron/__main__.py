"""The program that reports to a real Neutron; `process` says what its exit status means."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
import threading
from collections.abc import Sequence

from agent_under_test.dpm_agent import process
from agent_under_test.dpm_agent.config import Config
from agent_under_test.dpm_agent.hmc_side import ZhmcHmc
from agent_under_test.dpm_agent.neutron import others_log
from agent_under_test.dpm_agent.watch import HmcWatch


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until it is told to stop; returns the exit status."""
    if importlib.util.find_spec("neutron") is None:
        print(f"dpm_agent: {sys.executable} has no neutron; run it by the Python that has", file=sys.stderr)
        return process.WRONG_USE
    return process.main(arguments, "transport_url", _run)


def _run(config: Config, life: process.Life) -> int:
    others_log.tame([config.hmc.password, config.bus.password if config.bus else ""])
    watch = HmcWatch(config, ZhmcHmc(config.hmc, config.timeouts, config.agent.host), life.stop)

    started = threading.Event()

    def report() -> None:
        # Importing Neutron takes seconds; neither the first look at the HMC nor the first heartbeat shall pay for it.
        importlib.import_module("neutron")  # first: it chooses threads, where oslo would choose greenlets
        loop = importlib.import_module("agent_under_test.dpm_agent.neutron.loop")
        started.wait()
        loop.run(config, watch)

    def work() -> None:
        watch.start()
        started.set()
        watch.run()

    worker = life.thread("hmc", work)
    life.thread("neutron", report)
    return life.until_its_end(worker)


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    # Neutron's threads are waited for by a normal end, for ever if the broker is away; nothing is left for them to do.
    os._exit(status)

"""The program that reports over HTTP; `process` says what its exit status means."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from agent_under_test.dpm_agent import process
from agent_under_test.dpm_agent.agent import Agent
from agent_under_test.dpm_agent.config import Config
from agent_under_test.dpm_agent.heartbeat import Heartbeat
from agent_under_test.dpm_agent.hmc_side import ZhmcHmc
from agent_under_test.dpm_agent.http_reporter import HttpReporter


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until it is told to stop; returns the exit status."""
    return process.main(arguments, "url", _run)


def _run(config: Config, life: process.Life) -> int:
    reporter = HttpReporter(config.control_plane_url, host=config.agent.host, cpc=config.hmc.cpc)
    heartbeat = Heartbeat(reporter, config.agent.report_interval_s, life.stop)
    agent = Agent(config, ZhmcHmc(config.hmc, config.timeouts, config.agent.host), reporter, life.stop)

    def work() -> None:
        agent.start()
        life.thread("heartbeat", heartbeat.run)
        agent.run()

    return life.until_its_end(life.thread("hmc", work))


if __name__ == "__main__":
    sys.exit(main())

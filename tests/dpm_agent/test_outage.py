"""Loss and return are each said once, and what lies between at a bounded rate."""

from __future__ import annotations

import logging
from itertools import pairwise

import pytest

from agent_under_test.dpm_agent.outage import LOUD_FAILURES, QUIET_S, Outage
from tests.dpm_agent.fakes import HandClock

LOG = logging.getLogger("outage")


def test_loss_and_return_are_warnings_that_name_the_thing_and_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    outage = Outage("HMC 127.0.0.2:6794", LOG, clock)
    outage.failed("connection refused", "next attempt in 1 s")
    clock.t += 1
    outage.over()
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("WARNING", "lost HMC 127.0.0.2:6794: connection refused; next attempt in 1 s"),
        ("WARNING", "HMC 127.0.0.2:6794 is back after 1 s"),
    ]


def test_an_hour_of_failures_is_no_flood(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    outage = Outage("HMC", LOG, clock)
    times: list[float] = []
    while clock.t < 100 + 3600:
        before = len(caplog.records)
        outage.failed("connection refused", "next attempt in 8 s")
        times += [clock.t] * (len(caplog.records) - before)
        clock.t += 8
    assert times[:LOUD_FAILURES] == [100, 108, 116, 124]
    late = times[LOUD_FAILURES - 1 :]
    assert min(b - a for a, b in pairwise(late)) >= QUIET_S
    assert len(times) > 3600 / (QUIET_S + 8)


def test_what_works_is_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("HMC", LOG, HandClock())
    outage.over()
    assert not outage.lasts
    assert caplog.records == []

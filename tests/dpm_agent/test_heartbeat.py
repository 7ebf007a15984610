"""Signs of life go on, whatever the control plane does; the HMC cannot even be named here."""

from __future__ import annotations

import inspect
import logging
import threading

import pytest

from agent_under_test.dpm_agent.heartbeat import Heartbeat
from tests.dpm_agent.fakes import FakeReporter, HandClock


class CountedStop(threading.Event):
    """Is set after so many waits, each of which passes time on a clock by hand instead of waiting."""

    def __init__(self, clock: HandClock, waits: int) -> None:
        super().__init__()
        self.clock, self.left, self.waited = clock, waits, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        self.clock.t += timeout
        if len(self.waited) == self.left:
            self.set()
        return self.is_set()


def test_the_first_report_says_start_and_the_others_do_not() -> None:
    clock, plane = HandClock(), FakeReporter()
    stop = CountedStop(clock, 3)
    Heartbeat(plane, 4.0, stop, clock).run()
    assert plane.said == ["start", "alive", "alive"]
    assert stop.waited == [4.0, 4.0, 4.0]


def test_a_slow_report_does_not_stretch_the_interval() -> None:
    clock, plane = HandClock(), FakeReporter()
    stop = CountedStop(clock, 2)
    heard = plane.report_state

    def slow(*, start: bool) -> None:
        clock.t += 3.0
        heard(start=start)

    plane.report_state = slow  # type: ignore[method-assign]  # one slow answer is all that this test needs of a fake
    Heartbeat(plane, 4.0, stop, clock).run()
    assert stop.waited == [1.0, 1.0]


def test_an_error_of_the_control_plane_is_logged_once_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    clock, plane = HandClock(), FakeReporter()
    heartbeat = Heartbeat(plane, 4.0, threading.Event(), clock)
    plane.away = "connection refused"
    heartbeat.beat()
    plane.away = ""
    heartbeat.beat()
    heartbeat.beat()
    assert plane.said == ["start", "alive"]
    assert [record.getMessage() for record in caplog.records] == [
        "lost control plane 127.0.0.1:9696: connection refused; next heartbeat in 4 s",
        "control plane 127.0.0.1:9696 is back after 0 s",
    ]


def test_it_is_never_given_the_hmc() -> None:
    assert not any("hmc" in name.lower() for name in inspect.signature(Heartbeat).parameters)

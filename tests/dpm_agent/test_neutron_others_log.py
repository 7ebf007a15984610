"""What Neutron and oslo log: few lines, one a record, without secrets; the agent's own is left as it is."""

from __future__ import annotations

import logging

import pytest

from agent_under_test.dpm_agent.neutron.others_log import OneLine, Rate
from tests.dpm_agent.fakes import HandClock

OURS = "agent_under_test.dpm_agent.watch"
OSLO = "oslo.messaging._drivers.impl_rabbit"


def record(name: str, text: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    cause = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, values, cause)


def passed(rate: Rate, clock: HandClock, count: int, each_s: float, text: str = "broker %s is away") -> int:
    """How many of so many records pass."""
    shown = 0
    for number in range(count):
        shown += rate.filter(record(OSLO, text, number))
        clock.t += each_s
    return shown


def test_ten_minutes_of_complaints_are_four_lines_and_one_a_minute() -> None:
    clock = HandClock()
    assert passed(Rate(clock), clock, 600, 1.0) == 4 + 9


def test_a_kind_that_was_quiet_for_a_minute_is_heard_of_again_as_at_first() -> None:
    clock = HandClock()
    rate = Rate(clock)
    assert passed(rate, clock, 10, 1.0) == 4
    clock.t += 60.0
    assert passed(rate, clock, 10, 1.0) == 4


def test_kinds_are_counted_apart() -> None:
    clock = HandClock()
    rate = Rate(clock)
    assert passed(rate, clock, 10, 0.1) == 4
    assert passed(rate, clock, 10, 0.1, "queue %s is gone") == 4


def test_the_agents_own_records_all_pass() -> None:
    rate = Rate(HandClock())
    assert all(rate.filter(record(OURS, "lost HMC")) for _ in range(50))


def test_kinds_without_end_do_not_fill_the_memory() -> None:
    rate = Rate(HandClock())
    for number in range(10_000):
        rate.filter(record(OSLO, f"text {number}"))
    assert len(rate._kinds) <= 200


def test_a_traceback_of_others_becomes_the_kind_of_its_exception() -> None:
    line = OneLine([]).format(record("neutron.agent", "Failed reporting state!", error=failed("amqp://u:topsecret@h")))
    assert line.endswith("ERROR neutron.agent: Failed reporting state! (ValueError)")


def test_a_text_of_several_lines_becomes_its_first_one() -> None:
    line = OneLine([]).format(record("neutron.agent", "Remote error: %s", "DBError\nTraceback: deep in the server"))
    assert line.endswith("Remote error: DBError")


@pytest.mark.parametrize("form", ["s%40cret/", "s@cret/"])
def test_a_secret_is_taken_out_in_either_form(form: str) -> None:
    line = OneLine(["s%40cret/", ""]).format(record(OSLO, "connecting to %s", f"amqp://neutron:{form}@127.0.0.1"))
    assert line.endswith("connecting to amqp://neutron:***@127.0.0.1")


def test_a_record_of_the_agent_keeps_its_traceback() -> None:
    line = OneLine(["secret"]).format(record(OURS, "a defect", error=failed("here")))
    assert "Traceback" in line
    assert line.endswith("ValueError: here")


def failed(text: str) -> BaseException:
    """An exception as it was caught, with its traceback."""
    with pytest.raises(ValueError, match=text) as caught:
        raise ValueError(text)
    return caught.value

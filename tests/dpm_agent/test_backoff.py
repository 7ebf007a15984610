"""The back-off is Open vSwitch's."""

from __future__ import annotations

from agent_under_test.dpm_agent.backoff import Backoff


def test_delays_double_from_the_first_to_the_largest() -> None:
    backoff = Backoff(1.0, 8.0)
    assert [backoff.next_delay_s() for _ in range(6)] == [1, 2, 4, 8, 8, 8]


def test_the_largest_need_not_be_a_doubling_of_the_first() -> None:
    backoff = Backoff(0.5, 1.5)
    assert [backoff.next_delay_s() for _ in range(4)] == [0.5, 1.0, 1.5, 1.5]


def test_reset_begins_anew() -> None:
    backoff = Backoff(1.0, 8.0)
    backoff.next_delay_s()
    backoff.reset()
    assert backoff.next_delay_s() == 1.0

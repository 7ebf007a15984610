"""Durations as a person would write them, and units that a scenario may use."""

from __future__ import annotations

import pytest

from harness.core.values import UNITS, Unit, seconds_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.25, "250 ms"),
        (0.999, "999 ms"),
        (1.0, "1.0 s"),
        (12.34, "12.3 s"),
        (119.9, "119.9 s"),
        (120.0, "2.0 min"),
        (3600.0, "60.0 min"),
    ],
)
def test_a_duration_is_written_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_each_quantity_has_units_and_one_of_them_is_its_own() -> None:
    assert UNITS.keys() == set(Unit)
    assert all(1 in units.values() for units in UNITS.values())


def test_a_rate_is_a_size_and_a_second() -> None:
    assert UNITS[Unit.RATE] == {f"{name}/s": value for name, value in UNITS[Unit.SIZE].items()}

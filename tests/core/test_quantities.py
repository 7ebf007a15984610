"""Numbers with units: what is read, and that it is read exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import quantities
from harness.core.values import UNITS, Unit


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0s", Unit.DURATION, 0.0),
        ("250ms", Unit.DURATION, 0.25),
        ("1.5s", Unit.DURATION, 1.5),
        ("2min", Unit.DURATION, 120.0),
        ("1000h", Unit.DURATION, 3_600_000.0),
        ("10kB", Unit.SIZE, 10_000),
        ("4KiB", Unit.SIZE, 4096),
        ("20B/s", Unit.RATE, 20.0),
        ("1MiB/s", Unit.RATE, 1_048_576.0),
    ],
)
def test_a_number_and_a_unit_are_read(text: str, unit: Unit, value: float) -> None:
    assert quantities.parse(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "advice"),
    [
        ("5m", Unit.DURATION, "write 5min or 5ms"),
        ("5 seconds", Unit.DURATION, "write 5s"),
        ("5S", Unit.DURATION, "write 5s"),
        ("2hours", Unit.DURATION, "write 2h"),
        ("10K", Unit.SIZE, "write 10kB"),
        ("10 bytes", Unit.SIZE, "write 10B"),
        ("10kbps", Unit.RATE, "write 10kB/s"),
        ("10k/s", Unit.RATE, "write 10kB/s"),
        ("10b/sec", Unit.RATE, "write it as 20B/s, 10kB/s or 1MiB/s"),
    ],
)
def test_what_people_write_instead_is_told_as_it_has_to_be_written(text: str, unit: Unit, advice: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(advice)}$"):
        quantities.parse(text, unit)


@given(number=st.floats(0, 1000), unit=st.sampled_from(list(UNITS[Unit.DURATION])))
def test_plain_seconds_are_the_same_duration(number: float, unit: str) -> None:
    text = f"{number:.3f}{unit}"
    assert float(quantities.plain_seconds(text)) == pytest.approx(quantities.parse(text, Unit.DURATION), abs=1e-6)


@given(text=st.text(max_size=12), unit=st.sampled_from(list(Unit)))
def test_the_editors_pattern_takes_what_is_read(text: str, unit: Unit) -> None:
    try:
        quantities.parse(text, unit)
    except ValueError:
        return
    assert re.fullmatch(quantities.pattern(unit), text)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, Unit.DURATION, "0s"),
        (0.25, Unit.DURATION, "250ms"),
        (1.5, Unit.DURATION, "1.5s"),
        (300.0, Unit.DURATION, "300s"),
        (1e-05, Unit.DURATION, "0.00001s"),
        (1_000_000, Unit.SIZE, "1MB"),
        (4096, Unit.SIZE, "4KiB"),
        (1_500_000.0, Unit.SIZE, "1500kB"),
        (0, Unit.SIZE, "0B"),
        (1e6 + 1, Unit.RATE, "1000001B/s"),
    ],
)
def test_a_quantity_is_written_as_a_person_would(value: float, unit: Unit, text: str) -> None:
    assert quantities.written(value, unit) == text


@given(share=st.floats(0, 1), unit=st.sampled_from(list(Unit)))
def test_what_is_written_is_read_as_the_same(share: float, unit: Unit) -> None:
    value = share * quantities.MOST[unit]
    assert quantities.parse(quantities.written(value, unit), unit) == value

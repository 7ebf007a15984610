"""Reads and writes numbers with a unit, such as ``250ms``, ``4KiB`` or ``20B/s``; a number without one is refused.

Both a scenario's values and the settings of an agent's profile are written so.
"""

from __future__ import annotations

import re
from decimal import Decimal

from harness.core.values import UNITS, Unit

EXAMPLES = {
    Unit.DURATION: "250ms, 12s, 2min or 1h",
    Unit.SIZE: "512B, 10kB or 4KiB",
    Unit.RATE: "20B/s, 10kB/s or 1MiB/s",
}
"""How a person would write one."""

_BASE = {Unit.DURATION: "s", Unit.SIZE: "B", Unit.RATE: "B/s"}

MOST = {Unit.DURATION: 1000 * 3600.0, Unit.SIZE: 2.0**40, Unit.RATE: 2.0**40}
"""Nothing larger is meant: 1,000 hours, 1 TiB and 1 TiB a second. It keeps a slip of the pen out of a plan."""

_MOST_TEXT = {Unit.DURATION: "1000h", Unit.SIZE: "1048576MiB", Unit.RATE: "1048576MiB/s"}

_ALIASES = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "mins": "min", "minute": "min", "minutes": "min",
    "hr": "h", "hour": "h", "hours": "h",
    "msec": "ms", "millis": "ms", "milliseconds": "ms",
    "byte": "B", "bytes": "B", "k": "kB", "m": "MB", "kb": "kB", "mb": "MB", "kib": "KiB", "mib": "MiB",
    "bps": "B/s", "kbps": "kB/s", "mbps": "MB/s",
}  # fmt: skip
"""What people write, in lower case, and what they have to write here."""

_SHORT = {
    Unit.DURATION: ("s",),
    Unit.SIZE: ("MB", "MiB", "kB", "KiB"),
    Unit.RATE: ("MB/s", "MiB/s", "kB/s", "KiB/s"),
}
"""Units in which a whole number is the shortest to write, in the order in which they are tried."""

_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?)( *)([^0-9. ]*)")


def pattern(unit: Unit) -> str:
    """A regular expression of all that `parse` reads, for editors."""
    return rf"^[0-9]+(\.[0-9]+)?({'|'.join(UNITS[unit])})$"


def parse(text: str, unit: Unit) -> float:
    """The quantity in seconds, bytes or bytes a second.

    Raises:
        ValueError: the text is none; says what to write.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a {unit.value}; write it as {EXAMPLES[unit]}")
    sign, number, space, name = found.groups()
    if sign == "-":
        raise ValueError(f"{text!r} is negative, and a {unit.value} cannot be; leave out the '-'")
    if name not in UNITS[unit] or space or sign:
        raise ValueError(f"{text!r} {_advice(number, name, unit)}")
    value = float(number) * UNITS[unit][name]
    if value > MOST[unit]:
        raise ValueError(f"{text!r} is too much; at most {_MOST_TEXT[unit]} can be asked for")
    return value


def written(value: float, unit: Unit) -> str:
    """The quantity as `parse` reads it, exactly: ``1MB``, ``250ms``, ``1.5s``; never with an exponent."""
    for name in ("ms",) if unit is Unit.DURATION and value < 1 else _SHORT[unit]:
        number = round(value / UNITS[unit][name])
        if number > 0 and number * UNITS[unit][name] == value:
            return f"{number}{name}"
    return f"{_digits(value)}{_BASE[unit]}"


def _digits(value: float) -> str:
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_duration(text: str) -> bool:
    """Whether a text reads as a duration with its unit."""
    try:
        parse(text, Unit.DURATION)
    except ValueError:
        return False
    return True


def plain_seconds(text: str) -> str:
    """A duration as a bare number of seconds, for programs that know no units: ``250ms`` becomes ``0.25``."""
    return f"{parse(text, Unit.DURATION):.6f}".rstrip("0").rstrip(".")


def _advice(number: str, name: str, unit: Unit) -> str:
    if not name:
        units = [known for known in UNITS[unit] if known != "us"]  # nobody who leaves out the unit means that one
        return f"has no unit; write {', '.join(number + u for u in units[:-1])} or {number}{units[-1]}"
    if name == "m" and unit is Unit.DURATION:
        return f"could be minutes or milliseconds; write {number}min or {number}ms"
    known = _known_unit(name, unit)
    if known is None:
        return f"has no unit of a {unit.value}; write it as {EXAMPLES[unit]}"
    return f"is not written as this language wants it; write {number}{known}"


def _known_unit(name: str, unit: Unit) -> str | None:
    if name in UNITS[unit]:
        return name
    by_lower = {known.lower(): known for known in UNITS[unit]}
    alias = _ALIASES.get(name.lower().removesuffix("/s").removesuffix("/sec"), name)
    wanted = f"{alias}/s" if unit is Unit.RATE and "/" not in alias and "/" in name else alias
    return by_lower.get(wanted.lower())

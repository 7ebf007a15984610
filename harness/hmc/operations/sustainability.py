"""Get Historical Sustainability Data of CPCs, partitions and LPARs: the right shape, with values that stand still."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations.kit import body_of, field, one_of, target
from harness.hmc.operations.operation import Console, Operation
from harness.hmc.sessions import Session

_HOUR_MS = 3600_000
_DAY_MS = 24 * _HOUR_MS
RANGES_MS = {
    "last-day": _DAY_MS, "last-week": 7 * _DAY_MS, "last-month": 30 * _DAY_MS, "last-three-months": 90 * _DAY_MS,
    "last-six-months": 180 * _DAY_MS, "last-year": 365 * _DAY_MS, "custom": 0,
}  # fmt: skip
RESOLUTIONS_MS = {
    "fifteen-minutes": _HOUR_MS // 4, "one-hour": _HOUR_MS, "one-day": _DAY_MS, "one-week": 7 * _DAY_MS,
    "one-month": 30 * _DAY_MS,
}  # fmt: skip
MOST_POINTS = 3000
"""A real HMC refuses what would be too much, too."""

CPC: dict[str, object] = {
    "total-wattage": 6000, "partition-wattage": 3000, "infrastructure-wattage": 2000, "unassigned-wattage": 1000,
    "heat-load": 20000, "heat-load-forced-air": 20000, "processor-utilization": 30, "ambient-temperature": 22.5,
    "exhaust-heat-temperature": 35.0, "dew-point": 8.5, "ambient-humidity": 40,
}  # fmt: skip
PARTITION: dict[str, object] = {"wattage": 150, "processor-utilization": 30}


def _reader(values: Mapping[str, object]) -> Callable[[Console, Call, Session], Answer]:
    def run(console: Console, call: Call, session: Session) -> Answer:  # noqa: ARG001 - an operation's form
        target(console, call)
        times = _times(console, call)
        series = {name: [{"timestamp": time_ms, "data": value} for time_ms in times] for name, value in values.items()}
        return Answer(status=200, body=series)

    return run


def _times(console: Console, call: Call) -> range:
    body = body_of(call)
    length_ms = RANGES_MS[one_of(body, "range", RANGES_MS, "last-week")]
    step_ms = RESOLUTIONS_MS[one_of(body, "resolution", RESOLUTIONS_MS, "one-hour")]
    end_ms = console.clock.now_ms()
    begin_ms = end_ms - length_ms
    if not length_ms:
        begin_ms, end_ms = field(body, "custom-range-start", int), field(body, "custom-range-end", int)
        if begin_ms > end_ms:
            raise HmcError(400, 8, "The range ends before it begins.")
    if (end_ms - begin_ms) // step_ms > MOST_POINTS:
        raise HmcError(400, 8, f"That would be more than {MOST_POINTS} points; ask for a coarser resolution.")
    return range(begin_ms, end_ms + 1, step_ms)


_NAME = "operations/get-historical-sustainability-data"
OPERATIONS = (
    Operation(method="POST", path=f"/api/cpcs/*/{_NAME}", run=_reader(CPC)),
    Operation(method="POST", path=f"/api/partitions/*/{_NAME}", run=_reader(PARTITION)),
    Operation(method="POST", path=f"/api/logical-partitions/*/{_NAME}", run=_reader(PARTITION)),
)

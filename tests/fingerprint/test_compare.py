"""What counts as a difference between two fingerprints."""

from __future__ import annotations

import pytest

from harness.fingerprint.clients import version_of
from harness.fingerprint.compare import differences, differences_text


def one(**fields: object) -> dict[str, object]:
    return {"client": "c", "cases": [{"case": "a/GET", "outcome": "x", "requests": 1, "flags": [], **fields}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"seconds": 1.0, "words": "a"}, {"seconds": 2.0, "words": "b"}),
        ({"requests": 331, "logons": 331}, {"requests": 298, "logons": 298}),
        ({"flags": ["logs on 331 times"]}, {"flags": ["logs on 298 times"]}),
    ],
)
def test_what_two_runs_of_one_version_do_not_agree_on_is_no_difference(
    old: dict[str, object], new: dict[str, object]
) -> None:
    assert differences(one(**old), one(**new)) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"outcome": "y"}, {}, "a/GET: outcome: y -> x"),
        ({"requests": 2}, {}, "a/GET: requests: 2 -> 1"),
        ({"requests": 331}, {"requests": 2}, "a/GET: requests: 331 -> 2"),
        ({"executed": 2}, {"executed": 1}, "a/GET: executed: 2 -> 1"),
        ({"flags": ["logs on 331 times"]}, {}, "a/GET: flags: logs on 331 times -> nothing"),
        ({"flags": ["told 3"]}, {"flags": ["told 4"]}, "a/GET: flags: told 3 -> told 4"),
    ],
)
def test_what_a_client_does_otherwise_is_one(old: dict[str, object], new: dict[str, object], told: str) -> None:
    assert differences_text(one(**old), one(**new)).splitlines()[1:] == [f"  {told}"]


def test_a_version_is_told_from_a_file() -> None:
    assert version_of("zhmcclient==1.20") == "1.20"
    assert version_of("zhmcclient==1.20.0rc1") == "1.20.0rc1"
    for other in ("zhmcclient", "zhmcclient-1.20.json", "zhmcclient==", "zhmcclient==--index-url=x", "requests==1.0"):
        assert version_of(other) is None

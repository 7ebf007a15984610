"""What of a request may be told to others."""

from __future__ import annotations

import pytest

from harness.hmc.exchange import Call


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("name=part-1&status=active", "name=part-1&status=active"),
        ("name=a&password=x%20y&Bind-Password=z", "name=a&password=********&Bind-Password=********"),
        ("p%61ssword=x", "password=********"),
        ("password", "password"),
        ("name=%zz&&=", "name=%zz&&="),
    ],
)
def test_a_query_is_shown_as_it_was_sent_but_for_passwords(query: str, shown: str) -> None:
    call = Call(number=1, method="GET", uri=f"/api/cpcs?{query}", path="/api/cpcs", headers={})
    assert call.shown_query == shown

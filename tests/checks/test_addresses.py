"""Of two HMCs, what went to one is not counted for the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.checks.attempts import Attempts, During, What
from harness.checks.recovers import Recovers
from harness.checks.says_why import SaysWhy
from harness.checks.spacing import Spacing
from harness.core.commands import Address
from harness.core.events import ConnectionAttempt, Event, RequestArrived, decode, encode
from harness.core.history import History
from tests.playbook import (
    FAIL,
    HEALED,
    PASS,
    at,
    began,
    connection,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    log,
    request,
    started,
    story,
    watched,
)

ALTERNATE = "127.9.8.8:6794"


def to(address: Address, events: list[Event]) -> list[Event]:
    kinds = RequestArrived | ConnectionAttempt
    return [replace(event, address=address) if isinstance(event, kinds) else event for event in events]


def moved() -> History:
    """Three connects to the first HMC, one second apart, and then the alternate is used, also after the healing."""
    return story(
        less(healthy(requests=False), every(ConnectionAttempt)),
        *(at(t, connection("refused")) for t in (5.5, 6.5, 7.5)),
        *(to(Address.ALTERNATE, at(t, connection(), request())) for t in (8.0, HEALED + 1.0)),
        fault(),
    )


@pytest.mark.parametrize(
    ("what", "address", "number"),
    [
        (What.CONNECTIONS, None, 5),
        (What.CONNECTIONS, Address.FIRST, 3),
        (What.CONNECTIONS, Address.ALTERNATE, 2),
        (What.REQUESTS, None, 2),
        (What.REQUESTS, Address.FIRST, 0),
        (What.REQUESTS, Address.ALTERNATE, 2),
    ],
)
def test_attempts_are_counted_where_they_went(what: What, address: Address | None, number: int) -> None:
    check = Attempts(what=what, during=During.TRIAL, at_least=number, at_most=number + (number == 0), address=address)
    outcome, words, _ = found(check, moved())
    assert (outcome, words) == (PASS, f"{number} {what}")


def test_the_distances_are_those_of_one_address() -> None:
    of_either = Spacing(what=What.CONNECTIONS, every=1.0, at_least=2, slack=0.1)
    assert found(of_either, moved())[0] == FAIL
    assert found(replace(of_either, address=Address.FIRST), moved())[0] == PASS


@pytest.mark.parametrize(
    ("address", "outcome", "words"),
    [
        (None, PASS, "back 1.1 s after the healing"),
        (Address.ALTERNATE, PASS, "back 1.1 s after the healing"),
        (Address.FIRST, FAIL, "no successful request to the first HMC within 5.0 s of the healing"),
    ],
)
def test_it_recovers_at_an_address(address: Address | None, outcome: str, words: str) -> None:
    assert found(Recovers(within=5.0, address=address), moved())[:2] == (outcome, words)


@pytest.mark.parametrize(("named", "outcome"), [(ALTERNATE, PASS), ("127.9.8.9:6794", FAIL)])
def test_last_words_may_name_either_hmc(named: str, outcome: str) -> None:
    words = log(f"ERROR HMC {named} refused the connection; the agent stops", level="error")
    history = story(
        at(0.0, replace(began(), alternate=ALTERNATE), started()), at(1.0, words), at(2.0, gone()), watched(3.0)
    )
    result, said, _ = found(SaysWhy(), history)
    assert result == outcome, said
    assert outcome == PASS or f"127.9.8.7:6794 or {ALTERNATE}" in said


@pytest.mark.parametrize("event", to(Address.ALTERNATE, [connection(), *request()][:2]))
def test_an_address_survives_the_history_file(event: Event) -> None:
    assert decode(encode(event)) == event
    older = {name: value for name, value in encode(event).items() if name != "address"}
    assert getattr(decode(older), "address", None) == Address.FIRST, "a history from before is about one HMC"

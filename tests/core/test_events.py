"""Events survive JSON and back, and what is no event is refused with the reason."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core import events
from harness.core.events import KINDS, Event, Heartbeat, PortsSampled, Touched, TrialBegan, decode, encode

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES: dict[object, st.SearchStrategy[object]] = {
    float: NUMBERS,
    int: st.integers(),
    str: st.text(),
    bool: st.booleans(),
    Mapping[str, float]: st.dictionaries(st.text(), NUMBERS),
    Mapping[str, str]: st.dictionaries(st.text(), st.text()),
    Mapping[str, int]: st.dictionaries(st.text(), st.integers()),
}
EVENTS = {
    name: st.builds(kind, **{field: VALUES[hint] for field, hint in get_type_hints(kind).items()})
    for name, kind in KINDS.items()
}


def test_each_kind_is_a_frozen_dataclass_of_its_own_name() -> None:
    public = {item for item in vars(events).values() if isinstance(item, type) and issubclass(item, Event)}
    assert set(KINDS.values()) == public - {Event}
    assert all(name == kind.__name__ for name, kind in KINDS.items())
    with pytest.raises(dataclasses.FrozenInstanceError):
        Heartbeat(source="x").t = 1.0  # type: ignore[misc] # the refusal is the claim


@settings(max_examples=50, deadline=None)
@given(event=st.one_of(*EVENTS.values()))
def test_any_event_survives_json_without_a_loss(event: Event) -> None:
    again = decode(json.loads(json.dumps(encode(event))))
    assert again == event
    assert type(again) is type(event)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_each_kind_survives_json(kind: str) -> None:
    @settings(max_examples=3, deadline=None)
    @given(event=EVENTS[kind])
    def survives(event: Event) -> None:
        assert decode(json.loads(json.dumps(encode(event)))) == event

    survives()


def test_the_time_and_the_kind_come_first_for_the_readers_sake() -> None:
    assert list(encode(Touched(t=1.5, step=2, what="held"))) == ["t", "event", "step", "what", "amount", "over"]


def test_a_whole_number_will_do_for_a_time() -> None:
    event = decode({"event": "Heartbeat", "t": 5, "source": "x"})
    assert event == Heartbeat(t=5.0, source="x")
    assert type(event.t) is float


HEADER = encode(TrialBegan(scenario="s", document="{}", seed=1, address="a:1", timeouts={"connect_timeout": 1.0}))
BEAT = encode(Heartbeat(source="x"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "unknown event None; this history is of another version"),
        ({"event": 5, "t": 1.0}, "unknown event 5"),
        ({"event": "Nonsense", "t": 1.0}, "unknown event 'Nonsense'"),
        ({"event": "Event", "t": 1.0}, "unknown event 'Event'"),
        ({"event": "Heartbeat", "source": "x"}, "event Heartbeat: the time 't' is missing"),
        ({"event": "Heartbeat", "t": 1.0}, "event Heartbeat: .*missing .*'source'"),
        ({**BEAT, "extra": 1}, "event Heartbeat: .*unexpected .*'extra'"),
        ({**BEAT, "source": 5}, "event Heartbeat: field 'source' has the value 5, which is not of its type"),
        ({**BEAT, "source": None}, "field 'source' has the value None"),
        ({**BEAT, "t": "soon"}, "field 't' has the value 'soon'"),
        ({**BEAT, "t": True}, "field 't' has the value True"),
        ({**HEADER, "seed": 1.5}, "field 'seed' has the value 1.5"),
        ({**HEADER, "seed": True}, "field 'seed' has the value True"),
        ({**HEADER, "timeouts": []}, r"field 'timeouts' has the value \[\]"),
        ({**HEADER, "timeouts": {"connect_timeout": "3"}}, "field 'timeouts.connect_timeout' has the value '3'"),
        ({**encode(PortsSampled(status={})), "status": {"a": 1}}, "field 'status.a' has the value 1"),
        ({"event": "AgentSampled", "t": 1.0, "alive": 1}, "field 'alive' has the value 1"),
        ({"event": "Heartbeat", "t": 1.0, "source": {"a": 1}}, "field 'source' has the value"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(data: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(data)

"""Filters of lists: what they match, and what they cost."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zhmcclient.mock import FakedSession

from harness.hmc.errors import HmcError
from harness.hmc.filters import LONGEST, Filter
from harness.hmc.operations import Console
from tests.contract.hmc_fuzzer import FILTERS, LONG_NAME
from tests.hmc.test_operations import CPC, ask, refusal

MANY = 2000
PERMITTED = "/api/console/operations/list-permitted-partitions"
SIMPLE = st.from_regex(r"([ab.]|\[ab\]|[ab][*+?])*(\|[ab]+)?", fullmatch=True)
"""Patterns that are short and mean the same in every language of regular expressions."""


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_an_escaped_text_matches_itself_and_no_other(text: str) -> None:
    one = Filter("name", re.escape(text))
    assert one.matches(text)
    assert not one.matches(f"{text}x")
    assert not one.matches(f"x{text}")


@settings(max_examples=60)
@given(SIMPLE.filter(lambda text: len(text) < 8), st.text("abc", max_size=6))
def test_what_matches_is_what_python_matches_as_a_whole(pattern: str, text: str) -> None:
    assert Filter("name", pattern).matches(text) == bool(re.fullmatch(pattern, text))


def test_names_are_matched_whatever_their_capitals_where_that_is_asked_for() -> None:
    assert Filter("name", "Part-.*", ignore_case=True).matches("PART-1")
    assert not Filter("name", "Part-.*").matches("PART-1")


@pytest.mark.parametrize("text", FILTERS)
def test_no_filter_takes_long(text: str) -> None:
    began_s = time.process_time()
    with contextlib.suppress(HmcError):  # which it gives at once
        one = Filter("name", text)
        assert not any(one.matches(f"{LONG_NAME}{number}") for number in range(MANY))
    assert time.process_time() - began_s < 2


@pytest.mark.parametrize("text", ["(", "(?=a)", r"(a)\1", "a" * (LONGEST + 1)])
def test_a_filter_that_cannot_be_matched_is_refused(console: Console, text: str) -> None:
    assert refusal(console, "GET", f"{CPC}/partitions?name={text}") == (400, 14)
    assert refusal(console, "GET", f"{PERMITTED}?cpc-name={text}") == (400, 14)


def test_half_a_surrogate_pair_is_no_character_of_a_filter() -> None:
    assert not Filter("name", "a").matches("\ud800")
    assert not Filter("name", "\ud800").matches("a")


def _names(console: Console, uri: str) -> list[str]:
    body = ask(console, "GET", uri).body
    assert isinstance(body, dict)
    return [item["name"] for item in body["partitions"]]


def test_a_list_is_filtered_by_whole_names_and_by_any_of_several(console: Console) -> None:
    everything = _names(console, f"{CPC}/partitions")
    assert len(everything) > 1
    first, second = everything[:2]
    assert _names(console, f"{CPC}/partitions?name={first}") == [first]
    assert _names(console, f"{CPC}/partitions?name={first[:-1]}") == []
    assert _names(console, f"{CPC}/partitions?name={first[:-1]}|x") == []
    assert _names(console, f"{CPC}/partitions?name={first}&name={second}") == [first, second]


def test_permitted_objects_are_filtered_by_their_cpc(console: Console) -> None:
    everything = _names(console, PERMITTED)
    [cpc] = console.model.hmc.cpcs.list()
    assert everything
    assert _names(console, f"{PERMITTED}?cpc-name={cpc.name}") == everything
    assert _names(console, f"{PERMITTED}?cpc-name={cpc.name}&name={everything[0]}") == everything[:1]
    assert _names(console, f"{PERMITTED}?cpc-name={cpc.name[:-1]}") == []
    assert _names(console, f"{PERMITTED}?cpc-name=none&cpc-name={cpc.name}") == everything


def test_others_who_use_zhmcclients_mock_keep_its_filters(console: Console) -> None:
    theirs = FakedSession("host", "HMC", "2.16", "4.1")
    theirs.hmc.add_resources({"cpcs": [{"properties": {"name": "CPC1", "dpm-enabled": True}}]})
    assert [cpc.name for cpc in theirs.hmc.cpcs.list({"name": "(?=CPC)CPC1"})] == ["CPC1"]

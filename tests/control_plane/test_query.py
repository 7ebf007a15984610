"""Lists are filtered as Neutron filters them."""

from __future__ import annotations

import pytest

from harness.control_plane.query import pick, select

VIEWS = [
    {"name": "a", "binding:host_id": "h1", "alive": True, "description": None},
    {"name": "b", "binding:host_id": "h1", "alive": False, "description": None},
    {"name": "c", "binding:host_id": "h2", "alive": False, "description": None},
]
KNOWN = list(VIEWS[0])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ([], "abc"),
        ([("name", "a")], "a"),
        ([("name", "a"), ("name", "c")], "ac"),
        ([("binding:host_id", "h1"), ("alive", "false")], "b"),
        ([("alive", "True")], "a"),
        ([("description", "")], "abc"),
        ([("name", "nobody")], ""),
    ],
)
def test_the_same_name_twice_means_or_and_different_names_mean_and(query: list[tuple[str, str]], names: str) -> None:
    assert "".join(str(view["name"]) for view in select(VIEWS, query, KNOWN)) == names


def test_fields_picks_what_is_shown_and_never_filters() -> None:
    query = [("fields", "name"), ("fields", "alive"), ("binding:host_id", "h2")]
    assert select(VIEWS, query, KNOWN) == [{"name": "c", "alive": False}]


@pytest.mark.parametrize("pair", [("colour", "red"), ("fields", "colour")])
def test_an_unknown_attribute_is_refused_by_name(pair: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"'colour'.*use one of .*name"):
        select(VIEWS, [pair], KNOWN)


def test_without_fields_all_is_shown() -> None:
    assert pick(VIEWS[0], []) == VIEWS[0]

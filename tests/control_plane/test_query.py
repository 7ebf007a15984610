"""Lists are filtered as Neutron filters them."""

from __future__ import annotations

import pytest

from harness.control_plane.query import NotBoolean, pick, select

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
        ([("description", "")], ""),
        ([("alive", "yes")], "a"),
        ([("name", "nobody")], ""),
    ],
)
def test_the_same_name_twice_means_or_and_different_names_mean_and(query: list[tuple[str, str]], names: str) -> None:
    assert "".join(str(view["name"]) for view in select(VIEWS, query, KNOWN)) == names


def test_fields_picks_what_is_shown_and_never_filters() -> None:
    query = [("fields", "name"), ("fields", "alive"), ("binding:host_id", "h2")]
    assert select(VIEWS, query, KNOWN) == [{"name": "c", "alive": False}]


def test_an_unknown_attribute_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'colour'.*use one of .*name"):
        select(VIEWS, [("colour", "red")], KNOWN)


def test_an_unknown_field_is_not_shown() -> None:
    assert select(VIEWS, [("fields", "colour"), ("fields", "name"), ("name", "a")], KNOWN) == [{"name": "a"}]


def test_what_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(NotBoolean, match="'perhaps'"):
        select(VIEWS, [("alive", "perhaps")], KNOWN)


def test_a_mac_address_is_compared_in_neutrons_form() -> None:
    views = [{"mac_address": "fa:16:3e:00:00:0a"}]
    assert select(views, [("mac_address", "FA-16-3E-00-00-0A")], ["mac_address"]) == views


def test_without_fields_all_is_shown() -> None:
    assert pick(VIEWS[0], []) == VIEWS[0]

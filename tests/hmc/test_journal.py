"""What is noted of changes in the model: told, undone, or done later."""

import contextlib
import copy
from typing import Any

import pytest

from harness.hmc import Inventory
from harness.hmc.changes import Change, InventoryChange, PropertyChange, StatusChange
from harness.hmc.ids import Ids
from harness.hmc.model import Model

PART = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def model(two_nics: Inventory) -> Model:
    return Model(two_nics, Ids(5))


@pytest.fixture
def part(model: Model) -> Any:
    return model.resource(PART)


def test_properties_that_changed_together_are_told_together_and_the_status_apart(model: Model, part: Any) -> None:
    with model.transaction():
        part.properties["description"] = "new"
        part.properties["description"] = "newer"
        part.properties["status"] = "stopped"
        part.properties["name"] = part.name
    status, properties = model.journal.take()
    assert isinstance(status, StatusChange)
    assert (status.old, status.new, status.subject.uri) == ("active", "stopped", PART)
    assert isinstance(properties, PropertyChange)
    assert properties.properties["description"][1] == "newer"
    assert set(properties.properties) == {"description"}
    assert model.journal.take() == []


def test_a_list_that_is_changed_in_place_is_told(model: Model, part: Any) -> None:
    before = list(part.properties["nic-uris"])
    with model.transaction():
        part.properties["nic-uris"].append("/api/x")
    (change,) = model.journal.take()
    assert isinstance(change, PropertyChange)
    assert change.properties["nic-uris"] == (before, [*before, "/api/x"])


def test_who_comes_and_goes_is_told(model: Model, part: Any) -> None:
    with model.transaction():
        made = part.nics.add({"name": "n", "virtual-switch-uri": _switch(model)})
    told = [change for change in model.journal.take() if isinstance(change, InventoryChange)]
    assert [(change.subject.uri, change.subject.kind, change.added) for change in told] == [(made.uri, "nic", True)]
    assert told[0].subject.is_element
    with model.transaction():
        part.nics.remove(made.oid)
    told = [change for change in model.journal.take() if isinstance(change, InventoryChange)]
    assert [(change.subject.uri, change.added) for change in told] == [(made.uri, False)]


@pytest.mark.parametrize("fails", [False, True])
def test_an_empty_transaction_in_another_one_ends_itself_and_not_that_one(model: Model, part: Any, fails: bool) -> None:
    with model.transaction():
        with contextlib.suppress(KeyError), model.transaction():
            if fails:
                raise KeyError
        part.properties["description"] = "within"
    with model.transaction():
        part.properties["description"] = "after"
    told = [change for change in model.journal.take() if isinstance(change, PropertyChange)]
    assert [change.properties["description"][1] for change in told] == ["within", "after"]


def test_an_empty_rehearsal_in_a_transaction_ends_itself_alone(model: Model, part: Any) -> None:
    with model.transaction():
        plan, _ = model.rehearse(lambda: None)
        part.properties["description"] = "within"
    assert not plan
    (change,) = model.journal.take()
    assert isinstance(change, PropertyChange)


def _switch(model: Model) -> str:
    uri: str = model.resource(CPC).virtual_switches.list()[0].uri
    return uri


def test_an_exception_undoes_everything_and_nothing_is_told(model: Model, part: Any) -> None:
    before, uris = copy.deepcopy(part.properties), list(part.properties["nic-uris"])

    def change() -> None:
        with model.transaction():
            part.properties["status"] = "stopped"
            part.properties["fresh"] = 1
            del part.properties["description"]
            part.nics.add({"name": "n", "virtual-switch-uri": _switch(model)})
            part.nics.remove(part.nics.list()[0].oid)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        change()
    assert dict(part.properties) == before
    assert part.properties["nic-uris"] == uris
    assert [nic.uri for nic in part.nics.list()] == sorted(uris)
    assert all(uri in model.hmc.all_resources for uri in uris)
    assert model.journal.take() == []


def test_what_fails_inside_of_a_transaction_is_undone_alone(model: Model, part: Any) -> None:
    def fail() -> None:
        with model.transaction():
            part.properties["description"] = "lost"
            raise ValueError("no")

    with model.transaction():
        part.properties["description"] = "kept"
        with pytest.raises(ValueError, match="no"):
            fail()
    assert part.properties["description"] == "kept"
    (change,) = model.journal.take()
    assert isinstance(change, PropertyChange)


def test_a_rehearsal_changes_nothing_until_its_plan_is_carried_out(model: Model, part: Any) -> None:
    def change() -> str:
        part.properties["status"] = "stopped"
        part.nics.remove(part.nics.list()[0].oid)
        return "result"

    before = len(part.nics.list())
    plan, result = model.rehearse(change)
    assert (result, part.properties["status"], len(part.nics.list())) == ("result", "active", before)
    assert model.journal.take() == []
    assert plan
    with model.transaction():
        plan.carry_out()
    assert (part.properties["status"], len(part.nics.list())) == ("stopped", before - 1)
    kinds: list[type[Change]] = [type(item) for item in model.journal.take()]
    assert set(kinds) == {InventoryChange, StatusChange, PropertyChange}


def test_a_plan_for_what_is_gone_does_nothing(model: Model, part: Any) -> None:
    plan, _ = model.rehearse(lambda: part.properties.update(status="stopped"))
    with model.transaction():
        part.manager.remove(part.oid)
    with model.transaction():
        plan.carry_out()
    assert part.properties["status"] == "active"


def test_a_copy_of_properties_is_a_plain_dictionary(part: Any) -> None:
    assert type(part.properties.copy()) is dict

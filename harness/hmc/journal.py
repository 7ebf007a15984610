"""Notes what each request and job changes in the mock model, so that it can be told, undone, or done later.

Laws:
1. Nothing is noted outside of `transaction` or `rehearsal`; one inside of another is part of it, if it succeeds.
2. A transaction that ends by an exception leaves the model as it was.
3. What a rehearsal changed is undone at its end; its `Plan` brings the same changes about, once, later.

The mock model changes property dictionaries in place, lists inside of them too. So each resource's dictionary is
replaced by one that tells before it is changed, or before a list in it is handed out, and the model's register of
resources by one that tells who comes and goes.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zhmcclient.mock._hmc import InputError  # not exported by the mock's __init__

from harness.hmc.changes import Change, InventoryChange, PropertyChange, StatusChange, Subject
from harness.hmc.errors import SECRET_FIELDS

_ABSENT = object()
_MUTABLE = (list, dict)
_NUMBERS = itertools.count()
_TOLD_AS_STATUS = "status"


@dataclass(slots=True, eq=False)  # two that are empty are not the same
class _Notes:
    """What changed since one transaction or rehearsal began."""

    old: dict[tuple[int, str], tuple[Any, object]] = field(default_factory=dict)
    """Each property that was touched, as it was before: by resource and key."""
    moves: list[tuple[Any, bool]] = field(default_factory=list)

    def touched(self) -> Iterator[tuple[Any, str, object, object]]:
        """Resource, key, old and new value of each property that is another one now."""
        for (_, key), (resource, old) in self.old.items():
            new = resource.properties.peek(key)
            if type(old) is not type(new) or old != new:
                yield resource, key, old, new

    def undo(self) -> None:
        """Bring everything back."""
        for resource, added in reversed(self.moves):
            _move(resource, not added)
        for (_, key), (resource, old) in self.old.items():
            resource.properties.put_back(key, old)

    def absorb(self, inner: _Notes) -> None:
        """Add what a transaction inside of this one noted."""
        for place, was in inner.old.items():
            self.old.setdefault(place, was)
        self.moves += inner.moves


def _ignore(resource: Any) -> None:
    """Nobody wants to meet resources."""


class Journal:
    """What is being changed in one model, and what has not been told yet."""

    def __init__(self) -> None:
        self._open: list[_Notes] = []
        self._quiet = False
        self._told: list[Change] = []

    def adopt(self, hmc: Any, met: Callable[[Any], None] = _ignore) -> None:
        """Take over the resources of a faked HMC; `met` is called with each, and with each that comes later."""
        for resource in hmc.all_resources.values():
            resource._properties = TrackedProperties(self, resource)
            met(resource)
        hmc.all_resources = Register(self, hmc.all_resources, met)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is changed inside will be told by `take`; an exception undoes it."""
        with self._noting() as notes:
            yield
        if self._open:
            self._open[-1].absorb(notes)
        else:
            self._told += _changes(notes)

    @contextmanager
    def rehearsal(self) -> Iterator[Plan]:
        """What is changed inside is undone at the end, and can be done later by the plan."""
        plan = Plan()
        with self._noting() as notes:
            yield plan
            plan.steps = _steps(notes)
            self._undo(notes)

    @contextmanager
    def _noting(self) -> Iterator[_Notes]:
        notes = _Notes()
        self._open.append(notes)
        try:
            yield notes
        except BaseException:
            self._undo(notes)
            raise
        finally:
            self._open.remove(notes)

    def _undo(self, notes: _Notes) -> None:
        self._quiet = True
        try:
            notes.undo()
        finally:
            self._quiet = False

    def tell(self, change: Change) -> None:
        """Add a change that is none of the model's, after those that were noted so far."""
        self._told.append(change)

    def take(self) -> list[Change]:
        """What happened since the last call, in its order."""
        told, self._told = self._told, []
        return told

    # What dictionaries and the register call

    def note(self, resource: Any, key: str, old: object) -> None:
        """A property is about to change, or might."""
        if self._open and not self._quiet:
            place = id(resource), key
            noted = self._open[-1].old
            if place not in noted:
                noted[place] = resource, copy.deepcopy(old) if isinstance(old, _MUTABLE) else old

    def moved(self, resource: Any, added: bool) -> None:
        """A resource came or went."""
        if self._open and not self._quiet:
            self._open[-1].moves.append((resource, added))


def _changes(notes: _Notes) -> Iterator[Change]:
    moved = {id(resource) for resource, _ in notes.moves}
    changed: dict[int, tuple[Any, dict[str, tuple[object, object]]]] = {}
    for resource, key, old, new in notes.touched():
        if id(resource) not in moved and key not in SECRET_FIELDS:
            changed.setdefault(id(resource), (resource, {}))[1][key] = _shown(old), _shown(new)
    for resource, properties in changed.values():
        subject = subject_of(resource)
        if _TOLD_AS_STATUS in properties:
            before, after = properties.pop(_TOLD_AS_STATUS)
            yield StatusChange(subject=subject, old=str(before), new=str(after))
        if properties:
            yield PropertyChange(subject=subject, properties=properties)
    # Last, so that an owner's list of its elements has the new one when that is told: zhmcclient's AutoUpdater looks
    # for it there at once, and never again.
    for resource, added in notes.moves:
        subject = subject_of(resource)
        if subject.kind:  # a metrics context is no object, and nobody else's business
            yield InventoryChange(subject=subject, added=added)


def _steps(notes: _Notes) -> list[Callable[[], None]]:
    steps: list[Callable[[], None]] = [_mover(resource, added) for resource, added in notes.moves]
    for resource, key, _, new in notes.touched():
        steps.append(_setter(resource, key, copy.deepcopy(new) if isinstance(new, _MUTABLE) else new))
    return steps


class Plan:
    """What a rehearsal would have changed."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self.steps)

    def carry_out(self) -> None:
        """Change it now, inside of a transaction; resources that are gone meanwhile stay gone."""
        for step in self.steps:
            step()
        self.steps = []


class TrackedProperties(dict[str, Any]):
    """A resource's properties. A copy of it is a plain dictionary."""

    __slots__ = ("_journal", "_resource", "number")

    def __init__(self, journal: Journal, resource: Any) -> None:
        super().__init__(resource.properties)
        self._journal = journal
        self._resource = resource
        self.number = next(_NUMBERS)
        """Resources are listed in the order in which they came."""

    def peek(self, key: str) -> object:
        """The value as it is now, or the mark of an absent one."""
        return dict.get(self, key, _ABSENT)

    def put_back(self, key: str, value: object) -> None:
        """Set, or take away, without a note."""
        if value is _ABSENT:
            dict.pop(self, key, None)
        else:
            dict.__setitem__(self, key, value)

    def _note(self, key: str) -> None:
        self._journal.note(self._resource, key, dict.get(self, key, _ABSENT))

    def __getitem__(self, key: str) -> Any:
        value = dict.__getitem__(self, key)
        if isinstance(value, _MUTABLE):
            self._note(key)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """As in a dictionary."""
        return self[key] if key in self else default  # noqa: SIM401 - this is what get does here

    def __setitem__(self, key: str, value: Any) -> None:
        self._note(key)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: str) -> None:
        self._note(key)
        dict.__delitem__(self, key)

    def update(self, *others: Any, **more: Any) -> None:
        """As in a dictionary."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As in a dictionary."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """As in a dictionary."""
        self._note(key)
        return dict.pop(self, key, *default)

    def clear(self) -> None:
        """As in a dictionary."""
        for key in list(self):
            del self[key]

    def copy(self) -> dict[str, Any]:
        """A plain dictionary, of the same values."""
        return dict(self)

    def __deepcopy__(self, memo: dict[int, object]) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)


class Register(dict[str, Any]):
    """All resources of an HMC by their URI; each one that comes is adopted, and none takes another one's place."""

    def __init__(self, journal: Journal, resources: dict[str, Any], met: Callable[[Any], None]) -> None:
        super().__init__(resources)
        self._journal = journal
        self._met = met

    def __setitem__(self, uri: str, resource: Any) -> None:
        there = self.get(uri, resource)
        if there is not resource:
            _put_back(there, resource)
            raise InputError(f"There is a resource with the URI {uri} already.")
        if not isinstance(resource.properties, TrackedProperties):
            resource._properties = TrackedProperties(self._journal, resource)
            self._met(resource)
        super().__setitem__(uri, resource)
        self._journal.moved(resource, added=True)

    def __delitem__(self, uri: str) -> None:
        resource = self[uri]
        super().__delitem__(uri)
        self._journal.moved(resource, added=False)


def _put_back(resource: Any, intruder: Any) -> None:
    """The mock model has put a new one into its own list of the same kind before it asks whether it may."""
    del intruder.manager._resources[intruder.oid]
    resource.manager._resources[resource.oid] = resource
    _sort(resource.manager)


def subject_of(resource: Any) -> Subject:
    """A resource as notifications speak of it."""
    properties = resource.properties
    return Subject(
        uri=resource.uri,
        kind=str(properties.get("class") or ""),
        name=str(properties.get("name") or ""),
        is_element=bool(resource.manager) and resource.manager.uri_prop == "element-uri",
    )


def _shown(value: object) -> object:
    return None if value is _ABSENT else value


def _is_there(resource: Any) -> bool:
    return resource.manager.hmc.all_resources.get(resource.uri) is resource


def _setter(resource: Any, key: str, value: object) -> Callable[[], None]:
    def step() -> None:
        if not _is_there(resource):
            return
        if value is _ABSENT:
            resource.properties.pop(key, None)
        else:
            resource.properties[key] = value

    return step


def _mover(resource: Any, added: bool) -> Callable[[], None]:
    def step() -> None:
        if _is_there(resource) is not added:
            _move(resource, added)

    return step


def _move(resource: Any, added: bool) -> None:
    manager = resource.manager
    if added:
        manager._resources[resource.oid] = resource
        _sort(manager)
        manager.hmc.all_resources[resource.uri] = resource
    else:
        del manager._resources[resource.oid]
        del manager.hmc.all_resources[resource.uri]


def _sort(manager: Any) -> None:
    siblings = sorted(manager._resources.values(), key=lambda sibling: sibling.properties.number)
    manager._resources = {sibling.oid: sibling for sibling in siblings}

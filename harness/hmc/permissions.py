"""What a user of the inventory may see and do, by the permissions of his roles.

Users of `HmcSettings.users` may do everything. So may those of the inventory that have no role at all: such
inventories are about other things. Who is deleted may do nothing any more, also in the rest of what he has asked for.
The others see the objects to which a role gives them access, and no others (404,1; 404,2 for what a body names); an
operation that needs a task needs a role with that task (403,1), and what the table of tasks does not know is denied.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from harness.hmc import metrics
from harness.hmc.errors import HmcError, unknown_uri
from harness.hmc.exchange import Call
from harness.hmc.model import Model
from harness.hmc.task_table import MANAGE_USERS, RELATED
from harness.hmc.tasks import enough, is_enough_to_view, needs, normal

_OBJECTS = frozenset(
    {"cpc", "partition", "logical-partition", "adapter", "virtual-switch", "storage-group", "storage-template",
     "tape-link", "tape-library", "partition-link", "certificate", "group"}
)  # fmt: skip
"""Classes that a permission is about; everything else belongs to the console, and is for all, but for `RELATED`."""

_NAMED_OTHERWISE = {"custom-group": "group"}
"""Classes as permissions call them, where the objects call them otherwise."""

_OWN_FIELDS = frozenset({"password", "default-group-uri"})
"""What every user may change of himself."""

_NOBODY = SimpleNamespace(uri="", properties={})
"""A user who is gone."""


class Permissions:
    """Decides for one user, as his roles are now."""

    def __init__(self, model: Model, user: Any, roles: list[Mapping[str, Any]]) -> None:
        self._model = model
        self._user = user
        self._given = [permission for role in roles for permission in role.get("permissions") or ()]

    @classmethod
    def of(cls, model: Model, uri: str | None) -> Permissions | None:
        """Those of the user of this URI; None if he may do everything, as he may who has none."""
        if uri is None:
            return None
        user = model.hmc.all_resources.get(uri)
        if user is None:
            return cls(model, _NOBODY, [])
        uris = user.properties.get("user-roles")
        if not uris:
            return None
        found = (model.hmc.all_resources.get(uri) for uri in uris)
        return cls(model, user, [role.properties for role in found if role])

    def check(self, call: Call) -> None:
        """Whether this request, of an operation that there is, may be carried out at all.

        Raises:
            HmcError: 404,1 the object is none for this user; 403,1 he lacks a task; 404,2 the body names an object that
                is none for him.
        """
        if self._user is _NOBODY:
            raise HmcError(403, 1, "The user is not authorized: he was deleted.")
        if not self.sees(call.path):
            raise unknown_uri(call.path)
        if self._is_about_himself(call):
            return
        tasks = set(self._tasks(to_view=is_enough_to_view(call.method, call.path)))
        for need in needs(call.method, call.path, call.body):
            need = self._for_users(call) if need == MANAGE_USERS else need  # noqa: PLW2901 - the same, more exactly
            if not enough(need, tasks):
                raise HmcError(403, 1, f"The user is not authorized: the operation needs {_told(need)}.")
        for uri in _uris(call.body):
            if not self._sees_object(uri):
                raise HmcError(404, 2, f"The request names an object that is not there: {uri}")

    def _is_about_himself(self, call: Call) -> bool:
        return (
            (call.method, call.path) == ("POST", self._user.uri)
            and isinstance(call.body, Mapping)
            and _OWN_FIELDS.issuperset(call.body)
        )

    def _for_users(self, call: Call) -> str:
        """Which of the two tasks about users it is."""
        user = self._object(call.path)
        body = call.body if isinstance(call.body, Mapping) else {}
        kind = user.properties.get("type") if user else body.get("type")
        return "Manage User Templates" if kind == "template" else "Manage Users"

    def sees(self, uri: str) -> bool:
        """Whether the object at this URI, or the one that it belongs to, is one for this user."""
        resource = self._object(uri)
        kind = resource.properties.get("class") if resource else None
        if kind in RELATED:
            return resource.uri in self._own() or enough(RELATED[kind], self._tasks(to_view=True))
        return self._sees_object(uri)

    def sees_subject(self, uri: str, kind: str) -> bool:
        """Whether this user may learn of an object of this class; it may be gone."""
        if self._user is _NOBODY:
            return False
        if self._object(uri) is not None:
            return self.sees(uri)
        if kind in RELATED:
            return uri in self._own() or enough(RELATED[kind], self._tasks(to_view=True))
        gone = SimpleNamespace(uri=uri)
        return kind not in _OBJECTS or any(self._covers(permission, gone, kind) for permission in self._given)

    def has_task(self, name: str) -> bool:
        """Whether a role gives this task, be it to view only."""
        return enough(name, self._tasks(to_view=True))

    def _sees_object(self, uri: str) -> bool:
        resource = self._object(uri)
        kind = resource.properties.get("class") if resource else None
        if kind not in _OBJECTS:
            return True
        if any(self._covers(permission, resource, str(kind)) for permission in self._given):
            return True
        adapter = resource.properties.get("backing-adapter-uri") if kind == "virtual-switch" else None
        return isinstance(adapter, str) and adapter != uri and self._sees_object(adapter)

    def _own(self) -> set[str]:
        """The user himself, and what his properties name."""
        return {self._user.uri, *_uris(dict(self._user.properties))}

    def _covers(self, permission: Mapping[str, Any], resource: Any, kind: str) -> bool:
        what = permission.get("permitted-object")
        match permission.get("permitted-object-type"):
            case "object-class":
                return bool(_NAMED_OTHERWISE.get(str(what), what) == kind)
            case "object":
                return what == resource.uri or bool(
                    permission.get("include-members") and resource.uri in self._members(str(what))
                )
            case _:
                return False

    def _members(self, uri: str) -> list[str]:
        group = self._model.hmc.all_resources.get(uri)
        return list(dict(group.properties).get("members") or ()) if group else []

    def _object(self, uri: str) -> Any:
        """The object that a URI is about; elements of the console are objects as these are."""
        segments = uri.split("/")
        return self._model.hmc.all_resources.get("/".join(segments[: 5 if segments[2:3] == ["console"] else 4]))

    def _tasks(self, *, to_view: bool) -> Iterator[str]:
        """Normal names of the tasks that the roles give, with those that they give only `to_view` or without."""
        for permission in self._given:
            task = self._model.hmc.all_resources.get(permission.get("permitted-object"))
            if task is not None and task.properties.get("class") == "task":
                can_be_viewed = task.properties.get("view-only-mode-supported")
                if to_view or not (can_be_viewed and permission.get("view-only-mode")):
                    yield normal(str(task.properties.get("name")))
            elif permission.get("permitted-object-type") == "task":
                yield normal(str(permission.get("permitted-object")))

    def only_seen(self, body: object) -> Generator[None, None, object]:
        """An answer, with the objects that this user may not see left out of its lists; metrics are the one text."""
        if isinstance(body, str):
            return metrics.only_seen(body, self.sees)
        if isinstance(body, dict):
            seen = {}
            for key, value in body.items():
                seen[key] = (yield from self._seen(value)) if isinstance(value, list) else value
            return seen
        return (yield from self._seen(body)) if isinstance(body, list) else body

    def _seen(self, items: list[Any]) -> Generator[None, None, list[Any]]:
        """A list can be of ten thousands, so others may have their turn after each item."""
        seen = []
        for item in items:
            if self._sees_item(item):
                seen.append(item)
            yield
        return seen

    def _sees_item(self, item: object) -> bool:
        if not isinstance(item, dict):
            return True
        uri = item.get("object-uri") or item.get("element-uri")
        return not isinstance(uri, str) or self.sees(uri)


def _uris(value: object) -> Iterator[str]:
    """All texts in it that can be URIs."""
    if isinstance(value, str):
        if value.startswith("/api/"):
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _uris(item)
    elif isinstance(value, list):
        for item in value:
            yield from _uris(item)


def _told(need: str) -> str:
    if not need:
        return "a task that no role has"
    return f"the task {need.replace(' | ', ' or ').replace(' & ', ' and ')}"

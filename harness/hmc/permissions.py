"""What a user of the inventory may see and do, by the permissions of his roles.

Users of `HmcSettings.users` may do everything. So may those of the inventory that have no role at all: such inventories
are about other things. The others see the objects to which a role gives them access, and no others (404,1); an
operation that needs a task needs a role with that task (403,1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.hmc.accounts import user_of
from harness.hmc.errors import HmcError, unknown_uri
from harness.hmc.model import Model

_OBJECTS = frozenset(
    {"cpc", "partition", "logical-partition", "adapter", "virtual-switch", "storage-group", "storage-template",
     "tape-link", "tape-library", "partition-link", "certificate", "custom-group"}
)  # fmt: skip
"""Classes that a permission is about; everything else belongs to the console, and is for all."""

_TASKS = {
    "start": {"partitions": "Start Partition", "logical-partitions": "Start", "cpcs": "Start System"},
    "stop": {"partitions": "Stop Partition", "logical-partitions": "Stop", "cpcs": "Stop System"},
    "activate": {"logical-partitions": "Activate", "cpcs": "Activate"},
    "deactivate": {"logical-partitions": "Deactivate", "cpcs": "Deactivate"},
    "load": {"logical-partitions": "Load"},
    "reset-clear": {"logical-partitions": "Reset Clear"},
    "reset-normal": {"logical-partitions": "Reset Normal"},
    "attach-storage-group": {"partitions": "Partition Details"},
    "detach-storage-group": {"partitions": "Partition Details"},
    "restart": {"console": "Shutdown/Restart"},
    "shutdown": {"console": "Shutdown/Restart"},
    "get-audit-log": {"console": "Audit and Log Management"},
    "get-security-log": {"console": "View Security Logs"},
}
"""Name of the task that an operation needs, by the operation's last word and the kind of its object."""


class Permissions:
    """Decides for one user, as his roles are now."""

    def __init__(self, model: Model, roles: list[Mapping[str, Any]]) -> None:
        self._model = model
        self._given = [permission for role in roles for permission in role.get("permissions") or ()]

    @classmethod
    def of(cls, model: Model, name: str) -> Permissions | None:
        """Those of this user; None if he may do everything."""
        user = user_of(model, name)
        uris = user.properties.get("user-roles") if user else None
        if not uris:
            return None
        found = (model.hmc.all_resources.get(uri) for uri in uris)
        return cls(model, [role.properties for role in found if role])

    def check(self, path: str) -> None:
        """Whether this request may be carried out at all.

        Raises:
            HmcError: 404,1 the object is none for this user; 403,1 he lacks the task.
        """
        if not self.sees(path):
            raise unknown_uri(path)
        task = _task_of(path)
        if task and task not in self._tasks():
            raise HmcError(403, 1, f"The user is not authorized for the task {task!r}.")

    def sees(self, uri: str) -> bool:
        """Whether the object at this URI, or the one that it belongs to, is one for this user."""
        resource = self._object(uri)
        kind = resource.properties.get("class") if resource else None
        if kind not in _OBJECTS:
            return True
        return any(self._covers(permission, resource, str(kind)) for permission in self._given)

    def _covers(self, permission: Mapping[str, Any], resource: Any, kind: str) -> bool:
        what = permission.get("permitted-object")
        match permission.get("permitted-object-type"):
            case "object-class":
                return bool(what == kind)
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
        return self._model.hmc.all_resources.get("/".join(uri.split("/")[:4]))

    def _tasks(self) -> Iterator[str]:
        for permission in self._given:
            task = self._model.hmc.all_resources.get(permission.get("permitted-object"))
            if permission.get("permitted-object-type") == "task":
                yield str(dict(task.properties).get("name") if task else permission.get("permitted-object"))

    def only_seen(self, body: object) -> object:
        """An answer, with the objects that this user may not see left out of its lists."""
        if isinstance(body, dict):
            return {key: self._seen(value) if isinstance(value, list) else value for key, value in body.items()}
        return self._seen(body) if isinstance(body, list) else body

    def _seen(self, items: list[Any]) -> list[Any]:
        return [
            item
            for item in items
            if not isinstance(item, dict) or "object-uri" not in item or self.sees(str(item["object-uri"]))
        ]


def _task_of(path: str) -> str | None:
    before, operation, name = path.partition("/operations/")
    if not operation:
        return None
    return _TASKS.get(name, {}).get(before.split("/")[2])

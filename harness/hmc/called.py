"""Which operations of the HMC's API zhmcclient calls: read from its sources, so that none is forgotten.

Each request of the library is a call ``session.get/post/delete(URI expression)``. The expressions are few enough to be
turned into path templates by replacing the library's own names for resources (`_NAMES`); whatever is left over is an
error, so that a new release of zhmcclient with a new way to say it is noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import zhmcclient

from harness.errors import BadInput

_OBJECTS = {
    "_activation_profile": "/api/cpcs/*/image-activation-profiles/*",
    "_adapter": "/api/adapters/*",
    "_capacity_group": "/api/cpcs/*/capacity-groups/*",
    "_certificates": "/api/certificates/*",
    "_console": "/api/console",
    "_cpc": "/api/cpcs/*",
    "_group": "/api/groups/*",
    "_hba": "/api/partitions/*/hbas/*",
    "_hw_message": "/api/cpcs/*/hardware-messages/*",
    "_ldap_server_definition": "/api/console/ldap-server-definitions/*",
    "_lpar": "/api/logical-partitions/*",
    "_metrics": "/api/services/metrics/context/*",
    "_mfa_server_definition": "/api/console/mfa-server-definitions/*",
    "_nic": "/api/partitions/*/nics/*",
    "_partition": "/api/partitions/*",
    "_partition_link": "/api/partition-links/*",
    "_password_rule": "/api/console/password-rules/*",
    "_port": "/api/adapters/*/storage-ports/*",
    "_session": "/api/jobs/*",
    "_sso_server_definition": "/api/console/sso-server-definitions/*",
    "_storage_group": "/api/storage-groups/*",
    "_storage_group_template": "/api/storage-templates/*",
    "_storage_volume": "/api/storage-groups/*/storage-volumes/*",
    "_storage_volume_template": "/api/storage-templates/*/storage-template-volumes/*",
    "_tape_library": "/api/tape-libraries/*",
    "_tape_link": "/api/tape-links/*",
    "_task": "/api/console/tasks/*",
    "_unmanaged_cpc": "/api/console/operations/list-unmanaged-cpcs/*",
    "_user": "/api/users/*",
    "_user_pattern": "/api/console/user-patterns/*",
    "_user_role": "/api/user-roles/*",
    "_virtual_function": "/api/partitions/*/virtual-functions/*",
    "_virtual_storage_resource": "/api/storage-groups/*/virtual-storage-resources/*",
    "_virtual_switch": "/api/virtual-switches/*",
    "_virtual_tape_resource": "/api/tape-links/*/virtual-tape-resources/*",
}
"""Template of the resource that each module is about."""

_NO_PROPERTIES = frozenset({"_metrics", "_session", "_unmanaged_cpc"})
"""Modules whose resource is not read by Get Properties."""

_NAMES = {
    "self.cpc.uri": "/api/cpcs/*",
    "cpc.uri": "/api/cpcs/*",
    "self.partition.uri": "/api/partitions/*",
    "partition_link.uri": "/api/partition-links/*",
    "self.console.uri": "/api/console",
    "self.manager.storage_group.uri": "/api/storage-groups/*",
    "self.storage_group.uri": "/api/storage-groups/*",
    "self.manager.storage_group_template.uri": "/api/storage-templates/*",
    "self.storage_group_template.uri": "/api/storage-templates/*",
    "self.storage_group.manager.uri": "/api/storage-groups/*",
    "self.tape_link.uri": "/api/tape-links/*",
    "self.adapter.uri": "/api/adapters/*",
    "self.parent.uri": "/api/console",
    "ap_selector": "image-activation-profiles",
    "result_prop": "image-activation-profiles",
    "self._profile_type": "image",
}
_ALIKE = {
    "/api/cpcs/*/image-activation-profiles": (
        "/api/cpcs/*/reset-activation-profiles",
        "/api/cpcs/*/load-activation-profiles",
    ),
    "/api/adapters/*/storage-ports": ("/api/adapters/*/network-ports",),
    "/api/cpcs/*/hardware-messages": ("/api/console/hardware-messages",),
}
"""Resources that one module of the library is about, too."""

_QUERIES = ("query_parms_str", "query_str", "query_parms")
_ELSEWHERE = frozenset(
    {
        ("_manager", "_try_optimized_lookup"),
        ("_manager", "_list_with_operation"),
        ("_metrics", "resource"),
        ("_nic", "backing_port"),
        ("_resource", "pull_full_properties"),
        ("_resource", "pull_properties"),
    }
)
"""Functions that read what others name: their URIs are those of the resources above."""


@dataclass(frozen=True, slots=True, order=True)
class Called:
    """An operation that zhmcclient calls."""

    path: str
    """Template; a ``*`` stands for one segment."""
    method: str
    by: str
    """The library's function."""
    is_job: bool = False
    """The library waits for a job's completion."""


def operations_called() -> list[Called]:
    """All of them, once for each method and path, in the order of the paths.

    Raises:
        BadInput: zhmcclient has a URI expression that is not understood.
    """
    found: dict[tuple[str, str], Called] = {}
    for file in sorted(Path(zhmcclient.__file__).parent.glob("_*.py")):
        for called in _in_module(file):
            for path in _alike(called.path):
                found.setdefault((called.method, path), replace(called, path=path))
    return sorted(found.values())


def _alike(path: str) -> Iterator[str]:
    yield path
    for begin, others in _ALIKE.items():
        if path.startswith(begin) and not path.endswith("-certificate"):
            for other in others:
                yield other + path.removeprefix(begin)


def _in_module(file: Path) -> Iterator[Called]:
    module = file.stem
    if module in _OBJECTS and module not in _NO_PROPERTIES:
        yield Called(_OBJECTS[module], "GET", f"{module[1:]}: properties")
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (module, node.name) not in _ELSEWHERE:
            yield from _in_function(module, node)


def _in_function(module: str, function: ast.FunctionDef) -> Iterator[Called]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        whose, name = ast.unparse(node.func.value), node.func.attr
        uri = _uri_argument(node)
        is_request = name in ("get", "post", "delete") and whose.rpartition(".")[2] in ("session", "_session")
        if module == "_session" and whose == "self" and name in ("get", "post", "delete"):
            is_request = True
        if name == "_list_with_operation":
            is_request, name = True, "get"
        if not is_request or uri is None:
            continue
        for path in _templates(module, function, uri):
            is_job = any(keyword.arg == "wait_for_completion" for keyword in node.keywords)
            yield Called(path, name.upper(), f"{module[1:]}: {function.name}", is_job)


def _uri_argument(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "uri":
            return keyword.value
    return call.args[0] if call.args else None


def _templates(module: str, function: ast.FunctionDef, uri: ast.expr) -> Iterator[str]:
    if not isinstance(uri, ast.Name):
        yield from _filled(module, function, uri)
        return
    assigned = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == uri.id for to in node.targets)
    ]
    for value in assigned:
        if not any(isinstance(part, ast.Name) and part.id == uri.id for part in ast.walk(value)):
            yield from _filled(module, function, value)


def _filled(module: str, function: ast.FunctionDef, uri: ast.expr) -> Iterator[str]:
    text = _flat(uri)
    for name in _QUERIES:
        text = text.replace(f"{{{name}}}", "")
    own = _OBJECTS.get(module, "")
    names = {**_NAMES, "self.uri": own, "self._uri": own, "obj.uri": "/api/cpcs/*"}
    names["self._base_uri"] = own.removesuffix("/*")
    text = re.sub(r"\{([^}]*)\}", lambda found: names.get(found[1], found[0]), text)
    text = text.partition("?")[0]
    if not re.fullmatch(r"/api(/[a-z0-9*-]+)*", text):
        raise BadInput(f"zhmcclient, {module}.py, {function.name}: the URI {text!r} is not understood; see called.py")
    yield text


def _flat(uri: ast.expr) -> str:
    """A URI expression as one text, with names in braces."""
    match uri:
        case ast.Constant(value=value):
            return str(value)
        case ast.BinOp(left=left, right=right):
            return _flat(left) + _flat(right)
        case ast.JoinedStr(values=values):
            return "".join(_flat(value) for value in values)
        case ast.FormattedValue(value=value):
            return _flat(value)
        case _:
            return f"{{{ast.unparse(uri)}}}"

"""What several operations need to read a request: fields of a body, query parameters, resources that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from harness.hmc.errors import HmcError
from harness.hmc.exchange import Call
from harness.hmc.filters import Filter
from harness.hmc.operations.operation import Console

T = TypeVar("T")
_NAMES: dict[type, str] = {str: "a string", bool: "a boolean", int: "an integer", list: "an array", dict: "an object"}

_GIVEN = frozenset({"object-id", "object-uri", "element-id", "element-uri", "class", "parent"})
"""Properties that the HMC gives; the mock model would take them from a client."""
_NUMBER_DIGITS = 19
"""Of a query parameter: as many as the widest integer of the API, of 64 bits, has. Python refuses to read thousands."""
KEPT = frozenset(
    {"nic-uris", "hba-uris", "virtual-function-uris", "storage-group-uris", "tape-link-uris", "partition-link-uris",
     "storage-volume-uris", "storage-template-volume-uris", "network-port-uris", "storage-port-uris",
     "virtual-storage-resource-uris", "connected-vnic-uris", "ec-mcl-description"}
)  # fmt: skip
"""Properties that the HMC keeps about a resource and works with; no client writes them."""
_VOLUMES = ("storage-volumes", "storage-template-volumes")
"""Volumes that are created, or changed (then an element-uri names one), together with their group or template."""


def body_of(call: Call) -> dict[str, Any]:
    """The request's body.

    Raises:
        HmcError: 400,3: there is none.
    """
    if not isinstance(call.body, dict):
        raise HmcError(400, 3, "Missing request body")
    return call.body


def optional_body(call: Call) -> dict[str, Any]:
    """The request's body, empty where there is none."""
    return call.body if isinstance(call.body, dict) else {}


def field(body: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A required field of a body.

    Raises:
        HmcError: 400,5 it is missing; 400,7 it is of another type.
    """
    if name not in body:
        raise HmcError(400, 5, f"Missing required field in request body: {name}")
    return _checked(body[name], name, kind)


def optional(body: Mapping[str, Any], name: str, kind: type[T], default: T) -> T:
    """A field of a body that need not be there.

    Raises:
        HmcError: 400,7: it is of another type.
    """
    return _checked(body[name], name, kind) if name in body else default


def _checked(value: object, name: str, kind: type[T]) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise HmcError(400, 7, f"The field {name} of the request body is not {_NAMES[kind]}.")
    return value


def refuse_given(body: object) -> None:
    """A client gives nothing an identity, or it could take another one's; volumes of a storage group neither.

    Raises:
        HmcError: 400,6: the body of a create or an update tries to.
    """
    if not isinstance(body, dict):
        return
    _refuse_names((_GIVEN | KEPT) & body.keys())
    for volumes in map(body.get, _VOLUMES):
        for volume in volumes if isinstance(volumes, list) else []:
            if isinstance(volume, dict):
                _refuse_names((_GIVEN - {"element-uri"}) & volume.keys())


def _refuse_names(names: Iterable[str]) -> None:
    if names := sorted(names):
        raise HmcError(400, 6, f"Property is not writable: {', '.join(names)}")


def one_of(body: Mapping[str, Any], name: str, words: Iterable[str], default: str | None = None) -> str:
    """A field that is one of these words.

    Raises:
        HmcError: 400,5 it is missing and has no default; 400,7 it is another word.
    """
    words = tuple(words)
    word = field(body, name, str) if default is None else optional(body, name, str, default)
    if word not in words:
        raise HmcError(400, 7, f"The field {name} of the request body is none of {', '.join(words)}.")
    return word


def target(console: Console, call: Call) -> Any:
    """The resource that an operation is for: what stands before ``/operations/`` in its path.

    Raises:
        HmcError: 404,1: there is none.
    """
    return console.model.resource(call.path.partition("/operations/")[0])


def named(console: Console, body: Mapping[str, Any], name: str, kind: str) -> Any:
    """The resource whose URI is in a field of the body, of this class.

    Raises:
        HmcError: 400,5 or 400,7: no such field; 404,2: no such resource.
    """
    return found(console, field(body, name, str), kind)


def found(console: Console, uri: str, kind: str) -> Any:
    """The resource of this URI, named by a request's body.

    Raises:
        HmcError: 404,2: there is none of this class.
    """
    resource = console.model.hmc.all_resources.get(uri)
    if resource is None or resource.properties.get("class") != kind:  # unmanaged CPCs and metrics contexts have none
        raise HmcError(404, 2, f"The request names a {kind} that is not there: {uri}")
    return resource


def matching(resources: Iterable[Any], query: Mapping[str, str], known: Iterable[str]) -> list[Any]:
    """The resources that a list's query parameters let pass: regular expressions, as in all lists of an HMC.

    Raises:
        HmcError: 400,1 a parameter that is not known; 400,14 no regular expression.
    """
    wanted = {name: Filter(name, text) for name, text in query.items() if name != "additional-properties"}
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise HmcError(400, 1, f"Unrecognized or unsupported query parameters: {', '.join(unknown)}")
    return [
        resource
        for resource in resources
        if all(one.matches(str(resource.properties.get(name, ""))) for name, one in wanted.items())
    ]


def number(query: Mapping[str, str], name: str, default: T, reason: int = 14) -> int | T:
    """A query parameter that is a number from 0 on; the default where it is not there.

    Raises:
        HmcError: 400 with this reason: it is no such number, or is longer than 64 bits can be.
    """
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS):
        raise HmcError(400, reason, f"The query parameter {name} is no number: {text[: 2 * _NUMBER_DIGITS]}")
    return int(text)


def shown(resource: Any, names: Iterable[str], query: Mapping[str, str]) -> dict[str, Any]:
    """A resource as a list shows it: these properties, and the additional ones that were asked for."""
    more = [name for name in query.get("additional-properties", "").split(",") if name]
    return {name: resource.properties.get(name) for name in (*names, *more)}

"""Where an element of an inventory stands in its file: what is found wrong with it is told with its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from zhmcclient.mock._hmc import InputError  # the mock's __init__ does not export it

from harness.errors import BadInput

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FORMAT = "see zhmcclient's documentation, 'Mock support', or start from a file in scenarios/inventories/"

NAMED = frozenset({"cpcs", "adapters", "lpars", "partitions", "nics", "virtual_switches", "users", "user_roles"})
"""Kinds of resources whose names clients, or this HMC, look for."""


class Misfit(Exception):
    """Something in a definition that no model can be made of."""

    def __init__(self, says: str, *steps: str | int) -> None:
        super().__init__(says)
        self.steps: list[str | int] = list(steps)
        """Keys and indices that lead to it, from where it was found; each owner on the way out adds its own."""


def fill(owner: Any, kind: str, resources: Iterable[dict[str, Any]]) -> None:
    """Add resources, with all that is in them, to their owner in the mock model.

    Raises:
        Misfit: one of them is none.
    """
    manager = getattr(owner, kind, None)
    if manager is None:
        return  # the adapter is of a family that has no ports
    for index, resource in enumerate(resources):
        try:
            added = _added(manager, kind, resource["properties"])
            for inner, those in resource.items():
                if inner != "properties":
                    fill(added, inner, those)
        except Misfit as misfit:
            misfit.steps[:0] = (kind, index)
            raise
        except KeyError as error:
            raise Misfit(f"{error} is missing; add it", kind, index, "properties") from error
        except (InputError, AttributeError, TypeError, ValueError) as error:
            raise Misfit(str(error), kind, index, "properties") from error


def _added(manager: Any, kind: str, properties: dict[str, Any]) -> Any:
    for name in ("name", manager.oid_prop, manager.uri_prop):
        check_text(properties, name)
    added = manager.add(properties)
    if kind in NAMED and "name" not in added.properties:
        raise missing(manager.class_value, "name")
    return added


def check_text(properties: dict[str, Any], name: str) -> None:
    """Refuse a property that is there and no text.

    Raises:
        Misfit: with the steps from its resource on.
    """
    value = properties.get(name, "")
    if not isinstance(value, str):
        raise Misfit(f"{name!r} has to be text, not {value!r}; put it in quotes", "properties", name)


def missing(kind: str, name: str) -> Misfit:
    """What is said of a resource of this kind (``partition``) without such a property."""
    return Misfit(f"this {kind} lacks the property {name!r}; add it, as in '{name}: ...'", "properties")


def misplaced(path: Path, steps: Iterable[str | int], says: str, *key: str) -> BadInput:
    """What is said of an element of a file that is good YAML, or of a key in it that is too much."""
    steps = list(steps)
    line, column = place_of(path.read_text(encoding="utf-8"), [*steps, *key])
    return BadInput(f"{path}:{line}:{column}: {'.'.join(map(str, steps)) or 'the definition'}: {says}; {FORMAT}")


def place_of(text: str, path: Iterable[str | int]) -> tuple[int, int]:
    """Line and column, both from 1, of the element at the end of a path, or of the deepest one on the way to it.

    A key of a mapping is the last step's own place, since it is what a person has to change. `text` is good
    YAML or JSON.
    """
    node = _nodes(text)
    if node is None:
        return 1, 1
    mark = node.start_mark
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
        else:
            break
    return mark.line + 1, mark.column + 1


def _nodes(text: str) -> yaml.Node | None:
    """JSON may be indented by tabs, which YAML refuses, and has a word for characters that YAML's C parser lacks."""
    try:
        return yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError:
        return yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)

"""Where an element of an inventory stands in its file: what a check of the whole found wrong is told with its place."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def place_of(text: str, path: Iterable[str | int]) -> tuple[int, int]:
    """Line and column, both from 1, of the element at the end of a path, or of the deepest one on the way to it.

    A key of a mapping is the last step's own place, since it is what a person has to change. `text` is good YAML.
    """
    node = yaml.compose(text, Loader=LOADER)
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

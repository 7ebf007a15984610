"""Writes an inventory to a file: as JSON where its name says so, which loads a hundred times faster, else as YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from harness.errors import BadInput


def write(definition: dict[str, Any], path: Path) -> None:
    """Write an inventory, over what was there.

    Raises:
        BadInput: the file cannot be written.
    """
    try:
        path.write_text(as_text(definition, as_json=path.suffix == ".json"), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: the inventory cannot be written: {error.strerror}") from error


def as_text(definition: dict[str, Any], *, as_json: bool) -> str:
    """An inventory as text; both are what `Inventory.load` reads."""
    if as_json:
        return json.dumps(definition, indent=1) + "\n"
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the C one, where PyYAML was built with it
    return str(yaml.dump(definition, Dumper=dumper, sort_keys=False, allow_unicode=True))

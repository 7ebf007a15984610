"""The HiperSockets adapter of a partition link: it comes and goes with the link."""

from __future__ import annotations

from typing import Any

from harness.hmc.operations.operation import Console

ADAPTER = "adapter-uri"


def new_adapter(console: Console, cpc: Any, name: str) -> str:
    """Make one for a link of this name; its URI."""
    made = console.model.carry_out("POST", f"{cpc.uri}/adapters", {"name": name, "description": ""})
    assert isinstance(made, dict)  # noqa: S101 - the mock model's type, which mypy cannot know
    return str(made["object-uri"])


def remove_adapter(console: Console, link: Any) -> None:
    """Remove a link's adapter, with its ports and its virtual switch."""
    adapter = console.model.hmc.all_resources.get(link.properties.get(ADAPTER))
    if adapter is None:
        return
    switches = adapter.manager.parent.virtual_switches.list({"backing-adapter-uri": adapter.uri})
    for item in (*switches, *adapter.ports.list(), adapter):
        item.manager.remove(item.oid)

"""Takes what a real HMC has, through zhmcclient, so that it can be played without that HMC, and without its names."""

from __future__ import annotations

from typing import Any

import zhmcclient

from harness.errors import BadInput
from harness.hmc.inventories.anonymous import Anonymiser


def record(session: zhmcclient.Session, *, anonymous: bool = True) -> dict[str, Any]:
    """The inventory of the HMC that this session speaks to; only reads, apart from a metrics context that it deletes.

    Raises:
        BadInput: the HMC cannot be reached, refuses the logon, or refuses to show something.
    """
    try:
        definition = zhmcclient.Client(session).to_hmc_dict()
    except zhmcclient.Error as error:
        raise BadInput(f"{session.host}: the HMC cannot be recorded: {error}") from error
    definition = {"hmc_definition": _plain(definition["hmc_definition"])}
    return Anonymiser().of(definition) if anonymous else definition


def _plain(part: Any) -> Any:
    """Plain dictionaries and lists, which can be written; zhmcclient's own are views."""
    if isinstance(part, dict) or hasattr(part, "items"):
        return {str(key): _plain(value) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_plain(item) for item in part]
    return part

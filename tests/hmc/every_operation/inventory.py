"""An HMC that has at least one resource of each kind."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml

from harness.hmc import Inventory
from tests.hmc.conftest import INVENTORIES

_MORE = Path(__file__).with_name("everything.yaml")


def everything() -> Inventory:
    """A CPC in DPM mode, one in classic mode, and whatever else there can be."""
    dpm, classic = (yaml.safe_load((INVENTORIES / name).read_text()) for name in ("two-nics.yaml", "classic.yaml"))
    more = yaml.safe_load(_MORE.read_text())
    definition = dpm["hmc_definition"]
    [cpc] = definition["cpcs"]
    definition["consoles"][0] |= more["console"]
    cpc |= {**more["dpm"], "adapters": cpc["adapters"] + more["dpm"]["adapters"]}
    cpc["properties"] |= more["cpc_properties"]
    cpc["partitions"][0] |= more["partition"]
    definition["cpcs"] += copy.deepcopy(classic["hmc_definition"]["cpcs"])
    return Inventory("everything", dpm)

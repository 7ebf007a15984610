"""The zhmcclient project's CLI, unmodified, does its main job against the mock HMC.

What it says is never the only witness: the HMC is asked for itself. `make agents` installs it.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.hmc import HmcSettings
from tests.contract.hmc_world import PASSWORD, USER, World, hmc_world

pytestmark = pytest.mark.contract

ZHMC = Path(__file__).parents[2] / ".venvs" / "zhmccli" / "bin" / "zhmc"
SECONDS = 60


@dataclass(frozen=True)
class Zhmc:
    """The command, told where this HMC is."""

    world: World
    home: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),  # it looks for saved sessions there
            "ZHMC_HOST": self.world.host,
            "ZHMC_USERID": USER,
            "ZHMC_PASSWORD": PASSWORD,
            "ZHMC_CA_CERTS": self.world.ca_file,
        }
        line = [str(ZHMC), *words]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)

    def does(self, *words: str) -> str:
        """What it says when it succeeds."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def refuses(self, *words: str) -> str:
        """What it says when it does not."""
        done = self.run(*words)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def rows(self, *words: str) -> list[dict[str, str]]:
        """A table that it shows."""
        return list(csv.DictReader(io.StringIO(self.does("-o", "csv", *words))))

    def names(self, *words: str) -> list[str]:
        """The names in a table that it shows."""
        return [row["name"] for row in self.rows(*words)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    # A job that has ended at the client's first look: its next one is 10 s later, whatever the job takes.
    with hmc_world(tmp_path, settings=HmcSettings(users={USER: PASSWORD}, job_seconds=0.0)) as world:
        yield world


@pytest.fixture
def zhmc(world: World, tmp_path: Path) -> Zhmc:
    return Zhmc(world, tmp_path)


def kept(world: World, name: str) -> dict[str, Any] | None:
    """The properties of the resource of this name in the HMC itself; None where there is none."""

    def find() -> dict[str, Any] | None:
        everything = world.hmc.by_hand(lambda console: list(console.model.hmc.all_resources.values()))
        found = [dict(one.properties) for one in everything if one.properties.get("name") == name]
        assert len(found) <= 1
        return found[0] if found else None

    return world.do(find)


def property_of(world: World, name: str, key: str) -> Any:
    properties = kept(world, name)
    assert properties is not None, f"the HMC has no {name}"
    return properties[key]


def test_a_partition_is_made_started_stopped_changed_and_deleted(world: World, zhmc: Zhmc) -> None:
    assert zhmc.names("partition", "list", "cpc-1") == ["part-1", "part-idle"]
    zhmc.does("partition", "create", "cpc-1", "--name", "new", "--ifl-processors", "2", "--initial-memory", "2048")
    assert zhmc.names("partition", "list", "cpc-1") == ["new", "part-1", "part-idle"]
    assert property_of(world, "new", "initial-memory") == 2048

    zhmc.does("partition", "update", "cpc-1", "new", "--description", "made by hand")
    assert property_of(world, "new", "description") == "made by hand"

    zhmc.does("partition", "start", "cpc-1", "new")
    assert property_of(world, "new", "status") == "active"
    zhmc.does("partition", "stop", "cpc-1", "new")
    assert property_of(world, "new", "status") == "stopped"

    zhmc.does("partition", "delete", "cpc-1", "new", "--yes")
    assert kept(world, "new") is None
    assert zhmc.names("partition", "list", "cpc-1") == ["part-1", "part-idle"]


def test_a_nic_is_made_changed_and_deleted(world: World, zhmc: Zhmc) -> None:
    where = ("cpc-1", "part-idle")
    assert zhmc.names("nic", "list", *where) == []
    zhmc.does("nic", "create", *where, "--name", "new", "--adapter", "osa-1", "--port", "1", "--device-number", "9001")
    assert zhmc.names("nic", "list", *where) == ["new"]
    assert property_of(world, "new", "device-number") == "9001"
    assert property_of(world, "new", "virtual-switch-uri").endswith("cccccccc-0000-4000-8000-000000000002")

    zhmc.does("nic", "update", *where, "new", "--device-number", "9002")
    assert property_of(world, "new", "device-number") == "9002"

    zhmc.does("nic", "delete", *where, "new", "--yes")
    assert kept(world, "new") is None
    assert zhmc.names("nic", "list", *where) == []


def test_a_storage_group_is_made_attached_detached_changed_and_deleted(world: World, zhmc: Zhmc) -> None:
    assert zhmc.names("storagegroup", "list") == []
    zhmc.does("storagegroup", "create", "--name", "new", "--cpc", "cpc-1", "--type", "fcp", "--shared", "false")
    [row] = zhmc.rows("storagegroup", "list", "cpc-1")
    assert (row["name"], row["type"]) == ("new", "fcp")
    assert property_of(world, "new", "shared") is False

    zhmc.does("partition", "attach-storagegroup", "cpc-1", "part-idle", "--storagegroup", "new")
    assert zhmc.names("partition", "list-storagegroups", "cpc-1", "part-idle") == ["new"]
    assert property_of(world, "part-idle", "storage-group-uris") == [property_of(world, "new", "object-uri")]
    zhmc.does("partition", "detach-storagegroup", "cpc-1", "part-idle", "--storagegroup", "new")
    assert property_of(world, "part-idle", "storage-group-uris") == []

    zhmc.does("storagegroup", "update", "new", "--description", "made by hand")
    assert property_of(world, "new", "description") == "made by hand"

    zhmc.does("storagegroup", "delete", "new", "--yes")
    assert kept(world, "new") is None
    assert zhmc.names("storagegroup", "list") == []


def test_what_the_hmc_refuses_it_says_and_nothing_has_changed(world: World, zhmc: Zhmc) -> None:
    assert "409,1" in zhmc.refuses("partition", "stop", "cpc-1", "part-idle")
    assert property_of(world, "part-idle", "status") == "stopped"
    assert "409,1" in zhmc.refuses("partition", "delete", "cpc-1", "part-1", "--yes")
    assert property_of(world, "part-1", "status") == "active"
    assert "Could not find Nic 'nobody'" in zhmc.refuses("nic", "delete", "cpc-1", "part-1", "nobody", "--yes")

"""`harness hmc record` takes our mock HMC as if it were a real one; what it writes is played again, the same shape."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zhmcclient

from harness.hmc import Inventory
from harness.hmc.inventories.file import write
from harness.hmc.inventories.record import record
from tests.contract.hmc_world import INVENTORIES, PASSWORD, USER, hmc_world

pytestmark = pytest.mark.contract


def recorded(folder: Path, inventory: Inventory | str, *, anonymous: bool = True) -> dict[str, Any]:
    with hmc_world(folder, inventory) as world:
        session = world.session()
        try:
            return record(session, anonymous=anonymous)
        finally:
            session.logoff()


def shape(part: object) -> object:
    """A definition without its texts."""
    if isinstance(part, dict):
        return {key: shape(value) for key, value in part.items()}
    if isinstance(part, list):
        return [shape(item) for item in part]
    return "text" if isinstance(part, str) else part


@pytest.mark.parametrize("name", sorted(path.stem for path in INVENTORIES.glob("*.yaml")))
def test_what_is_recorded_has_the_same_shape_when_it_is_recorded_again(tmp_path: Path, name: str) -> None:
    first = recorded(tmp_path, name)
    file = tmp_path / "first.json"
    write(first, file)
    assert shape(recorded(tmp_path, Inventory.load(file))) == shape(first)


def test_without_names_a_client_finds_the_same_things(tmp_path: Path) -> None:
    file = tmp_path / "anonymous.yaml"
    write(recorded(tmp_path, "two-nics"), file)
    with hmc_world(tmp_path, Inventory.load(file)) as world:
        session = world.session()
        [cpc] = zhmcclient.Client(session).cpcs.list()
        partitions = cpc.partitions.list()
        assert [len(partition.nics.list()) for partition in partitions] == [3, 0]
        nic = partitions[0].nics.list()[0]
        switch = session.get(nic.get_property("virtual-switch-uri"))
        assert nic.uri in switch["connected-vnic-uris"]
        assert [item.name for item in world.hmc.owned_nics("host-1")] == ["nic-1", "nic-2"]
        session.logoff()
    assert "dpm-host-1" not in file.read_text()
    assert "part-idle" not in file.read_text()


def test_the_command_writes_a_file_and_takes_the_password_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    with hmc_world(tmp_path) as world:
        line = [sys.executable, "-m", "harness.cli", "hmc", "record", world.host, "--user", USER, "--ca", world.ca_file]
        done = subprocess.run(
            [*line, "--output", str(file)],
            env={"PATH": os.environ["PATH"], "HMC_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert Inventory.load(file).new_model().hmc.cpcs.list()


def test_an_hmc_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "harness.cli", "hmc", "record", "127.0.0.86", "--user", "me"]
    done = subprocess.run(
        line,
        env={"PATH": os.environ["PATH"], "HMC_PASSWORD": "x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "127.0.0.86: the HMC cannot be recorded" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nobody_can_be_asked_for_a_password_the_variable_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", "hmc", "record", "127.0.0.1", "--user", USER],
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # or it asks at the terminal of whoever runs this test
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "nobody gives a password here; set the environment variable HMC_PASSWORD"
    assert "Traceback" not in done.stderr

"""What a mock HMC that runs alone does not wait for, and that its short cuts are over once it is there."""

from __future__ import annotations

import gc
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness.hmc
from harness.hmc import Inventory
from harness.hmc.__main__ import _quickly

INVENTORY = Path(__file__).parents[2] / "scenarios/inventories/two-nics.yaml"


def imported(statement: str) -> set[str]:
    """The modules that a new Python has after this."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_who_needs_one_small_module_waits_for_no_library() -> None:
    assert imported("import harness.hmc.settings").isdisjoint({"aiohttp", "zhmcclient", "cryptography", "jsonschema"})


def test_a_mock_hmc_needs_only_its_own_room() -> None:
    modules = imported("from harness.cli import main\ntry: main(['hmc', 'run', '--help'])\nexcept SystemExit: pass")
    assert "harness.hmc.alone" in modules
    assert modules.isdisjoint({"harness.assembly", "harness.engines", "harness.scenario_file", "mitmproxy"})


def test_a_mock_hmc_that_nobody_controls_waits_for_no_control_interface() -> None:
    assert "harness.hmc.control" not in imported("import harness.hmc.alone")


def test_patterns_of_uris_are_compiled_for_who_asks_by_uri_and_not_before() -> None:
    model = Inventory.load(INVENTORY).new_model()
    assert "_urihandler" not in vars(model)
    assert model.get("/api/version")["hmc-name"] == model.hmc.hmc_name
    assert "_urihandler" in vars(model)


@pytest.mark.parametrize("name", harness.hmc.__all__)
def test_each_name_is_there_once_it_is_asked_for(name: str) -> None:
    assert getattr(harness.hmc, name) is not None


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'harness\.hmc' has no attribute 'Inventry'"):
        harness.hmc.Inventry  # type: ignore[attr-defined]  # noqa: B018 - looking is enough


def test_afterwards_all_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/mine")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    whole = inspect.getframeinfo
    with _quickly():
        assert not gc.isenabled()
        assert os.environ["SSL_CERT_DIR"] == os.devnull
    assert gc.isenabled()
    assert inspect.getframeinfo is whole
    assert os.environ["SSL_CERT_FILE"] == "/mine"
    assert "SSL_CERT_DIR" not in os.environ

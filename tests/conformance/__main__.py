"""Runs zhmcclient's ``tests/end2end`` against the mock HMC, over HTTPS and STOMP, with each of its own inventories.

Run: ZHMCCLIENT_CHECKOUT=PATH python -m tests.conformance [-k WORDS] [--record] [INVENTORY ...]

PATH is a checkout of https://github.com/zhmcclient/python-zhmcclient at the release that is installed here. The same
tests are run with zhmcclient's own mock in its process, too: the yardstick. Exit status: 0 no failure, as many passes
as `LEAST`, every skip explained (skips.py), and nothing skipped that runs with the yardstick; 1 not so; 2 there is no
usable checkout. docs/conformance.md tells what came out, and is written anew by --record.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from harness.hmc import HMC_PORT, HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from harness.hmc.notifications import STOMP_PORT
from tests.conformance.checkout import Unusable, check_release
from tests.conformance.counts import Counts, counts_of, told
from tests.conformance.filled import DESCRIBED, filled
from tests.conformance.page import Outcome, record
from tests.contract.stomp_client import one_cpu

END2END = Path("tests", "end2end")

FILLED = "z17-filled"
"""The inventory z17 with what it lacks, see filled.yaml."""

LEAST = {"z14": 95, "z16": 105, "z17": 105, FILLED: 150}
"""How many tests have to pass: those that skip themselves when they cannot log on must not look like success."""

HOST = {"z14": "127.0.14.1", "z16": "127.0.16.1", "z17": "127.0.17.1", FILLED: "127.0.17.2"}
USER, PASSWORD = "ensadmin", "password"
SECONDS = 1800.0
"""After this a run is ended: it hangs."""


@dataclass(frozen=True, slots=True)
class Judge:
    """zhmcclient's tests for one inventory."""

    name: str
    checkout: Path
    words: str

    @property
    def original(self) -> str:
        """zhmcclient's own name of the HMC."""
        return f"mocked_hmc_{self.name.partition('-')[0]}"

    def definition(self) -> Any:
        """What the HMC contains."""
        definition = _yaml(self.checkout / END2END / f"{self.original}.yaml")
        return filled(definition) if self.name == FILLED else definition

    def cpcs(self) -> Any:
        """What the tests are told about its CPCs."""
        cpcs = _yaml(self.checkout / END2END / "mocked_inventory.yaml")["all"]["hosts"][self.original]["cpcs"]
        return {**cpcs, "CPC_CLA": {**cpcs["CPC_CLA"], **DESCRIBED}} if self.name == FILLED else cpcs


def main() -> int:
    """Run the judge on each inventory; the exit status."""
    options = _options()
    checkout = Path(os.environ.get("ZHMCCLIENT_CHECKOUT", "")).absolute()
    try:
        check_release(checkout)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    good = True
    outcomes = {}
    for name in options.inventories or LEAST:
        judge = Judge(name, checkout, options.words)
        outcome = Outcome(asyncio.run(_ours(judge)), _yardstick(judge) if name != FILLED else None)
        print(told(name, outcome.counts), *_told_of_yardstick(outcome), sep="\n", flush=True)
        good &= outcome.counts.good(0 if options.words else LEAST[name]) and not outcome.lacking
        outcomes[name] = outcome
    if options.record:
        record(outcomes)
    return 0 if good else 1


def _told_of_yardstick(outcome: Outcome) -> list[str]:
    if outcome.yardstick is None:
        return []
    missing = [f"  NOT PASSED HERE {test}" for test in outcome.lacking]
    return [f"  zhmcclient's own mock: {outcome.yardstick.passed} passed", *missing]


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("inventories", nargs="*", metavar="INVENTORY", help=f"of {', '.join(LEAST)}; default: all")
    parser.add_argument("-k", dest="words", default="", help="only tests of these words, as pytest's -k")
    parser.add_argument("--record", action="store_true", help="write the counts into docs/conformance.md")
    options = parser.parse_args()
    if unknown := set(options.inventories) - set(LEAST):
        parser.error(f"no inventory {', '.join(sorted(unknown))}; there are {', '.join(LEAST)}")
    if options.record and (options.words or options.inventories):
        parser.error("--record is for all tests with all inventories")
    return options


async def _ours(judge: Judge) -> Counts:
    """Against the mock HMC."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        folder = Path(name)
        definition = folder / "definition.yaml"
        definition.write_text(yaml.safe_dump(judge.definition(), sort_keys=False), encoding="utf-8")
        return await _against_mock(judge, Inventory.load(definition), folder)


async def _against_mock(judge: Judge, inventory: Inventory, folder: Path) -> Counts:
    settings = HmcSettings(users={USER: PASSWORD}, job_seconds=0.0, told_before_answer_s=0.3)
    hmc = MockHmc(inventory, settings, NullObserver(), ThrowawayCa())
    await hmc.start(HOST[judge.name], HMC_PORT, stomp_port=STOMP_PORT)
    try:
        return await asyncio.to_thread(_against, judge, folder)
    finally:
        await hmc.close()


def _against(judge: Judge, folder: Path) -> Counts:
    address = HOST[judge.name]
    host = {"description": judge.name, "cpcs": judge.cpcs()}
    vault = {"userid": USER, "password": PASSWORD, "verify": False}
    files = {"inventory": {"all": {"hosts": {address: host}}}, "vault": {"hmc_auth": {address: vault}}}
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return _run(judge, folder, address, folder / "inventory.yaml", folder / "vault.yaml")


def _yardstick(judge: Judge) -> Counts:
    """With zhmcclient's own mock, in the process of the tests, as its project runs them."""
    files = judge.checkout / END2END / "mocked_inventory.yaml", judge.checkout / END2END / "mocked_vault.yaml"
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        return _run(judge, Path(folder), judge.original, *files)


def _run(judge: Judge, folder: Path, hmc: str, inventory: Path, vault: Path) -> Counts:
    report = folder / "report.xml"
    command = [
        sys.executable, "-m", "pytest", str(END2END), "-m", "not check_hmcs", "-q", "-p", "no:cacheprovider",
        "-p", "no:xdist", f"--junitxml={report}", "--tb=short", *(["-k", judge.words] if judge.words else []),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(judge.checkout),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "TESTINVENTORY": str(inventory),
        "TESTVAULT": str(vault),
        "TESTHMC": hmc,
        "TESTEND2END_LOAD": "true",
        "TESTRESOURCES": "all",
    }
    with one_cpu():  # its AutoUpdater loses one in fifty connections otherwise
        done = subprocess.run(
            command, cwd=judge.checkout, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    if not report.is_file():
        raise SystemExit(f"pytest gave no report:\n{done.stdout}\n{done.stderr}")
    counts = counts_of(ElementTree.parse(report).getroot())  # noqa: S314 - written by the pytest that we start
    if counts.failed:
        print(done.stdout)
    return counts


if __name__ == "__main__":
    sys.exit(main())

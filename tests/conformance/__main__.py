"""Runs zhmcclient's ``tests/end2end`` against the mock HMC, over HTTPS and STOMP, with each of its own inventories.

Run: ZHMCCLIENT_CHECKOUT=PATH python -m tests.conformance [-k WORDS] [INVENTORY ...]

PATH is a checkout of https://github.com/zhmcclient/python-zhmcclient at the release that is installed here. Exit
status: 0 no failure and as many passes as `LEAST`; 1 not so; 2 there is no usable checkout.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import yaml

from harness.hmc import HMC_PORT, HmcSettings, Inventory, MockHmc, NullObserver, ThrowawayCa
from tests.contract.stomp_client import one_cpu

LEAST = {"z14": 95, "z16": 105, "z17": 105}
"""How many tests have to pass: those that skip themselves when they cannot log on must not look like success."""

HOST = {"z14": "127.0.14.1", "z16": "127.0.16.1", "z17": "127.0.17.1"}
USER, PASSWORD = "ensadmin", "password"
SECONDS = 1800.0
"""After this a run is ended: it hangs."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How a run ended."""

    passed: int
    failed: tuple[str, ...]
    skipped: Counter[str]
    """Number of tests by the reason that they gave."""

    def good(self, least: int) -> bool:
        """Whether this is success."""
        return not self.failed and self.passed >= least


def main() -> int:
    """Run the judge on each inventory; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("inventories", nargs="*", metavar="INVENTORY", help=f"of {', '.join(LEAST)}; default: all")
    parser.add_argument("-k", dest="words", default="", help="only tests of these words, as pytest's -k")
    options = parser.parse_args()
    checkout = Path(os.environ.get("ZHMCCLIENT_CHECKOUT", "")).absolute()
    if not (checkout / "tests" / "end2end" / "mocked_hmc_z16.yaml").is_file():
        print("ZHMCCLIENT_CHECKOUT has to name a checkout of zhmcclient/python-zhmcclient", file=sys.stderr)
        return 2
    good = True
    for name in options.inventories or LEAST:
        counts = asyncio.run(_judge(name, checkout, options.words))
        good &= counts.good(0 if options.words else LEAST[name])
        print(_told(name, counts), flush=True)
    return 0 if good else 1


async def _judge(name: str, checkout: Path, words: str) -> Counts:
    inventory = Inventory.load(checkout / "tests" / "end2end" / f"mocked_hmc_{name}.yaml")
    settings = HmcSettings(users={USER: PASSWORD}, job_seconds=0.0, told_before_answer_s=0.3)
    hmc = MockHmc(inventory, settings, NullObserver(), ThrowawayCa())
    await hmc.start(HOST[name], HMC_PORT, stomp_port=61612)
    try:
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            return await asyncio.to_thread(_run, name, checkout, words, Path(folder))
    finally:
        await hmc.close()


def _run(name: str, checkout: Path, words: str, folder: Path) -> Counts:
    report = folder / "report.xml"
    cpcs = yaml.safe_load((checkout / "tests/end2end/mocked_inventory.yaml").read_text(encoding="utf-8"))
    described = cpcs["all"]["hosts"][f"mocked_hmc_{name}"]["cpcs"]
    host = {"description": name, "cpcs": described}
    vault = {"userid": USER, "password": PASSWORD, "verify": False}
    (folder / "inventory.yaml").write_text(yaml.safe_dump({"all": {"hosts": {HOST[name]: host}}}), encoding="utf-8")
    (folder / "vault.yaml").write_text(yaml.safe_dump({"hmc_auth": {HOST[name]: vault}}), encoding="utf-8")
    command = [
        sys.executable, "-m", "pytest", "tests/end2end", "-m", "not check_hmcs", "-q", "-p", "no:cacheprovider",
        "-p", "no:xdist", f"--junitxml={report}", "--tb=short", *(["-k", words] if words else []),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(checkout),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "TESTINVENTORY": str(folder / "inventory.yaml"),
        "TESTVAULT": str(folder / "vault.yaml"),
        "TESTHMC": HOST[name],
        "TESTEND2END_LOAD": "true",
        "TESTRESOURCES": "all",
    }
    with one_cpu():  # its AutoUpdater loses one in fifty connections otherwise
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    if not report.is_file():
        raise SystemExit(f"pytest gave no report:\n{done.stdout}\n{done.stderr}")
    counts = _counts(ElementTree.parse(report).getroot())  # noqa: S314 - written by the pytest that we start
    if counts.failed:
        print(done.stdout)
    return counts


def _counts(root: ElementTree.Element) -> Counts:
    failed: list[str] = []
    skipped: Counter[str] = Counter()
    passed = 0
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif skip is not None:
            skipped[re.sub(r"127\.[\d.]+", "HMC", skip.get("message", ""))] += 1
        else:
            passed += 1
    return Counts(passed, tuple(failed), skipped)


def _told(name: str, counts: Counts) -> str:
    lines = [f"{name}: {counts.passed} passed, {len(counts.failed)} failed, {counts.skipped.total()} skipped"]
    lines += [f"  FAILED {test}" for test in counts.failed]
    lines += [f"  skipped {count:3} x {reason}" for reason, count in counts.skipped.most_common()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""The checkout of zhmcclient's repository whose tests are the judge, and of which release it is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import zhmcclient

CHANGES = Path("docs", "changes.rst")


class Unusable(Exception):
    """It is no checkout of zhmcclient, or not one of the release that is installed here; the text says what to do."""


def release_of(checkout: Path) -> str:
    """Its release; where it is none, what git calls it (as in 1.26.0-4-g784948c3, or 1.26.0-dirty).

    A copy without git's folder is of the release with which its change log begins.

    Raises:
        Unusable: it is no checkout of zhmcclient.
    """
    if not (checkout / "tests" / "end2end" / "mocked_hmc_z16.yaml").is_file():
        raise Unusable("ZHMCCLIENT_CHECKOUT has to name a checkout of zhmcclient/python-zhmcclient")
    if (checkout / ".git").exists():
        return _git(checkout, "describe", "--tags", "--always", "--dirty", "--match", zhmcclient.__version__)
    found = re.search(r"^Version (\S+)$", (checkout / CHANGES).read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise Unusable(f"{checkout / CHANGES} names no version, so it cannot be told which release this checkout is of")
    return found[1]


def _git(checkout: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable(f"git cannot say of which release {checkout} is: {done.stderr.strip()}")
    return done.stdout.strip()


def check_release(checkout: Path) -> None:
    """Its tests run with its own client, while the mock HMC is made from the one that is installed: they have to agree.

    Raises:
        Unusable: they do not, or it is no checkout.
    """
    release = release_of(checkout)
    if release != zhmcclient.__version__:
        raise Unusable(
            f"{checkout} is {release}, and zhmcclient {zhmcclient.__version__} is installed; there:\n"
            f"  git fetch --tags && git checkout {zhmcclient.__version__}"
        )

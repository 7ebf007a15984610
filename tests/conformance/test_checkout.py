"""A checkout of another release is refused, before anything runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import zhmcclient

from tests.conformance.checkout import Unusable, check_release, release_of

VERSION = zhmcclient.__version__


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {
        "tests/end2end/mocked_hmc_z16.yaml": "hmc_definition:\n",
        "docs/changes.rst": f"Change log\n\n.. towncrier start\nVersion {VERSION}\n^^^\n\nVersion 1.0.0\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def git(checkout: Path, *words: str) -> None:
    who = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    subprocess.run(["git", "-C", str(checkout), *who, *words], check=True, capture_output=True)


def committed(checkout: Path) -> None:
    git(checkout, "init")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "one")


def test_a_copy_is_of_the_release_with_which_its_change_log_begins(checkout: Path) -> None:
    check_release(checkout)
    (checkout / "docs/changes.rst").write_text("Version 1.25.0\n")
    with pytest.raises(Unusable, match=rf"is 1\.25\.0, and zhmcclient {VERSION} is installed; there:\n  git fetch"):
        check_release(checkout)


def test_a_commit_with_the_releases_tag_is_taken(checkout: Path) -> None:
    committed(checkout)
    git(checkout, "tag", VERSION)
    git(checkout, "tag", "another")
    check_release(checkout)


def test_a_commit_after_it_is_refused(checkout: Path) -> None:
    committed(checkout)
    git(checkout, "tag", VERSION)
    git(checkout, "commit", "--allow-empty", "-m", "two")
    assert release_of(checkout).startswith(f"{VERSION}-1-g")
    with pytest.raises(Unusable):
        check_release(checkout)


def test_one_with_changes_of_its_own_is_refused(checkout: Path) -> None:
    committed(checkout)
    git(checkout, "tag", VERSION)
    (checkout / "docs/changes.rst").write_text("mine")
    with pytest.raises(Unusable, match=f"is {VERSION}-dirty"):
        check_release(checkout)


def test_something_else_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="ZHMCCLIENT_CHECKOUT has to name a checkout"):
        check_release(tmp_path)

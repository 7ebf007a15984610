"""A folder goes with its owner, and a killed owner's with the next one."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from harness.guard.folder import PREFIX, own_folder, remove, sweep


def test_folders_of_killed_owners_are_swept_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    killed, living, being_made = (tmp_path / f"{PREFIX}{name}" for name in ("killed", "living", "being-made"))
    for folder in (killed, living, being_made):
        folder.mkdir()
    for folder in (killed, living):
        (folder / "owner.lock").touch()
    with (living / "owner.lock").open("rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sweep(tmp_path)
    assert [folder.exists() for folder in (killed, living, being_made)] == [False, True, True]


def test_a_folder_lives_as_long_as_it_is_used_and_a_sweep_meanwhile_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with own_folder("test") as folder:
        (folder / "data").touch()
        sweep(tmp_path)
        assert (folder / "data").exists()
    assert list(tmp_path.iterdir()) == []


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for _ in range(2):
        remove(tmp_path / "there")
    assert not (tmp_path / "there").exists()

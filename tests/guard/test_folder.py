"""A folder goes with its owner, and a killed owner's with the next one."""

from __future__ import annotations

import contextlib
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


def test_a_sweep_at_any_moment_while_a_folder_is_being_made_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_lock = fcntl.flock

    def sweep_lock_sweep(lock: int, how: int) -> None:
        with monkeypatch.context() as unpatched:
            unpatched.setattr(fcntl, "flock", really_lock)
            sweep(tmp_path)
            really_lock(lock, how)
            sweep(tmp_path)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with monkeypatch.context() as patched, contextlib.ExitStack() as stack:
        patched.setattr(fcntl, "flock", sweep_lock_sweep)
        folder = stack.enter_context(own_folder("test"))
        assert [path.name for path in folder.iterdir()] == ["owner.lock"]


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for _ in range(2):
        remove(tmp_path / "there")
    assert not (tmp_path / "there").exists()

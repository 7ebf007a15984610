"""lab/as-owner: a container writes as whoever owns the project's folder, with the capabilities that it was given.

The commands that need root are played by small scripts, which say what they were asked.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "lab" / "as-owner"
ALL = "chown,kill,setgid,setuid,net_admin,net_raw"


def play(folder: Path, *, owner: str, user: int = 0, bounding: str = ALL) -> list[str]:
    """What is executed in a container where `scenarios` has this owner, begun by this user."""
    commands = {
        "id": f"echo {user}",
        "stat": f"echo {owner}",
        "chown": 'echo chown "$@"',
        "setpriv": f'[ "$1" = --dump ] && echo "Capability bounding set: {bounding}" || echo setpriv "$@"',
    }
    for name, body in commands.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    work = [str(SCRIPT), "sh", "-c", 'echo work "$HOME"']
    env = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": "/root"}
    done = subprocess.run(work, cwd=folder, env=env, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.splitlines()


def test_the_work_is_done_as_the_owner_with_the_capabilities_of_the_container(tmp_path: Path) -> None:
    kept = "-all,+net_admin,+net_raw"
    assert play(tmp_path, owner="1000:100") == [
        f"setpriv --reuid 1000 --regid 100 --clear-groups --inh-caps {kept} --ambient-caps {kept} "
        'sh -c echo work "$HOME"'
    ]


@pytest.mark.parametrize(
    ("bounding", "kept"),
    [("chown,kill", "-all"), ("net_raw", "-all,+net_raw"), ("net_admin", "-all,+net_admin")],
)
def test_a_capability_that_the_container_has_not_is_not_asked_for(tmp_path: Path, bounding: str, kept: str) -> None:
    assert f"--ambient-caps {kept} sh" in play(tmp_path, owner="1000:100", bounding=bounding)[-1]


@pytest.mark.parametrize("folder", ["runs", "lab/hmc"])
def test_a_folder_that_docker_made_becomes_the_owners(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    assert play(tmp_path, owner="1000:100")[0] == f"chown 1000:100 {folder}"


@pytest.mark.parametrize(("owner", "user"), [("0:0", 0), ("1000:100", 1000)])
def test_there_is_nobody_to_become_where_root_owns_it_or_a_user_was_chosen(
    tmp_path: Path, owner: str, user: int
) -> None:
    """Under a rootless engine the person appears as root."""
    (tmp_path / "runs").mkdir()
    assert play(tmp_path, owner=owner, user=user) == ["work /root"]

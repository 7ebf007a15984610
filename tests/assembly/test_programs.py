"""Profiles become programs: private files, the password only where it may be, and clear words when a program lacks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from harness.assembly.programs import Account, Surroundings, check_needs, expand
from harness.core.profile import Profile
from harness.errors import AgentNotStartable
from harness.observe.clock import WallClock
from harness.observe.recorder import TrialRecorder

PROFILE = Profile(
    name="x",
    title="x",
    command=("{python}", "{workdir}/conf", "{hmc_host}:{hmc_port}"),
    files={"conf": "user={hmc_user} password={hmc_password}"},
    environment={"URL": "{control_plane_url}"},
)


def surroundings(root: Path) -> Surroundings:
    return Surroundings(root, "127.9.9.9", 6794, root / "ca.pem", "http://127.9.9.9:1", listen_host="127.9.9.9")


def test_a_profile_is_filled_with_the_trial(tmp_path: Path) -> None:
    expanded = expand(PROFILE, {}, Account("me", "secret-1"), surroundings(tmp_path), tmp_path / "home")
    assert expanded.argv[1:] == (f"{tmp_path}/home/conf", "127.9.9.9:6794")
    assert expanded.files == {"conf": "user=me password=secret-1"}
    assert expanded.environment == {"URL": "http://127.9.9.9:1"}


def test_each_account_has_a_password_of_its_own_that_the_recorder_hides() -> None:
    recorder = TrialRecorder(WallClock())
    one, two = Account.make("agent", recorder), Account.make("zhmc", recorder)
    assert one.password != two.password
    assert one.user != two.user
    assert recorder.redact(f"{one.password} {two.password}") == "<secret:password> <secret:password>"


def test_a_program_that_is_not_set_up_says_what_to_type(tmp_path: Path) -> None:
    profile = dataclasses.replace(PROFILE, needs="bin/zhmc", setup="make agents")
    with pytest.raises(AgentNotStartable, match=r"profile x: bin/zhmc is not there.*; type: make agents"):
        check_needs(profile, tmp_path)
    program = tmp_path / "bin/zhmc"
    program.parent.mkdir()
    program.write_text("")
    with pytest.raises(AgentNotStartable):
        check_needs(profile, tmp_path)
    program.chmod(0o755)
    check_needs(profile, tmp_path)

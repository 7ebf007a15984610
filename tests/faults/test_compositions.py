"""Compositions are made of the other faults and changes, in phases that follow each other."""

from __future__ import annotations

import pytest

from harness.core.vocabulary import Composition
from harness.faults import CHANGES, FAULTS
from harness.faults.forget_jobs import ForgetJobs

COMPOSED = {name: cls for name, cls in FAULTS.items() if hasattr(cls, "parts")}


def test_there_are_the_stories_of_a_console() -> None:
    assert COMPOSED.keys() == {"restart", "failover", "reboot", "password_expired", "user_locked", "maintenance"}


@pytest.mark.parametrize("name", COMPOSED)
def test_its_phases_are_faults_that_heal_and_changes_that_do_not(name: str) -> None:
    for part in made(name).parts():
        room = CHANGES if part.lasts_s is None else FAULTS
        assert type(part.action) in room.values()
        assert part.action.command()


@pytest.mark.parametrize("name", COMPOSED)
def test_the_first_phase_begins_with_it_and_the_faults_leave_no_gap(name: str) -> None:
    parts = made(name).parts()
    assert parts[0].at_s == 0
    assert parts[0].lasts_s is not None
    ends = 0.0
    for part in parts:
        if part.lasts_s is not None:
            assert part.at_s == ends
            ends = part.at_s + part.lasts_s


@pytest.mark.parametrize("name", COMPOSED)
def test_each_phase_has_a_name_of_its_own(name: str) -> None:
    names = [part.name for part in made(name).parts()]
    assert len(set(names)) == len(names)
    assert "sessions-lost" in names, "no session outlives it"


@pytest.mark.parametrize("name", ["restart", "failover", "reboot"])
def test_no_job_outlives_a_console_that_was_away(name: str) -> None:
    """Its sessions and jobs were in its memory. Who is only refused (maintenance, a locked user) loses no job."""
    assert any(isinstance(part.action, ForgetJobs) for part in made(name).parts())


def made(name: str) -> Composition:
    composition: Composition = COMPOSED[name]()  # type: ignore[assignment]  # by `COMPOSED` it has parts
    return composition

"""The agent says that something happened, in time, and does not flood its log."""

from __future__ import annotations

import re

import pytest

from harness.checks.logs import Level, LogRate, Logs, Of, busiest, reaches
from harness.core.events import LogLine, StepHealed
from tests.playbook import (
    FAIL,
    OTHER,
    PASS,
    UNKNOWN,
    at,
    change,
    each,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    log,
    started,
    story,
    verdict_of,
    watched,
)

QUIET = every(LogLine)
LOSS = Logs(within=2.0)
RETURN = Logs(within=2.0, of=Of.HEALING)


@pytest.mark.parametrize(
    ("name", "level", "enough"),
    [
        ("warning", Level.WARNING, True),
        ("warn", Level.WARNING, True),
        ("error", Level.WARNING, True),
        ("critical", Level.ERROR, True),
        ("fatal", Level.CRITICAL, True),
        ("info", Level.WARNING, False),
        ("notice", Level.WARNING, False),
        ("audit", Level.INFO, True),
        ("trace", Level.INFO, False),
        ("trace", Level.DEBUG, True),
        ("", Level.DEBUG, False),
        ("nonsense", Level.DEBUG, False),
    ],
)
def test_a_level_reaches_itself_and_all_below_by_any_of_its_names(name: str, level: Level, *, enough: bool) -> None:
    assert reaches(log("x", level=name), level) is enough


def test_a_warning_soon_after_the_fault_passes_and_is_quoted() -> None:
    words = "500 ms after the fault: lost the HMC: timed out"
    assert found(LOSS, story(healthy())) == (PASS, words, 5.5)


def test_a_warning_soon_after_the_healing_passes_and_is_quoted() -> None:
    assert found(RETURN, story(healthy())) == (PASS, "400 ms after the healing: the HMC is back", 10.4)


@pytest.mark.parametrize(("t", "outcome"), [(4.99, FAIL), (5.0, PASS), (7.0, PASS), (7.01, FAIL)])
def test_the_line_has_to_come_within_the_time_both_ends_included(t: float, outcome: str) -> None:
    history = story(less(healthy(), QUIET), at(t, log("lost the HMC", level="warning")))
    assert found(LOSS, history)[0] == outcome


def test_silence_fails_when_the_time_is_over() -> None:
    out = "; if it says so in other words, give them as pattern"
    words = f"nothing about the HMC's loss logged at warning or above within 2.0 s of the fault{out}"
    assert found(LOSS, story(less(healthy(), QUIET))) == (FAIL, words, 7.0)
    words = f"nothing about the HMC's return logged at warning or above within 2.0 s of the healing{out}"
    assert found(RETURN, story(less(healthy(), QUIET))) == (FAIL, words, 12.0)


def test_a_line_below_the_level_or_of_another_program_is_none() -> None:
    words = "lost the HMC"
    lines = at(6.0, log(words, level="info"), log(words, level="error", who=OTHER))
    assert found(LOSS, story(less(healthy(), QUIET), lines))[0] == FAIL


def test_a_line_has_to_say_what_is_asked() -> None:
    check = Logs(within=2.0, pattern=re.compile("refused"))
    words = "nothing about 'refused' logged at warning or above within 2.0 s of the fault"
    assert found(check, story(healthy()))[:2] == (FAIL, words)
    assert found(Logs(within=2.0, pattern=re.compile("timed.out")), story(healthy()))[0] == PASS


def test_without_a_fault_or_its_healing_there_is_nothing_to_log() -> None:
    assert found(LOSS, story(at(0.0, started()), watched())) == (UNKNOWN, "there was no fault to log", None)
    lasting = story(less(healthy(), every(StepHealed)))
    assert found(RETURN, lasting) == (UNKNOWN, "there was no healing to log", None)


def test_a_healing_in_the_clearing_up_is_none_to_log() -> None:
    history = story(at(0.0, started()), fault(5.0, 20.5), watched(20.0))
    assert found(RETURN, history)[0] == UNKNOWN


def test_a_line_may_be_among_those_that_a_flood_pushed_out() -> None:
    history = story(less(healthy(), QUIET), at(6.0, log("[7 lines left out]")))
    words = "no such line was seen, but lines of a flood were left out"
    assert found(LOSS, history)[:2] == (UNKNOWN, words)
    assert found(RETURN, history)[0] == FAIL


def test_silence_is_not_failed_before_its_time_is_over() -> None:
    cut_short = story(at(0.0, started()), fault(5.0, None), watched(6.0))
    assert str(verdict_of(LOSS, cut_short).outcome) == UNKNOWN
    dead = story(at(0.0, started()), fault(5.0, None), at(6.0, gone()), watched(6.0))
    assert str(verdict_of(LOSS, dead).outcome) == FAIL


def test_it_has_to_be_watched_until_the_line_is_there_or_should_be() -> None:
    assert LOSS.watch_until(story(at(0.0, started()))) == 0.0
    assert LOSS.watch_until(story(fault(5.0, None))) == 7.0
    assert LOSS.watch_until(story(healthy())) == 0.0
    assert RETURN.watch_until(story(fault(5.0, None))) == 0.0
    assert RETURN.watch_until(story(fault(5.0, 10.0))) == 12.0


RATE = LogRate(at_most=3, per=2.0)


@pytest.mark.parametrize(
    ("times", "outcome", "words", "t"),
    [
        ((12, 13, 14), PASS, "3 lines in 2.0 s; at most 3 are allowed", None),
        ((12, 13, 13, 14), FAIL, "4 lines in 2.0 s; at most 3 are allowed", 12.0),
        ((12, 13, 13, 14.1), PASS, "3 lines in 2.0 s; at most 3 are allowed", None),
    ],
)
def test_the_busiest_stretch_decides(times: tuple[float, ...], outcome: str, words: str, t: float | None) -> None:
    history = story(less(healthy(), QUIET), *(at(x, log("x")) for x in times))
    assert found(RATE, history) == (outcome, words, t)


def test_lines_that_were_left_out_count_too() -> None:
    history = story(healthy(), at(12.0, log("[500 lines left out]")))
    assert found(RATE, history)[1] == "501 lines in 2.0 s; at most 3 are allowed"


def test_a_rate_of_warnings_counts_no_lines_below_but_those_that_were_left_out() -> None:
    rate = LogRate(at_most=1, per=2.0, level=Level.WARNING)
    talk = each(0.1, 12.0, 14.0, lambda: log("x", level="info"))
    calm = story(less(healthy(), QUIET), talk, at(12.5, log("x", level="warning")))
    assert found(rate, calm) == (PASS, "1 lines at warning or above in 2.0 s; at most 1 are allowed", None)
    assert found(rate, story(calm, at(12.7, log("x", level="error"))))[::2] == (FAIL, 12.5)
    assert found(rate, story(calm, at(12.7, log("[5 lines left out]"))))[0] == FAIL


def test_lines_of_others_and_of_the_clearing_up_do_not_count() -> None:
    others = each(0.1, 12.0, 14.0, lambda: log("x", who=OTHER))
    assert found(RATE, story(healthy(), others, each(0.1, 20.1, 22.0, lambda: log("x"))))[0] == PASS


def test_from_an_agent_that_printed_nothing_no_rate_is_known() -> None:
    assert found(RATE, story(less(healthy(), QUIET))) == (UNKNOWN, "the agent printed nothing at all", None)


def test_a_rate_has_to_be_watched_for_one_stretch_after_the_newest_step_began() -> None:
    assert RATE.watch_until(story(at(0.0, started()))) == 0.0
    assert RATE.watch_until(story(fault(5.0, None))) == 7.0
    assert RATE.watch_until(story(fault(5.0, 6.0), change(9.0))) == 11.0


@pytest.mark.parametrize(
    ("times", "per", "expected"),
    [
        ([], 1.0, (0, None)),
        ([4.0], 1.0, (1, 4.0)),
        ([1.0, 2.0, 3.0], 1.0, (2, 1.0)),
        ([1.0, 5.0, 5.0, 9.0], 0.5, (2, 5.0)),
        ([1.0, 1.5, 2.0, 2.5], 10.0, (4, 1.0)),
    ],
)
def test_the_busiest_stretch_is_the_first_of_the_fullest(
    times: list[float], per: float, expected: tuple[int, float | None]
) -> None:
    assert busiest(times, per) == expected


def test_a_line_may_be_wanted_of_the_last_change() -> None:
    check = Logs(within=2.0, of=Of.CHANGE, level=Level.INFO, pattern=re.compile("now"))
    quiet = less(healthy(), QUIET)
    assert found(check, story(quiet)) == (UNKNOWN, "there was no change to log", None)
    told = story(less(healthy(), QUIET), change(6.0), change(8.0, step=3), at(9.0, log("now", level="info")))
    assert found(check, told) == (PASS, "1.0 s after the change: now", 9.0)
    early = story(less(healthy(), QUIET), change(6.0), change(8.0, step=3), at(7.0, log("now", level="info")))
    assert found(check, early)[0] == FAIL
    assert check.watch_until(early) == 10.0


def test_without_a_change_in_the_timeline_there_is_none_to_log() -> None:
    check = Logs(within=2.0, of=Of.CHANGE, pattern=re.compile("part-1"))
    assert check.unfit_for(()) == "there is no change to log; give the timeline one"


def test_what_is_to_be_logged_of_a_change_has_to_be_said() -> None:
    with pytest.raises(ValueError, match=r"^of: change needs a pattern"):
        Logs(within=2.0, of=Of.CHANGE)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("lost HMC 127.0.0.1:6794: connection refused; keeps reporting", PASS),
        ("HMC 127.0.0.1:6794 is still away after 3 s", PASS),
        ("Could not reach the hmc", PASS),
        ("the coffee machine is empty", FAIL),
        ("connection refused", FAIL),
        ("hmc_password: the option cannot be read", FAIL),
        ("the connection to the HMC is not lost", FAIL),
        ("started with HMC 127.0.0.1:6794", FAIL),
        ("HMC 127.0.0.1:6794 is back after 3 s", FAIL),
    ],
)
def test_without_a_pattern_a_loss_is_said_by_naming_the_hmc_and_that_it_is_lost(text: str, outcome: str) -> None:
    history = story(less(healthy(), QUIET), at(6.0, log(text, level="warning")))
    assert found(LOSS, history)[0] == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("HMC 127.0.0.1:6794 is back after 3 s", PASS),
        ("Reconnected to the HMC", PASS),
        ("the coffee machine is back", FAIL),
        ("HMC 127.0.0.1:6794 is not back yet", FAIL),
        ("the connection to the HMC could not be restored", FAIL),
        ("HMC 127.0.0.1:6794: still not reconnected", FAIL),
        ("waiting until the HMC is back", FAIL),
        ("hmc_password: read back from the file", FAIL),
        ("HMC 127.0.0.1:6794 is still away after 3 s, trying again", FAIL),
        ("lost HMC 127.0.0.1:6794, back-off 2 s", FAIL),
    ],
)
def test_without_a_pattern_a_return_is_said_by_naming_the_hmc_and_that_it_is_back(text: str, outcome: str) -> None:
    history = story(less(healthy(), QUIET), at(11.0, log(text, level="warning")))
    assert found(RETURN, history)[0] == outcome

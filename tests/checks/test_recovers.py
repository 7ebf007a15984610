"""When the HMC is back, the agent finds it by itself."""

from __future__ import annotations

import pytest

from harness.checks.recovers import Recovers
from harness.core.commands import Channel
from harness.core.events import AgentSampled, Heartbeat, SessionChanged, StepHealed
from harness.core.history import History
from tests.playbook import (
    FAIL,
    OTHER,
    PASS,
    UNKNOWN,
    Scene,
    asked,
    at,
    every,
    fault,
    found,
    gone,
    healthy,
    less,
    listens,
    logon,
    request,
    started,
    story,
    verdict_of,
    watched,
)

CHECK = Recovers(within=3.0)
FRESH = Recovers(within=3.0, fresh_session=True)
LATE = "no successful request within 3.0 s of the healing"


def after_the_fault(*scenes: Scene, until: float = 20.0) -> History:
    """An agent that only does this, with a fault from 5 s to 10 s."""
    return story(at(0.0, started()), at(1.0, logon()), at(2.0, request()), fault(), *scenes, watched(until))


def test_a_request_that_succeeds_soon_after_the_healing_passes() -> None:
    assert found(CHECK, after_the_fault(at(11.0, request()))) == (PASS, "back 1.1 s after the healing", 11.1)


@pytest.mark.parametrize(("answered", "outcome"), [(13.0, PASS), (13.01, FAIL)])
def test_the_answer_has_to_come_within_the_time_its_end_included(answered: float, outcome: str) -> None:
    assert found(CHECK, after_the_fault(at(answered - 1.0, request(takes_s=1.0))))[0] == outcome


def test_to_come_back_too_late_or_never_fails_when_the_time_is_over() -> None:
    assert found(CHECK, after_the_fault(at(14.0, request()))) == (FAIL, LATE, 13.0)
    assert found(CHECK, after_the_fault()) == (FAIL, LATE, 13.0)


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_answer_that_is_an_error_is_no_recovery(status: int) -> None:
    assert found(CHECK, after_the_fault(at(11.0, request(status=status))))[0] == FAIL


@pytest.mark.parametrize(("sent", "outcome"), [(9.99, FAIL), (10.0, PASS)])
def test_a_request_that_was_sent_before_the_healing_is_no_recovery(sent: float, outcome: str) -> None:
    assert found(CHECK, after_the_fault(at(sent, request(takes_s=1.0))))[0] == outcome


def test_a_request_without_an_answer_or_of_another_program_is_no_recovery() -> None:
    assert found(CHECK, after_the_fault(at(11.0, asked(), request(who=OTHER), request(who=""))))[0] == FAIL


def test_an_answer_in_the_clearing_up_is_no_recovery() -> None:
    history = after_the_fault(at(12.1, request("DELETE /api/sessions/this-session")), until=12.0)
    assert found(CHECK, history)[0] == FAIL
    assert str(verdict_of(CHECK, history).outcome) == UNKNOWN


def test_the_last_healing_is_the_one_that_counts() -> None:
    both = (fault(6.0, 12.0, step=2), at(11.0, request()))
    assert found(CHECK, after_the_fault(*both)) == (FAIL, LATE, 15.0)
    assert found(CHECK, after_the_fault(*both, at(14.0, request())))[0] == PASS


def test_a_fresh_session_is_a_logon_since_the_fault_began() -> None:
    back = at(11.0, request())
    words = "no successful request in a fresh session within 3.0 s of the healing"
    assert found(FRESH, after_the_fault(back)) == (FAIL, words, 13.0)
    assert found(FRESH, after_the_fault(back, at(4.9, logon())))[0] == FAIL
    assert found(FRESH, after_the_fault(back, at(5.0, logon())))[0] == PASS
    assert found(FRESH, after_the_fault(back, at(10.5, logon())))[0] == PASS


def test_in_a_fresh_session_only_what_comes_after_the_logon_counts() -> None:
    assert found(FRESH, after_the_fault(at(10.5, request()), at(11.0, logon())))[0] == FAIL
    assert found(FRESH, after_the_fault(at(11.0, logon()), at(11.5, request())))[2] == pytest.approx(11.6)


def test_to_log_on_and_off_is_no_use_of_a_fresh_session() -> None:
    came = [*at(11.0, logon(), request("POST /api/sessions")), *at(11.5, request("DELETE /api/sessions/this-session"))]
    assert found(FRESH, after_the_fault(came))[0] == FAIL
    assert found(CHECK, after_the_fault(came))[0] == PASS
    assert found(FRESH, after_the_fault(came, at(12.0, request())))[2] == pytest.approx(12.1)


@pytest.mark.parametrize("what", ["logon refused", "logoff", "unknown session"])
def test_only_a_logon_that_was_let_in_makes_a_session(what: str) -> None:
    other = at(10.5, SessionChanged(who="agent", what=what), logon(OTHER))
    assert found(FRESH, after_the_fault(other, at(11.0, request())))[0] == FAIL


@pytest.mark.parametrize(
    "history",
    [
        story(at(0.0, started()), at(2.0, request()), watched()),
        story(less(healthy(), every(StepHealed))),
        story(at(0.0, started()), fault(5.0, 20.5), at(20.7, request()), watched(20.0)),
    ],
)
def test_without_a_healing_that_was_watched_there_is_nothing_to_recover_from(history: History) -> None:
    words = "no fault was healed, so there was nothing to recover from"
    assert found(CHECK, history) == (UNKNOWN, words, None)


def test_a_dead_agent_does_not_recover_however_short_it_was_watched() -> None:
    history = after_the_fault(at(11.0, gone(0)), until=11.0)
    assert str(verdict_of(CHECK, history).outcome) == FAIL


def test_it_has_to_be_watched_until_the_agent_is_back_or_should_be() -> None:
    assert CHECK.watch_until(story(at(0.0, started()))) == 0.0
    assert CHECK.watch_until(story(fault(5.0, None))) == 0.0
    assert CHECK.watch_until(after_the_fault()) == 13.0
    assert CHECK.watch_until(after_the_fault(at(11.0, request()))) == 0.0
    assert FRESH.watch_until(after_the_fault(at(11.0, request()))) == 13.0


EARS = Recovers(within=3.0, channel=Channel.NOTIFICATIONS)
DEAF = "it did not listen to notifications within 3.0 s of the healing"


@pytest.mark.parametrize(
    ("scenes", "expected"),
    [
        ([at(2.5, listens())], (PASS, "back 0 ms after the healing", 10.0)),
        (
            [at(2.5, listens()), at(6.0, listens(False)), at(11.0, listens())],
            (PASS, "back 1.0 s after the healing", 11.0),
        ),
        (
            [at(2.5, listens()), at(6.0, listens(False)), at(8.0, listens())],
            (PASS, "back 0 ms after the healing", 10.0),
        ),
        ([at(13.0, listens())], (PASS, "back 3.0 s after the healing", 13.0)),
        ([at(13.1, listens())], (FAIL, DEAF, 13.0)),
        ([], (FAIL, DEAF, 13.0)),
        ([at(2.5, listens()), at(6.0, listens(False))], (FAIL, DEAF, 13.0)),
        ([at(2.5, listens(who=OTHER))], (FAIL, DEAF, 13.0)),
    ],
)
def test_to_listen_again_is_to_listen_to_the_end_of_the_time(
    scenes: list[Scene], expected: tuple[str, str, float]
) -> None:
    assert found(EARS, after_the_fault(*scenes)) == expected


def test_a_dead_subscription_that_the_broker_misses_later_is_none() -> None:
    """It was there at the healing, and only seemed to be."""
    dead = (at(2.5, listens()), at(12.0, listens(False)))
    assert found(EARS, after_the_fault(*dead)) == (FAIL, DEAF, 13.0)
    again = (*dead, at(12.5, listens(listener="l2")))
    assert found(EARS, after_the_fault(*again)) == (PASS, "back 2.5 s after the healing", 12.5)


def test_both_means_requests_and_notifications() -> None:
    both = Recovers(within=3.0, channel=Channel.BOTH)
    ears = at(2.5, listens())
    assert found(both, after_the_fault(at(11.0, request()), ears)) == (PASS, "back 1.1 s after the healing", 11.1)
    assert found(both, after_the_fault(ears)) == (FAIL, LATE, 13.0)
    assert found(both, after_the_fault(at(11.0, request()))) == (FAIL, DEAF, 13.0)


def test_who_is_to_listen_is_watched_for_all_of_the_time() -> None:
    history = after_the_fault(at(2.5, listens()), at(11.0, request()))
    assert EARS.watch_until(history) == 13.0
    assert Recovers(within=3.0, channel=Channel.BOTH).watch_until(history) == 13.0


def test_a_fresh_session_is_asked_of_who_sends_requests() -> None:
    with pytest.raises(ValueError, match="fresh_session goes with requests"):
        Recovers(within=3.0, fresh_session=True, channel=Channel.NOTIFICATIONS)


def test_who_listened_to_two_topics_listens_again_when_it_has_both() -> None:
    before = (at(2.5, listens(topic="a.1")), at(2.5, listens(topic="a.1job")))
    lost = (at(6.0, listens(False, topic="a.1")), at(6.0, listens(False, topic="a.1job")))
    half = (*before, *lost, at(11.0, listens(topic="a.2")))
    assert found(EARS, after_the_fault(*half)) == (FAIL, DEAF, 13.0)
    whole = (*half, at(12.0, listens(topic="a.2job")))
    assert found(EARS, after_the_fault(*whole)) == (PASS, "back 2.0 s after the healing", 12.0)


def test_who_is_gone_before_the_time_is_over_does_not_listen() -> None:
    history = after_the_fault(at(2.5, listens()), at(11.0, gone(1)))
    words = "the agent was gone before the time was over, so it does not listen any more"
    assert found(EARS, history) == (UNKNOWN, words, 11.0)


HEARD = Recovers(within=3.0, channel=Channel.BUS)
UNHEARD = "no heartbeat of an agent that is alive within 3.0 s of the healing"


@pytest.mark.parametrize(
    ("beats", "alive", "expected"),
    [
        ((10.5, 11.5), {11.6: True}, (PASS, "back 1.6 s after the healing", 11.6)),
        ((10.1,), {10.2: True, 11.6: True}, (FAIL, UNHEARD, 13.0)),  # an old one that the fault held back
        ((10.5, 11.5), {11.6: False}, (FAIL, UNHEARD, 13.0)),
        ((10.5, 13.5), {13.6: True}, (FAIL, UNHEARD, 13.0)),
        ((), {11.6: True}, (FAIL, UNHEARD, 13.0)),
    ],
)
def test_neutron_hears_an_agent_again_when_it_reports_anew_and_counts_as_alive(
    beats: tuple[float, ...], alive: dict[float, bool], expected: tuple[str, str, float]
) -> None:
    heard = (at(t, Heartbeat(source="host")) for t in beats)
    looks = (at(t, AgentSampled(alive=is_alive)) for t, is_alive in alive.items())
    history = after_the_fault(*heard, *looks)
    assert found(HEARD, history) == expected


def test_who_is_to_be_heard_is_watched_until_it_is_or_should_be() -> None:
    beats = (at(10.5, Heartbeat(source="host")), at(11.5, Heartbeat(source="host")))
    assert HEARD.watch_until(after_the_fault(*beats)) == 13.0
    assert HEARD.watch_until(after_the_fault(*beats, at(11.6, AgentSampled(alive=True)))) == 0.0

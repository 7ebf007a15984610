"""Logon, logoff and expiry, on a clock that stands still."""

import pytest

from harness.hmc.errors import HmcError
from harness.hmc.ids import Ids
from harness.hmc.observer import EXPIRED, LOGON_REFUSED
from harness.hmc.sessions import ENDED_KEPT, LONGEST_NAME, Account, Sessions
from tests.hmc.conftest import Told


def refusal(sessions: Sessions, session_id: str | None) -> tuple[int, int]:
    with pytest.raises(HmcError) as caught:
        sessions.require(session_id)
    return caught.value.status, caught.value.reason


@pytest.mark.parametrize(
    ("user", "password"), [("agent", "wrong"), ("nobody", "secret"), ("agent", None), (7, "secret")]
)
def test_a_refused_logon_says_403_0_so_that_no_client_logs_on_for_ever(
    sessions: Sessions, told: Told, user: object, password: object
) -> None:
    with pytest.raises(HmcError) as caught:
        sessions.logon(user, password)
    assert (caught.value.status, caught.value.reason) == (403, 0)
    assert told.said[-1][1] == "logon refused"


def test_no_session_id_says_403_4(sessions: Sessions) -> None:
    assert refusal(sessions, None) == (403, 4)


def test_an_unknown_session_id_says_403_5_and_is_told(sessions: Sessions, told: Told) -> None:
    assert refusal(sessions, "never-seen") == (403, 5)
    assert told.said == [("", "unknown session")]


def test_a_user_has_several_sessions_and_ending_one_leaves_the_other(sessions: Sessions) -> None:
    first, second = sessions.logon("agent", "secret"), sessions.logon("agent", "secret")
    sessions.logoff(first)
    assert refusal(sessions, first.id) == (403, 5)
    assert sessions.require(second.id) is second


def test_every_session_has_topics_of_its_own(sessions: Sessions) -> None:
    assert sessions.logon("agent", "secret").topic != sessions.logon("agent", "secret").topic


def test_a_session_expires_after_its_idle_time_and_use_prolongs_it(sessions: Sessions, told: Told) -> None:
    session = sessions.logon("agent", "secret")
    told.now_s += 59
    sessions.require(session.id)
    told.now_s += 60
    sessions.require(session.id)
    told.now_s += 60.1
    assert refusal(sessions, session.id) == (403, 5)
    assert told.said[-2:] == [("agent", "expired"), ("agent", "unknown session")]


def test_expire_all_ends_every_session_and_its_user_is_still_known(sessions: Sessions) -> None:
    sessions.logon("other", "secret2")
    session = sessions.logon("agent", "secret")
    sessions.expire_all()
    assert refusal(sessions, session.id) == (403, 5)
    assert sessions.user_of(session.id) == "agent"


def test_each_secret_is_hidden_before_anyone_sees_it(sessions: Sessions, told: Told) -> None:
    session = sessions.logon("agent", "secret")
    assert told.hidden == [(session.id, "session id"), (session.credential, "session credential")]
    assert session.id not in repr(session)
    assert session.credential not in repr(session)


def test_the_broker_lets_in_a_user_by_password_and_a_session_by_its_credential(sessions: Sessions) -> None:
    session = sessions.logon("agent", "secret")
    assert sessions.may_listen("agent", "secret")
    assert sessions.may_listen(session.id, session.credential)
    assert not sessions.may_listen("agent", session.credential)
    assert not sessions.may_listen(session.id, "secret")
    assert not sessions.may_listen("nobody", "secret")
    sessions.logoff(session)
    assert not sessions.may_listen(session.id, session.credential)


def test_who_is_locked_out_is_so_at_the_api_and_at_the_broker(told: Told) -> None:
    limits = Account(password="", max_failed_logons=3, locked_out_s=60)
    sessions = Sessions(
        {"agent": "secret"}, idle_s=600, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide, limits=limits
    )
    listening = sessions.logon("agent", "secret")
    assert not sessions.may_listen("agent", "wrong")
    with pytest.raises(HmcError):
        sessions.logon("agent", "wrong")
    assert not sessions.may_listen("agent", "wrong")
    assert not sessions.may_listen("agent", "secret")
    with pytest.raises(HmcError):
        sessions.logon("agent", "secret")
    assert sessions.may_listen(listening.id, listening.credential)
    told.now_s += 61
    assert sessions.may_listen("agent", "secret")
    assert told.said.count(("agent", LOGON_REFUSED)) == 5


def test_a_good_logon_at_the_broker_forgets_the_bad_ones(told: Told) -> None:
    limits = Account(password="", max_failed_logons=2, locked_out_s=60)
    sessions = Sessions(
        {"agent": "secret"}, idle_s=600, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide, limits=limits
    )
    assert [sessions.may_listen("agent", word) for word in ("no", "secret", "no", "secret")] == [False, True] * 2


def test_the_id_of_a_session_that_has_ended_is_told_to_nobody(sessions: Sessions, told: Told) -> None:
    session = sessions.logon("agent", "secret")
    sessions.logoff(session)
    assert not sessions.may_listen(session.id, session.credential)
    assert told.said[-1] == ("agent", LOGON_REFUSED)


def test_a_password_that_is_no_text_at_all_is_a_wrong_one(sessions: Sessions) -> None:
    with pytest.raises(HmcError):
        sessions.logon("agent", "\ud800")


def test_a_known_password_that_is_no_text_at_all_lets_only_itself_in(told: Told) -> None:
    sessions = Sessions({"odd": "\ud800"}, idle_s=60.0, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide)
    with pytest.raises(HmcError):
        sessions.logon("odd", "x")
    assert sessions.logon("odd", "\ud800").user == "odd"


def test_topics_are_those_of_sessions_that_are_logged_on(sessions: Sessions) -> None:
    first, second = sessions.logon("agent", "secret"), sessions.logon("other", "secret2")
    assert sessions.topics() == [first.topic, second.topic]
    sessions.logoff(first)
    assert sessions.topics() == [second.topic]


def test_sessions_that_have_ended_are_forgotten_in_time_and_their_ids_told_to_nobody(
    sessions: Sessions, told: Told
) -> None:
    first = sessions.logon("agent", "secret")
    sessions.logoff(first)
    assert sessions.user_of(first.id) == "agent"
    for _ in range(ENDED_KEPT):
        sessions.logoff(sessions.logon("other", "secret2"))
    assert len(sessions._ended) == ENDED_KEPT
    assert sessions.user_of(first.id) == ""
    assert not sessions.may_listen(first.id, first.credential)
    assert told.said[-1] == ("", LOGON_REFUSED)


def test_idle_sessions_end_although_nobody_asks_for_them(told: Told) -> None:
    ended: list[str] = []
    wakes: list[float] = []
    sessions = Sessions(
        {"agent": "secret"},
        idle_s=60,
        ids=Ids(1),
        now=told.now,
        tell=told.tell,
        hide=told.hide,
        ended=lambda session: ended.append(session.topic),
        wake=wakes.append,
    )
    idle, used = sessions.logon("agent", "secret"), sessions.logon("agent", "secret")
    assert [round(seconds) for seconds in wakes] == [60]
    told.now_s += 50
    sessions.require(used.id)
    told.now_s += 11
    sessions.settle()
    assert ended == [idle.topic]
    assert told.said[-1] == ("agent", EXPIRED)
    assert [round(seconds) for seconds in wakes] == [60, 49]  # to when the other was used last
    told.now_s += 50
    sessions.settle()
    assert ended == [idle.topic, used.topic]


@pytest.mark.parametrize("look", ["logon", "may_listen", "topics", "opened"])
def test_whoever_looks_at_sessions_finds_no_idle_one(sessions: Sessions, told: Told, look: str) -> None:
    idle = sessions.logon("agent", "secret")
    told.now_s += 61
    match look:
        case "logon":
            sessions.logon("other", "secret2")
        case "may_listen":
            assert not sessions.may_listen(idle.id, idle.credential)
        case "topics":
            assert sessions.topics() == []
        case _:
            assert sessions.opened() == []
    ended = ("agent", EXPIRED)
    assert (ended in told.said) == (look in ("logon", "may_listen"))  # who only wants to know changes nothing
    sessions.settle()
    assert told.said.count(ended) == 1


def test_a_session_that_is_in_use_until_the_last_moment_is_none_that_ends(sessions: Sessions, told: Told) -> None:
    session = sessions.logon("agent", "secret")
    for _ in range(5):
        told.now_s += 60
        assert sessions.require(session.id) is session
        assert sessions.opened() == [session]


@pytest.mark.parametrize("name", ["x" * (LONGEST_NAME + 1), "x" * 900_000, "\U0001f600" * 900_000])
def test_a_name_that_nobody_has_is_told_cut_short(sessions: Sessions, told: Told, name: str) -> None:
    with pytest.raises(HmcError):
        sessions.logon(name, "secret")
    assert not sessions.may_listen(name, "secret")
    assert told.said == [(f"{name[:LONGEST_NAME]}...", LOGON_REFUSED)] * 2


def test_the_longest_name_is_told_whole(sessions: Sessions, told: Told) -> None:
    with pytest.raises(HmcError):
        sessions.logon("x" * LONGEST_NAME, "secret")
    assert told.said == [("x" * LONGEST_NAME, LOGON_REFUSED)]

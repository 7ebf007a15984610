"""No secret in what the agent prints, or sends to where it was redirected."""

from __future__ import annotations

import pytest

from harness.checks.keeps_secrets import KeepsSecrets
from harness.core.events import LogLine, Strayed
from tests.playbook import FAIL, OTHER, PASS, UNKNOWN, at, every, found, healthy, less, log, story

CHECK = KeepsSecrets()


def test_lines_without_a_secret_pass() -> None:
    assert found(CHECK, story(healthy())) == (PASS, "no secret in 3 lines", None)


@pytest.mark.parametrize("name", ["password", "session id"])
def test_the_first_line_with_the_recorders_mark_fails(name: str) -> None:
    history = story(healthy(), at(6.0, log(f"using <secret:{name}>")), at(7.0, log("<secret:password>")))
    assert found(CHECK, history) == (FAIL, f"printed its {name}: 'using <secret:{name}>'", 6.0)


def test_on_either_stream() -> None:
    assert found(CHECK, story(healthy(), at(6.0, log("<secret:password>", stream="stdout"))))[0] == FAIL


def test_what_another_program_prints_or_what_is_printed_after_the_watching_does_not_count() -> None:
    history = story(healthy(), at(6.0, log("<secret:password>", who=OTHER)), at(20.1, log("<secret:password>")))
    assert found(CHECK, history)[0] == PASS


def test_from_an_agent_that_printed_nothing_nothing_is_known() -> None:
    history = story(less(healthy(), every(LogLine)))
    assert found(CHECK, history)[:2] == (UNKNOWN, "no secret in 0 lines, but the agent printed nothing at all")


def test_lines_that_were_left_out_may_hold_anything() -> None:
    history = story(healthy(), at(6.0, log("[40 lines left out]")))
    assert found(CHECK, history) == (UNKNOWN, "no secret in 3 lines, but 40 more were left out", 6.0)


def test_a_secret_that_was_seen_fails_whatever_was_left_out() -> None:
    history = story(healthy(), at(6.0, log("[40 lines left out]")), at(7.0, log("<secret:password>")))
    assert found(CHECK, history)[0] == FAIL


def test_it_needs_no_time_of_its_own() -> None:
    assert CHECK.watch_until(story(healthy())) == 0.0


def test_a_session_id_that_arrives_at_another_host_fails() -> None:
    stray = Strayed(where="another host", method="GET", path="/api/cpcs", secret="session id")
    told = (FAIL, "sent its session id to another host: GET /api/cpcs", 6.0)
    assert found(CHECK, story(healthy(), at(6.0, stray))) == told


def test_to_follow_a_redirect_without_a_secret_passes() -> None:
    stray = Strayed(where="a port without TLS", method="GET", path="/api/cpcs", secret="")
    assert found(CHECK, story(healthy(), at(6.0, stray)))[0] == PASS

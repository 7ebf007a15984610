"""A profile becomes a command, files and an environment; no secret is shown on the way."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from harness.core.profile import PLACEHOLDERS, HeartbeatSource, MetricsPage, Profile, Timeouts, placeholders, put_in
from harness.errors import BadInput

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS} | {"hmc_password": "s3cret"}

AGENT = Profile(
    name="agent",
    title="An agent",
    command=("{python}", "-m", "agent", "--host", "{host}"),
    files={"agent.conf": "password = {hmc_password}\ntimeout = {connect_timeout}\nset = {{{{}}}}\n"},
    environment={"ZHMC_PASSWORD": "{hmc_password}"},
    settings={"connect_timeout": "1500ms", "retries": "3", "host": "host-1"},
    timeouts=Timeouts(connect_timeout="{connect_timeout}", connect_retries="{retries}", read_timeout="5min"),
    heartbeat=MetricsPage(metrics="http://{listen_host}:{listen_port}/metrics"),
    ports="{host}",
)


def test_placeholders_are_put_in_everywhere() -> None:
    made = AGENT.expand(VALUES, {})
    assert made.argv == ("<python>", "-m", "agent", "--host", "host-1")
    assert made.files == {"agent.conf": "password = s3cret\ntimeout = 1.5\nset = {{}}\n"}
    assert made.environment == {"ZHMC_PASSWORD": "s3cret"}
    assert made.heartbeat == MetricsPage(metrics="http://<listen_host>:<listen_port>/metrics")
    assert made.ports_host == "host-1"


def test_claims_are_seconds_and_counts() -> None:
    assert AGENT.expand(VALUES, {}).timeouts == {"connect_timeout": 1.5, "connect_retries": 3.0, "read_timeout": 300.0}


def test_an_override_changes_what_is_put_in_and_what_is_claimed() -> None:
    made = AGENT.expand(VALUES, {"connect_timeout": "2min", "host": "5s"})
    assert "timeout = 120\n" in made.files["agent.conf"]
    assert made.timeouts["connect_timeout"] == 120.0
    assert made.ports_host == "5s", "a text stays a text, even if it looks like a duration"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"host2": "x"}, "profile agent: there is no setting 'host2'; known: connect_timeout, retries, host"),
        ({"connect_timeout": "3"}, "profile agent: connect_timeout: '3' has no unit; write 3ms, 3s, 3min or 3h"),
        (
            {"retries": "many"},
            "profile agent: timeouts: connect_retries: 'many' is not a whole number; write one, as in 3",
        ),
    ],
)
def test_an_override_that_does_not_fit_is_told(overrides: dict[str, str], told: str) -> None:
    with pytest.raises(BadInput) as caught:
        AGENT.expand(VALUES, overrides)
    assert str(caught.value) == told


def test_a_profile_without_ports_and_heartbeat_has_none() -> None:
    made = Profile(name="a", title="t", command=("a",)).expand({}, {})
    assert (made.ports_host, made.heartbeat, made.timeouts) == (None, HeartbeatSource.NONE, {})


def test_a_value_that_looks_like_a_placeholder_is_not_replaced_again() -> None:
    assert put_in("{a}", {"a": "{b}", "b": "c"}) == "{b}"


def test_no_secret_shows_when_a_profile_for_a_trial_is_printed() -> None:
    assert "s3cret" not in repr(AGENT.expand(VALUES, {}))


def test_a_placeholder_without_a_value_is_told() -> None:
    with pytest.raises(BadInput, match=r"^profile agent: there is no value for the placeholder \{python\}$"):
        AGENT.expand({}, {})


@pytest.mark.parametrize(("text", "names"), [("{a}-{b}", ["a", "b"]), ("{{a}}", []), ("{{{a}}}", ["a"]), ("", [])])
def test_double_braces_are_letters(text: str, names: list[str]) -> None:
    assert list(placeholders(text)) == names


@pytest.mark.parametrize("text", ["{", "}", "{a", "a}", "{{a}", "{a{b}}"])
def test_a_brace_alone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="stands alone; write "):
        placeholders(text)


def test_every_setting_can_be_overridden() -> None:
    plain = dataclasses.replace(AGENT, settings={"a": "1"}, timeouts=Timeouts())
    assert plain.settings_with({"a": "2"}) == {"a": "2"}


@pytest.mark.parametrize(
    "where",
    [
        {"command": ("agent", "-h{hmc_host}", "-h{hmc_alternate}")},
        {"files": {"agent.conf": "hosts = {hmc_host},{hmc_alternate}"}},
        {"environment": {"HOSTS": "{hmc_host} {hmc_alternate}"}},
    ],
)
def test_who_names_an_alternate_hmc_has_one(where: dict[str, Any]) -> None:
    assert Profile(**{"name": "two", "title": "x", "command": ("agent",), **where}).has_alternate
    literal = Profile(name="one", title="x", command=("agent", "{hmc_host} {{hmc_alternate}}"))
    assert not literal.has_alternate

"""The configuration file: the concept's values by default, and each mistake named by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_under_test.dpm_agent.config import ConfigError, Timeouts, load
from tests.dpm_agent.fakes import write_private

SECRET = "top%secret"
GOOD = f"""
[hmc]
host = 127.0.0.2
user = dpm
password = {SECRET}
ca_certs = /
cpc = CPC1
[agent]
host = dpm-host-1
[control_plane]
url = http://127.0.0.1:9696
"""


def load_text(tmp_path: Path, text: str) -> object:
    return load(write_private(tmp_path / "agent.ini", text))


def test_what_is_not_given_is_what_the_concept_says(tmp_path: Path) -> None:
    config = load(write_private(tmp_path / "agent.ini", GOOD))
    assert config.timeouts == Timeouts(
        connect_timeout=30,
        connect_retries=3,
        read_timeout=300,
        read_retries=0,
        max_redirects=30,
        operation_timeout=600,
        status_timeout=60,
    )
    assert (config.hmc.port, config.hmc.address, config.hmc.password) == (6794, "127.0.0.2:6794", SECRET)
    rhythm = config.agent
    assert (rhythm.polling_interval_s, rhythm.report_interval_s) == (2, 4)
    assert (rhythm.reconnect_min_s, rhythm.reconnect_max_s) == (1, 8)


def test_each_value_can_be_given_and_times_may_be_fractions(tmp_path: Path) -> None:
    text = GOOD.replace("[agent]", "[timeouts]\nread_timeout = 0.5\nread_retries = 2\n[agent]\npolling_interval = .25")
    config = load(write_private(tmp_path / "agent.ini", text))
    assert (config.timeouts.read_timeout, config.timeouts.read_retries) == (0.5, 2)
    assert config.agent.polling_interval_s == 0.25


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("user = dpm", "user = dpm\nusr = x", r"\[hmc\] usr: unknown key; there are .*user"),
        ("[agent]", "[agnt]", r"unknown section \[agnt\]; there are .*\[agent\]"),
        ("cpc = CPC1", "", r"\[hmc\] cpc: is missing"),
        ("cpc = CPC1", "cpc =", r"\[hmc\] cpc: is missing"),
        ("cpc = CPC1", "cpc = C\nport = 0", r"\[hmc\] port: 0 is not between 1 and 65535"),
        ("cpc = CPC1", "cpc = C\nport = x", r"\[hmc\] port: 'x' is not a whole number"),
        ("ca_certs = /", "ca_certs = /nowhere/ca.pem", r"\[hmc\] ca_certs: there is no file"),
        ("[agent]", "[timeouts]\nread_timeout = 0\n[agent]", r"\[timeouts\] read_timeout: .*above 0"),
        ("[agent]", "[timeouts]\nread_timeout = nan\n[agent]", r"\[timeouts\] read_timeout: .*above 0"),
        ("[agent]", "[timeouts]\nread_retries = 1.5\n[agent]", r"\[timeouts\] read_retries: '1.5' is not a whole"),
        ("[agent]", "[agent]\nreconnect_max = 0.5", r"\[agent\] reconnect_max: is less than reconnect_min"),
        ("http://127.0.0.1:9696", "127.0.0.1", r"\[control_plane\] url: .*http://"),
        ("http://127.0.0.1:9696", "http://h:x", r"\[control_plane\] url: .*http://"),
        ("[hmc]", "", r"line \d comes before the first"),
        ("[agent]", "[hmc]", "repeats"),
        ("user = dpm", "user", "neither"),
    ],
)
def test_a_mistake_is_named_by_file_and_key_and_never_shows_the_password(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_text(tmp_path, GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(str(tmp_path / "agent.ini"))
    assert SECRET not in str(caught.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = write_private(tmp_path / "agent.ini", GOOD)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.ini: cannot be read: No such file"):
        load(tmp_path / "none.ini")


def test_the_password_is_not_in_the_settings_as_text(tmp_path: Path) -> None:
    assert SECRET not in repr(load_text(tmp_path, GOOD))

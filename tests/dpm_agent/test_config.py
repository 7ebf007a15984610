"""The configuration file: the concept's values by default, and each mistake named by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_under_test.dpm_agent.config import Timeouts, load
from agent_under_test.dpm_agent.ini import ConfigError
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


BUS = GOOD.replace(
    "url = http://127.0.0.1:9696",
    "transport_url = rabbit://neutron:b%40s@127.0.0.1:5672/\nadapter_mappings = physnet1:id-1, physnet2:id-2",
)


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


def test_the_bus_has_neutrons_own_times_unless_others_are_given(tmp_path: Path) -> None:
    bus = load(write_private(tmp_path / "agent.ini", BUS), "transport_url").bus
    assert bus is not None
    assert bus.adapter_mappings == {"physnet1": "id-1", "physnet2": "id-2"}
    assert (bus.rpc_response_timeout_s, bus.heartbeat_timeout_s, bus.address) == (60, 60, "127.0.0.1:5672")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rabbit://", "amqp://", r"transport_url: is no URL such as rabbit://"),
        ("127.0.0.1:5672", "", r"transport_url: is no URL such as rabbit://"),
        ("physnet1:id-1", "physnet1", r"adapter_mappings: is not like physnet1:"),
        ("physnet2", "physnet1", r"adapter_mappings: is not like physnet1:"),
        ("adapter_mappings", "# ", r"adapter_mappings: is missing"),
        (
            "[control_plane]",
            "[control_plane]\nrpc_response_timeout = 0.5",
            r"rpc_response_timeout: '0.5' is not a whole",
        ),
        (
            "[control_plane]",
            "[control_plane]\nurl = http://h",
            "url: give url or transport_url, one of them; there are 2",
        ),
        ("transport_url", "# ", "url: give url or transport_url, one of them; there are 0"),
    ],
)
def test_a_mistake_about_the_bus_never_shows_its_password(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load(write_private(tmp_path / "agent.ini", BUS.replace(old, new, 1)), "transport_url")
    assert "b%40s" not in str(caught.value)


def test_a_file_for_the_other_program_names_that_program(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"transport_url: is for another program: .*dpm_agent\.neutron"):
        load_text(tmp_path, BUS)
    with pytest.raises(ConfigError, match=r"url: is for another program: python -m agent_under_test\.dpm_agent$"):
        load(write_private(tmp_path / "agent.ini", GOOD), "transport_url")


def test_keys_of_the_bus_have_no_place_beside_a_url(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"url: stands alone"):
        load_text(tmp_path, GOOD + "rpc_response_timeout = 5\n")

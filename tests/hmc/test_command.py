"""``python -m harness.hmc``: which names its certificate bears; what it, and its control, may listen to."""

import argparse
import math

import pytest

from harness.errors import BadInput
from harness.hmc.alone import Address
from harness.hmc.behaviour_options import add_behaviour_options, settings_of
from harness.hmc.command import add_commands


@pytest.mark.parametrize(
    ("listen", "reached_as", "names"),
    [
        ("127.0.0.5:6794", [], ["127.0.0.5"]),
        ("127.0.0.5:6794", ["localhost"], ["localhost", "127.0.0.5"]),
        ("127.0.0.5:6794", ["127.0.0.5"], ["127.0.0.5"]),
        ("0.0.0.0:6794", ["127.0.0.1", "localhost", "127.0.0.1"], ["127.0.0.1", "localhost"]),
        ("[::]:6794", ["::1"], ["::1"]),
    ],
)
def test_the_first_name_is_what_is_printed_and_a_wildcard_is_none(
    listen: str, reached_as: list[str], names: list[str]
) -> None:
    assert Address.parse(listen, anywhere=True).names(reached_as) == names


def test_no_idle_time_is_never_and_not_at_once() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    add_behaviour_options(parser)
    for said, meant in (("0", math.inf), ("90", 90.0)):
        options = parser.parse_args(["--user", "me", "--session-idle", said])
        assert settings_of(options, "pw").session_idle_s == meant


@pytest.mark.parametrize("listen", ["0.0.0.0:6794", "[::]:6794"])
def test_nobody_can_verify_every_address_so_one_has_to_be_named(listen: str) -> None:
    with pytest.raises(BadInput, match="--reached-as"):
        Address.parse(listen, anywhere=True).names([])


def test_a_control_interface_has_a_port_of_its_own() -> None:
    assert Address.parse_control("127.0.0.5") == Address("127.0.0.5", 6795)
    assert Address.parse_control("127.0.0.5:7") == Address("127.0.0.5", 7)


def test_no_option_lets_the_control_interface_listen_off_loopback() -> None:
    with pytest.raises(BadInput, match=r"8\.8\.8\.8 can be reached from other machines.*begins with 127\.$"):
        Address.parse_control("8.8.8.8:1")


def test_a_port_of_thousands_of_digits_is_none() -> None:
    with pytest.raises(BadInput, match="is no port"):
        Address.parse("127.0.0.5:" + "9" * 5000, anywhere=False)
    parser = argparse.ArgumentParser()
    add_commands(parser)
    options = parser.parse_args(["control", "--at", "127.0.0.5:" + "9" * 5000, "restart"])
    with pytest.raises(BadInput, match="write an address and a port"):
        options.run(options)

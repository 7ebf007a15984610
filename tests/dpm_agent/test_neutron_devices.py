"""What Neutron's loop is told of the devices, played as the loop asks: `all`, `stamps`, and `plugged` for each port."""

from __future__ import annotations

import logging
import threading

import pytest

from agent_under_test.dpm_agent.hmc_side import HmcLost
from agent_under_test.dpm_agent.neutron.devices import Devices
from agent_under_test.dpm_agent.watch import HmcWatch
from tests.dpm_agent.fakes import MAC_A, MAC_B, FakeHmc, HandClock, config


class Loop:
    """Neutron's loop in short: `ask` is one round, and returns which devices it asks the server for."""

    def __init__(self, *macs: str) -> None:
        self.macs = frozenset(macs)
        self.ports = frozenset[str]()
        self.devices = Devices(lambda: self.macs)
        self.known = dict[str, int]()

    def ask(self) -> set[str]:
        there = self.devices.all()
        stamps = self.devices.stamps(there)
        # Neutron's scan_devices: what is new, and what has another time of modification than in the round before.
        asked = {mac for mac in there if stamps[mac] != self.known.get(mac)}
        self.known = stamps
        for mac in asked & self.ports:
            self.devices.plugged(mac)
        return asked


def test_a_device_with_a_port_is_asked_for_once() -> None:
    loop = Loop(MAC_A)
    loop.ports = frozenset({MAC_A})
    assert [loop.ask() for _ in range(4)] == [{MAC_A}, set(), set(), set()]


def test_a_device_without_a_port_is_asked_for_until_there_is_one_and_then_no_more() -> None:
    loop = Loop(MAC_A, MAC_B)
    loop.ports = frozenset({MAC_B})
    assert [loop.ask() for _ in range(3)] == [{MAC_A, MAC_B}, {MAC_A}, {MAC_A}]
    loop.ports = frozenset({MAC_A, MAC_B})
    assert [loop.ask() for _ in range(3)] == [{MAC_A}, set(), set()]


def test_a_device_that_was_away_is_a_new_one() -> None:
    loop = Loop(MAC_A)
    loop.ports = frozenset({MAC_A})
    loop.ask()
    loop.macs = frozenset()
    loop.ask()
    loop.macs, loop.ports = frozenset({MAC_A}), frozenset()
    assert [loop.ask() for _ in range(2)] == [{MAC_A}, {MAC_A}]


def test_a_device_without_a_port_is_named_once_and_not_before_it_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    loop = Loop(MAC_A)
    loop.ask()
    assert not caplog.records
    loop.ask()
    loop.ask()
    loop.ports = frozenset({MAC_A})
    loop.ask()
    loop.ask()
    assert [record.getMessage() for record in caplog.records] == [
        f"devices without a port, to be asked for again: {MAC_A}",
        f"device with a port: {MAC_A}",
    ]


def test_while_the_hmc_is_away_the_devices_are_those_that_were_last_seen_and_the_hmc_is_not_asked() -> None:
    hmc = FakeHmc(MAC_A, MAC_B)
    watch = HmcWatch(config(), hmc, threading.Event(), HandClock())
    devices = Devices(lambda: watch.seen)
    watch.start()
    hmc.away = HmcLost("connection refused", answered=False)
    watch.look()
    hmc.calls.clear()
    assert devices.all() == {MAC_A, MAC_B}
    assert hmc.calls == []
    hmc.away, hmc.macs = None, frozenset({MAC_B})
    watch.look()
    assert devices.all() == {MAC_B}

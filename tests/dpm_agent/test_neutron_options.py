"""The agent's settings in oslo's words, which takes whole seconds only."""

from __future__ import annotations

from agent_under_test.dpm_agent.config import AgentConfig, BusConfig
from agent_under_test.dpm_agent.neutron.options import oslo_options

URL = "rabbit://neutron:secret@127.0.0.1:5672/"


def test_each_setting_gets_where_oslo_wants_it_and_fractions_are_rounded_up() -> None:
    agent = AgentConfig(host="dpm-host-1", report_interval_s=0.5, reconnect_min_s=0.25, reconnect_max_s=2.5)
    bus = BusConfig(
        transport_url=URL, adapter_mappings={"physnet1": "id"}, rpc_response_timeout_s=5, heartbeat_timeout_s=10
    )
    options = {(group, name): value for group, name, value in oslo_options(agent, bus)}
    assert options["", "host"] == "dpm-host-1"
    assert options["", "transport_url"] == URL
    assert options["AGENT", "report_interval"] == 0.5
    assert (options["", "rpc_response_timeout"], options["", "rpc_response_max_timeout"]) == (5, 5)
    rabbit = {name: value for (group, name), value in options.items() if group == "oslo_messaging_rabbit"}
    assert rabbit == {"rabbit_retry_interval": 1, "rabbit_interval_max": 3, "heartbeat_timeout_threshold": 10}


def test_the_urls_password_is_not_in_the_settings_as_text() -> None:
    bus = BusConfig(transport_url=URL, adapter_mappings={})
    assert "secret" not in repr(bus)
    assert (bus.address, bus.password) == ("127.0.0.1:5672", "secret")

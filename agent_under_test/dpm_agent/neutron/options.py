"""The agent's settings in the words of Neutron and oslo: (group, option, value), the group empty for DEFAULT."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agent_under_test.dpm_agent.config import AgentConfig, BusConfig

Option = tuple[str, str, object]


def oslo_options(agent: AgentConfig, bus: BusConfig) -> Sequence[Option]:
    """All options that this agent sets; the others have Neutron's defaults."""
    return (
        ("", "host", agent.host),
        ("", "transport_url", bus.transport_url),
        ("", "rpc_response_timeout", bus.rpc_response_timeout_s),
        # Neutron doubles the timeout of a call that had no answer, by default up to ten minutes. A broker that was
        # restarted has lost the call, and the agent would wait that long for an answer that nobody will send.
        ("", "rpc_response_max_timeout", bus.rpc_response_timeout_s),
        ("AGENT", "report_interval", agent.report_interval_s),
        ("SECURITYGROUP", "enable_security_group", False),
        ("SECURITYGROUP", "firewall_driver", "noop"),
        ("oslo_messaging_rabbit", "rabbit_retry_interval", _whole(agent.reconnect_min_s)),
        ("oslo_messaging_rabbit", "rabbit_interval_max", _whole(agent.reconnect_max_s)),
        ("oslo_messaging_rabbit", "heartbeat_timeout_threshold", bus.heartbeat_timeout_s),
    )


def _whole(seconds: float) -> int:
    """oslo takes whole seconds only, from 1 on."""
    return math.ceil(seconds)

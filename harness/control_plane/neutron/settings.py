"""What the configuration files of RabbitMQ and Neutron say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

PHYSICAL_NETWORK = "physnet1"
"""The one physical network; each trial has a VLAN of it."""

API_PORT = 9696
"""Neutron's own."""

BUS_PORT = 5672
"""AMQP's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where one Neutron lies and listens."""

    folder: Path
    host: str
    database: str
    """SQLAlchemy's URL."""
    user: str
    password: str = field(repr=False)
    epmd_port: int
    erlang_port: int

    @property
    def neutron_conf(self) -> Path:
        """Neutron's one configuration file."""
        return self.folder / "neutron.conf"

    @property
    def api_url(self) -> str:
        """Where Neutron's API answers."""
        return f"http://{self.host}:{API_PORT}"


def rabbitmq_conf(layout: Layout) -> str:
    """RabbitMQ's configuration: loopback only, small, silent."""
    return f"""\
listeners.tcp.default = {layout.host}:{BUS_PORT}
default_user = {layout.user}
default_pass = {layout.password}
log.console = true
log.console.level = warning
log.file = false
# A broker of some dozen agents: neither the machine's memory nor a nearly full disk is its business.
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 10MB
"""


def neutron_conf(layout: Layout, api_paste: Path, agent_down_time_s: int) -> str:
    """Neutron's configuration: ML2 with both agents' mechanism drivers, no authentication, one process of a kind."""
    return f"""\
[DEFAULT]
core_plugin = ml2
service_plugins =
auth_strategy = noauth
transport_url = rabbit://{layout.user}:{layout.password}@{layout.host}:{BUS_PORT}/
agent_down_time = {agent_down_time_s}
api_paste_config = {api_paste}
state_path = {layout.folder / "state"}
rpc_workers = 1
rpc_state_report_workers = 1
# There is no Nova, and no DHCP agent, that could be told.
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
dhcp_agent_notification = false
use_stderr = true
# Its INFO is a line for each request; neutron.service says when the RPC workers listen.
default_log_levels = neutron=WARNING,neutron.service=DEBUG,oslo.messaging=WARNING,waitress=WARNING,oslo_service=WARNING

[database]
connection = {layout.database}
# The database lives as long as a run: nothing is owed to a power cut.
sqlite_synchronous = false

[oslo_messaging_rabbit]
# The broker is ours and near; its loss is seen by the connection's end. Heartbeats would not fit a fast clock.
heartbeat_timeout_threshold = 0
kombu_reconnect_delay = 0.5
rabbit_retry_interval = 1
rabbit_interval_max = 1
rabbit_transient_queues_ttl = 60

[oslo_concurrency]
lock_path = {layout.folder / "lock"}

[oslo_messaging_notifications]
driver = noop

[quotas]
quota_driver = neutron.db.quota.driver_null.DbQuotaDriverNull

[ml2]
type_drivers = vlan
tenant_network_types = vlan
mechanism_drivers = dpm,openvswitch
extension_drivers =

[ml2_type_vlan]
network_vlan_ranges = {PHYSICAL_NETWORK}:1:4094

[securitygroup]
enable_security_group = false
firewall_driver = noop
"""

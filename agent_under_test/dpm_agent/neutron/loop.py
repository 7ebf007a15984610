"""Neutron's own agent loop, and what it wants of an agent. All that can be said without Neutron is in `devices`.

Neutron's words are kept, also where they mean nothing to an agent that only reports: it plugs nothing, filters
nothing and cannot set a device up or down.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import oslo_messaging
from neutron.agent import rpc as agent_rpc
from neutron.api.rpc.handlers import securitygroups_rpc
from neutron.common import config as neutron_config
from neutron.conf import service as neutron_service
from neutron.plugins.ml2.drivers.agent import _agent_manager_base as manager_base
from neutron.plugins.ml2.drivers.agent import _common_agent as common_agent
from neutron_lib import context as neutron_context
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_messaging import opts as messaging_options

from agent_under_test.dpm_agent.backoff import Backoff
from agent_under_test.dpm_agent.config import BusConfig, Config
from agent_under_test.dpm_agent.neutron.devices import Devices
from agent_under_test.dpm_agent.neutron.options import oslo_options
from agent_under_test.dpm_agent.outage import Outage
from agent_under_test.dpm_agent.reporter import AGENT_TYPE, BINARY
from agent_under_test.dpm_agent.watch import HmcWatch

_LOG = logging.getLogger(__name__)


def run(config: Config, watch: HmcWatch) -> None:
    """Report what the watch sees, for ever."""
    bus = config.bus
    if bus is None:
        raise TypeError("a configuration without a bus")
    _configure(config, bus)
    outage = Outage(f"Neutron's server by the bus {bus.address}", _LOG, time.monotonic)
    _wait_for_server(outage, Backoff(config.agent.reconnect_min_s, config.agent.reconnect_max_s))
    _LOG.info("reporting to Neutron by the bus %s as host %s", bus.address, config.agent.host)
    manager = DpmManager(config, bus, Devices(lambda: watch.seen))
    DpmLoop(config, manager, outage).start()


def _configure(config: Config, bus: BusConfig) -> None:
    """Neutron reads no file: all it has to know stands in the agent's one."""
    neutron_config.register_common_config_options()
    neutron_service.register_service_opts(neutron_service.RPC_EXTRA_OPTS, cfg.CONF)
    for group, options in messaging_options.list_opts():
        cfg.CONF.register_opts(options, group)
    for group, name, value in oslo_options(config.agent, bus):
        cfg.CONF.set_override(name, value, group or None)
    neutron_config.init([], default_config_files=[], default_config_dirs=[])


def _wait_for_server(outage: Outage, backoff: Backoff) -> None:
    """Return once the server answers. Neutron's loop could not be started over a bus that refuses its user."""
    state_rpc = agent_rpc.PluginReportStateAPI(topics.REPORTS)
    while True:
        try:
            state_rpc.has_alive_neutron_server(neutron_context.get_admin_context_without_session())
        except Exception as error:  # noqa: BLE001 - of oslo, kombu, amqp or the system: whatever it is, it is not there
            delay_s = backoff.next_delay_s()
            outage.failed(_cause(error), f"next attempt in {delay_s:g} s")
            time.sleep(delay_s)
        else:
            outage.over()
            return


def _cause(error: Exception) -> str:
    """In a few words. Only kinds are told: a text may quote what a call held."""
    if isinstance(error, oslo_messaging.MessagingTimeout):
        return "no answer in time (timed out)"
    if isinstance(error, oslo_messaging.RemoteError):
        return f"an error there ({error.exc_type})"
    return type(error).__name__


class DpmLoop(common_agent.CommonAgentLoop):  # type: ignore[misc]  # Neutron has no types
    """Neutron's loop with heartbeats that say how they fare."""

    def __init__(self, config: Config, manager: DpmManager, outage: Outage) -> None:
        super().__init__(manager, config.agent.polling_interval_s, 0, AGENT_TYPE, BINARY)
        self._outage = outage
        self._interval_s = config.agent.report_interval_s

    def setup_rpc(self) -> None:
        """As Neutron does it, but for the heartbeats."""
        super().setup_rpc()
        self.state_rpc = StateReports(self._outage, self._interval_s)


class StateReports(agent_rpc.PluginReportStateAPI):  # type: ignore[misc]  # Neutron has no types
    """Heartbeats by the bus; to be used by one thread."""

    def __init__(self, outage: Outage, interval_s: float) -> None:
        super().__init__(topics.REPORTS)
        self._outage = outage
        self._meanwhile = f"next heartbeat within {interval_s:g} s"
        # Neutron waits as long as the interval. With a short one, an answer that comes late would be lost; it is
        # the answer that says that the server had taken the agent for dead, and wants to hear of all devices.
        self.timeout: float = max(interval_s, cfg.CONF.rpc_response_timeout)

    def report_state(self, context: Any, agent_state: Any, use_call: bool = False) -> Any:
        """One heartbeat; a failure goes on to Neutron's loop, which lives through it."""
        began = time.monotonic()
        try:
            answer = super().report_state(context, agent_state, use_call)
        except Exception as error:
            self._outage.failed(_cause(error), self._meanwhile)
            raise
        waited_s = time.monotonic() - began
        if waited_s > self.timeout:  # a call waits for the broker first, without an end and without an error
            _LOG.warning("a heartbeat could be told again, after %.0f s", waited_s)
        self._outage.over()
        return answer


class Callbacks(
    securitygroups_rpc.SecurityGroupAgentRpcCallbackMixin,  # type: ignore[misc]  # Neutron has no types
    manager_base.CommonAgentManagerRpcCallBackBase,  # type: ignore[misc]
):
    """What the server tells the agents."""

    target = oslo_messaging.Target(version="1.4")

    def __init__(self, context: Any, agent: Any, sg_agent: Any) -> None:
        super().__init__(context, agent, sg_agent)
        self._lock = threading.Lock()

    def port_update(self, _context: Any, **message: Any) -> None:
        """A port, of whatever host, was changed: the loop has to ask for its device again, if it is one of its own."""
        with self._lock:
            self.updated_devices.add(message["port"]["mac_address"])

    def get_and_clear_updated_devices(self) -> Any:
        """As Neutron's, which takes it for granted that no thread adds to the set meanwhile."""
        with self._lock:
            return super().get_and_clear_updated_devices()


class DpmManager(manager_base.CommonAgentManagerBase):  # type: ignore[misc]  # Neutron has no types
    """What the loop asks of an agent. It is never given the HMC, so it can neither touch nor wait for it (RUN-2)."""

    def __init__(self, config: Config, bus: BusConfig, devices: Devices) -> None:
        self._host = config.agent.host
        self._cpc = config.hmc.cpc
        self._mappings = bus.adapter_mappings
        self._devices = devices

    def get_all_devices(self) -> set[str]:
        """The devices that were last seen; also each heartbeat asks for them, to count them."""
        return self._devices.all()

    def get_devices_modified_timestamps(self, devices: set[str]) -> dict[str, int]:
        """See `Devices.stamps`."""
        return self._devices.stamps(devices)

    def plug_interface(self, _network_id: str, _segment: Any, device: str, _owner: str) -> bool:
        """A device has a port. It is there and works, or the HMC would not have shown it."""
        self._devices.plugged(device)
        return True

    def get_agent_configurations(self) -> dict[str, Any]:
        """What networking-dpm's mechanism driver binds ports by: physical networks and their virtual switches."""
        return {"cpc": self._cpc, "adapter_mappings": {net: [switch] for net, switch in self._mappings.items()}}

    def get_agent_id(self) -> str:
        """As networking-dpm's."""
        return f"dpm-{self._host}"

    def get_rpc_callbacks(self, context: Any, agent: Any, sg_agent: Any) -> Callbacks:
        """The receiver of the server's messages."""
        return Callbacks(context, agent, sg_agent)

    def get_rpc_consumers(self) -> list[list[str]]:
        """Which of the server's messages are received."""
        return [[topics.PORT, topics.UPDATE], [topics.SECURITY_GROUP, topics.UPDATE]]

    def get_extension_driver_type(self) -> str:
        """No extension is loaded for it."""
        return "dpm"

    def get_agent_api(self, **_options: Any) -> None:
        """Only extensions would use it."""

    def ensure_port_admin_state(self, device: str, admin_state_up: bool) -> None:
        """It only reads the HMC (GET-1)."""

    def setup_arp_spoofing_protection(self, device: str, device_details: Any) -> None:
        """There is none for NICs of a CPC."""

    def delete_arp_spoofing_protection(self, devices: Any) -> None:
        """There is none for NICs of a CPC."""

    def delete_unreferenced_arp_protection(self, current_devices: Any) -> None:
        """There is none for NICs of a CPC."""

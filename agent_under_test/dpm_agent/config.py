"""The agent's one INI file, checked once; past here every value has its type.

[hmc]
host = 127.0.0.1
port = 6794                 ; the HMC's Web Services port, and zhmcclient's default
user = dpm-agent
password = ...              ; the reason why nobody but the owner may read the file
ca_certs = /path/of/ca.pem
cpc = CPC1                  ; the CPC's name

[timeouts]                  ; by default what the concept says (TR-1 to TR-7); seconds and numbers of retries
connect_timeout = 30
connect_retries = 3
read_timeout = 300
read_retries = 0
max_redirects = 30
operation_timeout = 600
status_timeout = 60

[agent]
host = dpm-host-1           ; the name under which Neutron knows this agent's host
polling_interval = 2        ; seconds from the end of one look at the HMC to the next
report_interval = 4         ; seconds between heartbeats
reconnect_min = 1           ; seconds before the first attempt to reconnect, doubled for each next one
reconnect_max = 8           ; ... up to this: Open vSwitch's model

[control_plane]
url = http://127.0.0.1:9696 ; for python -m agent_under_test.dpm_agent

[control_plane]             ; for python -m agent_under_test.dpm_agent.neutron
transport_url = rabbit://user:password@127.0.0.1:5672/
adapter_mappings = physnet1:OBJECT-ID   ; physical networks, and the virtual switch that each one is
rpc_response_timeout = 60   ; whole seconds for an answer by the bus
bus_heartbeat_timeout = 60  ; whole seconds after which a broker without a sign of life counts as lost; 0: never
"""

from __future__ import annotations

import configparser
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from agent_under_test.dpm_agent.ini import ConfigError, Reader

Plane = Literal["url", "transport_url"]
"""The key that names the control plane: Neutron's API (HTTP), or Neutron's message bus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HmcConfig:
    """Which HMC, as whom, and which CPC of it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_certs: str
    cpc: str

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """What zhmcclient is told; times in seconds. The defaults are the concept's, not zhmcclient's own."""

    connect_timeout: float = 30.0
    connect_retries: int = 3
    read_timeout: float = 300.0
    read_retries: int = 0
    max_redirects: int = 30
    operation_timeout: float = 600.0
    status_timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """Who the agent is, and its rhythm; times in seconds."""

    host: str
    polling_interval_s: float = 2.0
    report_interval_s: float = 4.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BusConfig:
    """Neutron's message bus, and what its server has to know to bind ports; times in seconds."""

    transport_url: str = field(repr=False)
    adapter_mappings: Mapping[str, str]
    """Physical networks, and the object-id of the virtual switch that each one is."""
    rpc_response_timeout_s: int = 60
    heartbeat_timeout_s: int = 60

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        parts = urlsplit(self.transport_url)
        return f"{parts.hostname}:{parts.port or 5672}"

    @property
    def password(self) -> str:
        """As it stands in the URL."""
        return urlsplit(self.transport_url).password or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file. It names one control plane: `control_plane_url` is empty if there is a `bus`."""

    hmc: HmcConfig
    timeouts: Timeouts
    agent: AgentConfig
    control_plane_url: str = ""
    bus: BusConfig | None = None


_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "hmc": frozenset({"host", "port", "user", "password", "ca_certs", "cpc"}),
    "timeouts": frozenset(Timeouts.__dataclass_fields__),
    "agent": frozenset({"host", "polling_interval", "report_interval", "reconnect_min", "reconnect_max"}),
    "control_plane": frozenset(
        {"url", "transport_url", "adapter_mappings", "rpc_response_timeout", "bus_heartbeat_timeout"}
    ),
}


_PROGRAMS: Final[Mapping[Plane, str]] = {
    "url": "agent_under_test.dpm_agent",
    "transport_url": "agent_under_test.dpm_agent.neutron",
}


def load(path: Path, plane: Plane = "url") -> Config:
    """The settings of a file, for the program that reports to this kind of control plane.

    Raises:
        ConfigError: it cannot be read, others may read it, or something in it is wrong, unknown or missing.
    """
    parser = configparser.ConfigParser(
        interpolation=None, inline_comment_prefixes=None, default_section="", empty_lines_in_values=False
    )
    try:
        _require_private(path)
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {_reason(error)}") from error
    except configparser.Error as error:
        raise ConfigError(f"{path}: is no INI file: {_first_line(error)}") from None
    _refuse_unknown(path, parser)
    reader = Reader(path, parser)
    _require_one_plane(reader, plane)
    return _read(reader, plane)


def _require_private(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigError(f"{path}: holds a password, but others than its owner may read it: chmod 600 {path}")


def _refuse_unknown(path: Path, parser: configparser.ConfigParser) -> None:
    for section in parser.sections():
        if section not in _KEYS:
            raise ConfigError(f"{path}: unknown section [{section}]; there are {', '.join(map('[{}]'.format, _KEYS))}")
        for key in parser[section]:
            if key not in _KEYS[section]:
                names = ", ".join(sorted(_KEYS[section]))
                raise ConfigError(f"{path}: [{section}] {key}: unknown key; there are {names}")


def _require_one_plane(reader: Reader, plane: Plane) -> None:
    given: list[Plane] = [key for key in _PROGRAMS if reader.parser.has_option("control_plane", key)]
    if len(given) != 1:
        raise reader.wrong("control_plane", "url", f"give url or transport_url, one of them; there are {len(given)}")
    if given != [plane]:
        raise reader.wrong("control_plane", given[0], f"is for another program: python -m {_PROGRAMS[given[0]]}")
    if plane == "url" and len(reader.parser["control_plane"]) > 1:
        raise reader.wrong("control_plane", plane, "stands alone; the other keys go with transport_url")


def _read(reader: Reader, plane: Plane) -> Config:
    defaults, rhythm = Timeouts(), AgentConfig(host="")
    config = Config(
        hmc=HmcConfig(
            host=reader.text("hmc", "host"),
            port=reader.count("hmc", "port", 6794, least=1, most=65535),
            user=reader.text("hmc", "user"),
            password=reader.text("hmc", "password"),
            ca_certs=reader.existing("hmc", "ca_certs"),
            cpc=reader.text("hmc", "cpc"),
        ),
        timeouts=Timeouts(
            connect_timeout=reader.seconds("timeouts", "connect_timeout", defaults.connect_timeout),
            connect_retries=reader.count("timeouts", "connect_retries", defaults.connect_retries),
            read_timeout=reader.seconds("timeouts", "read_timeout", defaults.read_timeout),
            read_retries=reader.count("timeouts", "read_retries", defaults.read_retries),
            max_redirects=reader.count("timeouts", "max_redirects", defaults.max_redirects),
            operation_timeout=reader.seconds("timeouts", "operation_timeout", defaults.operation_timeout),
            status_timeout=reader.seconds("timeouts", "status_timeout", defaults.status_timeout),
        ),
        agent=AgentConfig(
            host=reader.text("agent", "host"),
            polling_interval_s=reader.seconds("agent", "polling_interval", rhythm.polling_interval_s),
            report_interval_s=reader.seconds("agent", "report_interval", rhythm.report_interval_s),
            reconnect_min_s=reader.seconds("agent", "reconnect_min", rhythm.reconnect_min_s),
            reconnect_max_s=reader.seconds("agent", "reconnect_max", rhythm.reconnect_max_s),
        ),
        control_plane_url=reader.url("control_plane", "url") if plane == "url" else "",
        bus=_read_bus(reader) if plane == "transport_url" else None,
    )
    if config.agent.reconnect_max_s < config.agent.reconnect_min_s:
        raise reader.wrong("agent", "reconnect_max", "is less than reconnect_min; make it at least as long")
    return config


def _read_bus(reader: Reader) -> BusConfig:
    section = "control_plane"
    return BusConfig(
        transport_url=reader.transport_url(section, "transport_url"),
        adapter_mappings=reader.pairs(section, "adapter_mappings"),
        rpc_response_timeout_s=reader.count(section, "rpc_response_timeout", 60, least=1),
        heartbeat_timeout_s=reader.count(section, "bus_heartbeat_timeout", 60),
    )


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"


def _first_line(error: configparser.Error) -> str:
    """The parser's words up to where it begins to quote lines, one of which may hold the password."""
    line = getattr(error, "lineno", None)
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f"line {line} comes before the first [section]"
    if isinstance(error, configparser.ParsingError):
        return f"line {error.errors[0][0]} is neither a [section] nor a key = value"
    return f"line {line} repeats a section or key"

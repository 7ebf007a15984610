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
url = http://127.0.0.1:9696
"""

from __future__ import annotations

import configparser
import math
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class ConfigError(Exception):
    """The file is wrong; the text names the file, the key and what to do."""


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
class Config:
    """The whole file."""

    hmc: HmcConfig
    timeouts: Timeouts
    agent: AgentConfig
    control_plane_url: str


_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "hmc": frozenset({"host", "port", "user", "password", "ca_certs", "cpc"}),
    "timeouts": frozenset(Timeouts.__dataclass_fields__),
    "agent": frozenset({"host", "polling_interval", "report_interval", "reconnect_min", "reconnect_max"}),
    "control_plane": frozenset({"url"}),
}


def load(path: Path) -> Config:
    """The settings of a file.

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
    return _read(_Reader(path, parser))


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


def _read(reader: _Reader) -> Config:
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
        control_plane_url=reader.url("control_plane", "url"),
    )
    if config.agent.reconnect_max_s < config.agent.reconnect_min_s:
        raise reader.wrong("agent", "reconnect_max", "is less than reconnect_min; make it at least as long")
    return config


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads single values; each failure names file, section and key, and never shows a value that may be secret."""

    path: Path
    parser: configparser.ConfigParser

    def wrong(self, section: str, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self.path}: [{section}] {key}: {what}")

    def text(self, section: str, key: str) -> str:
        value = self.parser.get(section, key, fallback="")
        if not value:
            raise self.wrong(section, key, "is missing")
        return value

    def existing(self, section: str, key: str) -> str:
        value = self.text(section, key)
        if not Path(value).exists():
            raise self.wrong(section, key, f"there is no file or directory {value}")
        return value

    def url(self, section: str, key: str) -> str:
        value = self.text(section, key)
        try:
            parts = urlsplit(value)
            good = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise self.wrong(section, key, f"{value!r} is no URL such as http://127.0.0.1:9696")
        return value

    def seconds(self, section: str, key: str, default: float) -> float:
        value = self._number(section, key, float, default, "a number of seconds")
        if not math.isfinite(value) or value <= 0:
            raise self.wrong(section, key, f"{value:g} is no time; give seconds above 0")
        return value

    def count(self, section: str, key: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        value = self._number(section, key, int, default, "a whole number")
        if not least <= value <= most:
            raise self.wrong(section, key, f"{value} is not between {least} and {most}")
        return value

    def _number(self, section: str, key: str, kind: Callable[[str], T], default: T, what: str) -> T:
        value = self.parser.get(section, key, fallback=None)
        try:
            return default if value is None else kind(value)
        except ValueError:
            raise self.wrong(section, key, f"{value!r} is not {what}") from None


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

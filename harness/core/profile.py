"""A profile: how a program under test is started, what it claims, and where its signs of life are. A few lines of YAML.

Its texts hold placeholders such as ``{hmc_host}``, which `Profile.expand` replaces for a trial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from harness.core import quantities
from harness.core.values import Says, Unit
from harness.errors import BadInput

PLACEHOLDERS: Mapping[str, str] = {
    "python": "the Python interpreter that runs the harness",
    "root": "the project's directory",
    "workdir": "the trial's own directory, in which the profile's files lie",
    "hmc_host": "the HMC's address, as the agent is to know it",
    "hmc_alternate": "the address of an alternate HMC: another console of the same CPCs, at the same port",
    "hmc_port": "the HMC's TCP port",
    "hmc_user": "the user with whom the program logs on",
    "hmc_password": "that user's password; only in files and environment",
    "ca_file": "the certificate that signs the HMC's",
    "control_plane_url": "where the control plane is",
    "transport_url": "where a real Neutron's message bus is, for oslo.messaging; only in files and environment",
    "listen_host": "an address at which the program may listen",
    "listen_port": "a TCP port at which it may listen",
}
"""What a profile's texts may name besides its own settings, and what it stands for."""

SECRETS = ("hmc_password", "transport_url")
"""Placeholders whose text must not be seen by everybody, as a command line is."""

ALTERNATE = "hmc_alternate"
"""The placeholder by which a program says that it takes several HMCs; only its trials have a second one."""

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Kind(StrEnum):
    """What sort of program it is."""

    SERVICE = "service"
    ONE_SHOT = "one-shot"


class PlaneKind(StrEnum):
    """Which control plane a program can report to."""

    EMBEDDED = "embedded"
    NEUTRON = "neutron"


class HeartbeatSource(StrEnum):
    """Where the program's sign of life arrives, if not on a page of its own."""

    CONTROL_PLANE = "control_plane"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPage:
    """The program answers HTTP GET as long as it lives."""

    metrics: Annotated[str, Says("the page's URL")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFormat:
    """How the program's log lines are told apart."""

    level: Annotated[re.Pattern[str], Says("regular expression with a group 'level' that finds a line's level")]

    def __post_init__(self) -> None:
        """Refuse an expression that finds no level."""
        if "level" not in self.level.groupindex:
            raise ValueError("level has no group named 'level'; write it as in ^(?P<level>[A-Z]+) ")


_TIMEOUT = "a duration, or a text with a setting's placeholder"
_COUNT = "a whole number, or a text with a setting's placeholder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """What the program claims about its patience, by the names of TR-1 to TR-7."""

    connect_timeout: Annotated[str | None, Says(f"TR-1: {_TIMEOUT}")] = None
    connect_retries: Annotated[str | None, Says(f"TR-2: {_COUNT}")] = None
    read_timeout: Annotated[str | None, Says(f"TR-3: {_TIMEOUT}")] = None
    read_retries: Annotated[str | None, Says(f"TR-4: {_COUNT}")] = None
    max_redirects: Annotated[str | None, Says(f"TR-5: {_COUNT}")] = None
    operation_timeout: Annotated[str | None, Says(f"TR-6: {_TIMEOUT}")] = None
    status_timeout: Annotated[str | None, Says(f"TR-7: {_TIMEOUT}")] = None

    def claims(self) -> Mapping[str, str]:
        """Those that are there, as they were written."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: text for name, text in given.items() if text is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A profile for one trial: nothing is left to be put in. Secrets are kept out of its printed form."""

    argv: tuple[str, ...]
    files: Mapping[str, str] = field(repr=False)
    """Text by name; to be written with mode 0600 into the work directory."""
    environment: Mapping[str, str] = field(repr=False)
    timeouts: Mapping[str, float]
    """What the program claims, by TR name: seconds, or a count."""
    heartbeat: HeartbeatSource | MetricsPage
    ports_host: str | None
    """The host name under which its Neutron ports are bound; None if it owns none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How to start a program, what it claims, and where its signs of life are."""

    name: str = field(default="", metadata={"in_file": False})
    """The file's name without its ending."""
    title: Annotated[str, Says("what this program is, in one line")]
    command: Annotated[tuple[str, ...], Says("program and arguments; there is no shell")]
    files: Annotated[Mapping[str, str], Says("files for the work directory: text by name; mode 0600")] = field(
        default_factory=dict
    )
    environment: Annotated[Mapping[str, str], Says("its environment variables; it gets few others")] = field(
        default_factory=dict
    )
    kind: Annotated[Kind, Says("service: runs until it is stopped; one-shot: does one thing and ends")] = Kind.SERVICE
    needs: Annotated[str | None, Says("a program that has to exist, as a path from the project's root")] = None
    setup: Annotated[str | None, Says("what to type when it does not")] = None
    settings: Annotated[Mapping[str, str], Says("defaults that a scenario may override; each is a placeholder")] = (
        field(default_factory=dict)
    )
    whole_seconds: Annotated[
        tuple[str, ...], Says("those settings, all of them durations, of which the program takes whole seconds only")
    ] = ()
    timeouts: Annotated[Timeouts, Says("what the program claims about its patience")] = Timeouts()
    heartbeat: Annotated[HeartbeatSource | MetricsPage, Says("where its sign of life arrives")] = HeartbeatSource.NONE
    ports: Annotated[str | None, Says("host name under which its Neutron ports are bound, or none")] = None
    control_plane: Annotated[
        PlaneKind, Says("what it reports to: embedded is the harness's own, neutron a real one over RPC")
    ] = PlaneKind.EMBEDDED
    on_neutron: Annotated[str | None, Says("the profile that stands in for this one on a real Neutron")] = None
    notifications: Annotated[bool, Says("whether it listens to the HMC's notifications (STOMP, port 61612)")] = False
    log: Annotated[LogFormat | None, Says("how its log lines are told apart")] = None

    @property
    def reports_to(self) -> PlaneKind | None:
        """The control plane that a trial of it needs; None if it needs none."""
        used = self.heartbeat is HeartbeatSource.CONTROL_PLANE or self.ports is not None
        return self.control_plane if used else None

    @property
    def has_alternate(self) -> bool:
        """Whether it is told the address of an alternate HMC."""
        page = [self.heartbeat.metrics] if isinstance(self.heartbeat, MetricsPage) else []
        texts = (*self.command, *self.files.values(), *self.environment.values(), *page, self.ports or "")
        return any(ALTERNATE in placeholders(text) for text in texts)

    @property
    def host_settings(self) -> tuple[str, ...]:
        """The settings that make up the host name of its ports."""
        return tuple(name for name in placeholders(self.ports or "") if name in self.settings)

    def settings_with(self, overrides: Mapping[str, str]) -> Mapping[str, str]:
        """Its settings as texts to put in: a duration is a bare number of seconds.

        Raises:
            BadInput: a setting is not declared, or a duration was asked for and something else given.
        """
        for name, text in overrides.items():
            if name not in self.settings:
                known = ", ".join(self.settings) or "it has none"
                raise BadInput(f"profile {self.name}: there is no setting {name!r}; known: {known}")
            unfit = self.unfit_setting(name, text)
            if unfit:
                raise BadInput(f"profile {self.name}: {unfit}")
        return {name: self._plain(name, overrides.get(name, text)) for name, text in self.settings.items()}

    def unfit_setting(self, name: str, text: str) -> str | None:
        """Why a declared setting cannot have this value, and what to write; None if it can."""
        if not quantities.is_duration(self.settings[name]):
            return None
        try:
            seconds = quantities.parse(text, Unit.DURATION)
        except ValueError as error:
            return f"{name}: {error}"
        if name in self.whole_seconds and not seconds.is_integer():
            return f"{name}: {text!r} is no whole number of seconds, and the program takes nothing else; write 12s"
        return None

    def unfit_claim(self, overrides: Mapping[str, str]) -> tuple[str, str] | None:
        """A setting among these for which what the program claims is no number, and why; None if all are."""
        for claimed, text in self.timeouts.claims().items() if overrides else ():
            names = placeholders(text)
            culprit = next((name for name in names if name in overrides), None)
            if culprit is None:
                continue
            try:
                claim(
                    claimed, text, {name: self._plain(name, overrides.get(name, self.settings[name])) for name in names}
                )
            except ValueError as error:
                return culprit, str(error)
        return None

    def expand(self, values: Mapping[str, str], overrides: Mapping[str, str]) -> Expanded:
        """This profile for one trial; `values` has a text for each of `PLACEHOLDERS` that it uses.

        Raises:
            BadInput: an override does not fit, or what a timeout claims is no number.
        """
        settings = self.settings_with(overrides)
        every = {**values, **settings}
        page = self.heartbeat
        return Expanded(
            argv=tuple(self._put_in(text, every) for text in self.command),
            files={name: self._put_in(text, every) for name, text in self.files.items()},
            environment={name: self._put_in(text, every) for name, text in self.environment.items()},
            timeouts=self.claims(settings),
            heartbeat=MetricsPage(metrics=self._put_in(page.metrics, every)) if isinstance(page, MetricsPage) else page,
            ports_host=None if self.ports is None else self._put_in(self.ports, every),
        )

    def claims(self, settings: Mapping[str, str]) -> Mapping[str, float]:
        """What its timeouts are with these settings (of `settings_with`), by TR name: seconds, or a count.

        Raises:
            BadInput: one is no number.
        """
        try:
            return {name: claim(name, text, settings) for name, text in self.timeouts.claims().items()}
        except ValueError as error:
            raise BadInput(f"profile {self.name}: timeouts: {error}") from error

    def _plain(self, name: str, text: str) -> str:
        return quantities.plain_seconds(text) if quantities.is_duration(self.settings[name]) else text

    def _put_in(self, text: str, values: Mapping[str, str]) -> str:
        try:
            return put_in(text, values)
        except ValueError as error:
            raise BadInput(f"profile {self.name}: {error}") from error


def claim(name: str, text: str, settings: Mapping[str, str]) -> float:
    """One of `Timeouts` as a number: seconds for ``..._timeout``, a count for all others.

    Raises:
        ValueError: it is no such number; says what to write.
    """
    value = put_in(text, settings)
    if name.endswith("_timeout"):
        is_plain = value != text and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", value)
        return float(value) if is_plain else quantities.parse(value, Unit.DURATION)
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{name}: {value!r} is not a whole number; write one, as in 3")
    return float(value)


def put_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, in one go; ``{{`` and ``}}`` become single braces.

    Raises:
        ValueError: a placeholder has no value, or a brace stands alone.
    """
    return "".join(piece if name is None else _value(name, values) for piece, name in pieces(text))


@lru_cache(maxsize=1024)  # each scenario asks for those of its agent's profile
def placeholders(text: str) -> tuple[str, ...]:
    """The names that a text holds in braces.

    Raises:
        ValueError: a brace stands alone; write it twice.
    """
    return tuple(name for _, name in pieces(text) if name is not None)


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """The text in pieces: (literal, None) or ('', name of a placeholder).

    Raises:
        ValueError: a brace stands alone.
    """
    end = 0
    for found in _PART.finditer(text):
        yield text[end : found.start()], None
        end = found.end()
        if found[0] in ("{", "}"):
            raise ValueError(f"a {found[0]!r} stands alone; write {found[0] * 2!r} for the letter itself")
        yield (found[0][0], None) if found[1] is None else ("", found[1])
    yield text[end:], None


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise ValueError(f"there is no value for the placeholder {{{name}}}")
    return values[name]

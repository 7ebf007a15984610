"""What there is in a project: its profiles, its inventories, and the words that its scenarios may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from harness.assembly.agent_engine import AgentEngine
from harness.assembly.broker_side import BrokerEngine
from harness.assembly.bus_side import BusEngine
from harness.assembly.hmc_side import HmcEngine
from harness.assembly.names import misnamed
from harness.assembly.programs import BystanderEngine
from harness.checks import CHECKS, CONDITIONS
from harness.core.commands import Channel, Command, ConnectionCommand
from harness.core.events import PROCESS
from harness.core.profile import PlaneKind, Profile
from harness.core.requirements import REQUIREMENTS
from harness.core.scenario import Scenario
from harness.core.vocabulary import Vocabulary
from harness.engines.mitm import MitmProxy
from harness.engines.names import Names
from harness.engines.relay import Relay
from harness.engines.toxiproxy import Toxiproxy
from harness.engines.toxiproxy_toxics import cannot
from harness.errors import BadInput
from harness.faults import CHANGES, FAULTS
from harness.hmc import Inventory
from harness.scenario_file import load, load_profile

SCENARIO_SUFFIX = ".scenario.yaml"
MISNAMED = ".scenario.yml"
"""What somebody may write who means a scenario: it is found, and refused with what to do, and not passed over."""

PROFILES = Path("agent_under_test/profiles")
INVENTORIES = Path("scenarios/inventories")

RELAY, MITMPROXY, HMC, BYSTANDER = "relay", "mitmproxy", "hmc", "bystander"
TOXIPROXY = "toxiproxy"
BROKER, NAMES = "broker", "names"
BUS = "bus"
TOOLS = Path(".tools")
"""Where `make toxiproxy` puts the server's program."""

ENGINES: Mapping[str, frozenset[type[Command]]] = {
    RELAY: Relay.CARRIES,
    TOXIPROXY: Toxiproxy.CARRIES,
    MITMPROXY: MitmProxy.CARRIES,
    BROKER: BrokerEngine.CARRIES,
    NAMES: Names.CARRIES,
    HMC: HmcEngine.CARRIES,
    BYSTANDER: BystanderEngine.CARRIES,
    BUS: BusEngine.CARRIES,
    PROCESS: AgentEngine.CARRIES,
}
"""What each engine carries out; where several could, the first one named here does."""

LIMITS: Mapping[str, Callable[[Command], str | None]] = {TOXIPROXY: cannot}
"""What an engine cannot do of the kinds of commands that it carries."""

L4_ENGINES = (RELAY, TOXIPROXY)


@dataclass(frozen=True)
class Project:
    """A folder with scenarios, inventories and profiles; files are read once."""

    root: Path
    profile_folders: tuple[Path, ...] = ()
    """Where profiles are looked for besides the project's own: tests keep their broken agents apart."""
    l4_engine: str = RELAY
    """Which one of `L4_ENGINES` carries out the faults that both can."""
    control_plane: PlaneKind = PlaneKind.EMBEDDED
    """Where agents report that can report to either."""
    _read: dict[Path, list[Scenario]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was read, so that the look at all files before the start is the only one."""
    _opened: dict[str, Inventory] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """Every profile by its name.

        Raises:
            BadInput: one of the files is wrong.
        """
        folders = (self.root / PROFILES, *self.profile_folders)
        files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
        found = {file.stem: load_profile(file) for file in files}
        for file in files:
            stand_in = found[file.stem].on_neutron
            if stand_in is not None and stand_in not in found:
                raise BadInput(f"{file}: on_neutron: there is no profile {stand_in!r}; there are {', '.join(found)}")
        return {name: self._played(profile, found) for name, profile in found.items()}

    def _played(self, profile: Profile, found: Mapping[str, Profile]) -> Profile:
        other = profile.on_neutron if self.control_plane is PlaneKind.NEUTRON else None
        return profile if other is None else replace(found[other], name=profile.name)

    @cached_property
    def inventories(self) -> Mapping[str, Path]:
        """Every inventory file by its name."""
        return {file.stem: file for file in sorted((self.root / INVENTORIES).glob("*.yaml"))}

    def inventory(self, name: str) -> Inventory:
        """An inventory, read once.

        Raises:
            BadInput: its file is wrong.
        """
        if name not in self._opened:
            self._opened[name] = Inventory.load(self.inventories[name])
        return self._opened[name]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that a scenario may use here."""
        return Vocabulary(
            faults=FAULTS,
            changes=CHANGES,
            checks=CHECKS,
            conditions=CONDITIONS,
            engines={self.l4_engine: ENGINES[self.l4_engine], **ENGINES},
            limits=LIMITS,
            requirements=REQUIREMENTS,
            agents=self.profiles,
            inventories=frozenset(self.inventories),
        )

    def scenarios(self, file: Path) -> list[Scenario]:
        """The scenarios of a file, one for each combination of its matrix.

        Raises:
            BadInput: the file is wrong.
        """
        if file not in self._read:
            self._read[file] = load(file, self.vocabulary, self.root)
        return self._read[file]

    def unfit(self, scenario: Scenario) -> str | None:
        """Why a scenario cannot be played with this project's L4 engine or control plane; None if it can."""
        return self._misplaced(scenario) or self._too_much(scenario)

    def _misplaced(self, scenario: Scenario) -> str | None:
        wanted = self.profiles[scenario.agent].reports_to
        if wanted is None and self.control_plane is PlaneKind.NEUTRON:
            return f"{scenario.agent} reports to no control plane"
        if wanted not in (None, self.control_plane):
            return f"{scenario.agent} reports to the control plane {wanted}: --control-plane {wanted}"
        if wanted is not PlaneKind.NEUTRON and any(_is_of_the_bus(step.command) for step in scenario.timeline):
            return "the message bus is a real Neutron's: --control-plane neutron"
        if wanted is PlaneKind.NEUTRON and not scenario.agent_down_time_s.is_integer():
            return f"Neutron's agent_down_time is in whole seconds, not {scenario.agent_down_time_s:g}"
        return None

    def _too_much(self, scenario: Scenario) -> str | None:
        steps = [step for step in scenario.timeline if step.engine in L4_ENGINES and step.engine != self.l4_engine]
        if not steps:
            return None
        limit = LIMITS.get(self.l4_engine)
        limits = [limit(step.command) if limit else None for step in steps]
        pairs = zip(steps, limits, strict=True)
        reasons = (f"{step.what}: {why or f'only the {step.engine} does that'}" for step, why in pairs)
        return "; ".join(dict.fromkeys(reasons))

    def all_scenarios(self, paths: list[Path]) -> list[Scenario]:
        """The scenarios of these files and folders.

        Raises:
            BadInput: files are wrong; tells of all of them at once.
        """
        found: list[Scenario] = []
        problems: list[str] = []
        files = scenario_files(paths)
        if files:
            _ = self.vocabulary  # a slip in a profile is told here, once, and not again for each scenario
        for file in files:
            try:
                found += self.scenarios(file)
            except BadInput as error:
                problems.append(str(error))
        problems += self._inventory_problems(found)
        if problems:
            raise BadInput("\n".join(problems))
        return found

    def _inventory_problems(self, scenarios: Sequence[Scenario]) -> Iterator[str]:
        """What is wrong with the inventories that are used, each told once, and which names are not in them."""
        told: dict[str, None] = {}
        nics: dict[str, Mapping[str, frozenset[str]]] = {}
        for name in dict.fromkeys(scenario.inventory for scenario in scenarios):
            try:
                nics[name] = self.inventory(name).nics()
            except BadInput as error:
                told[str(error)] = None
        for scenario in scenarios:
            if scenario.inventory in nics:
                owns_nics = self.profiles[scenario.agent].ports is not None
                told |= dict.fromkeys(misnamed(scenario, nics[scenario.inventory], owns_nics=owns_nics))
        yield from told


def _is_of_the_bus(command: Command) -> bool:
    return type(command) in BusEngine.CARRIES or (
        isinstance(command, ConnectionCommand) and command.channel is Channel.BUS
    )


def is_scenario(path: Path) -> bool:
    """Whether a file's name says that it holds a scenario, rightly spelt or not."""
    return path.name.endswith((SCENARIO_SUFFIX, MISNAMED))


def scenario_files(paths: list[Path]) -> list[Path]:
    """The scenario files among these files and below these folders, in a stable order."""
    found = []
    for path in paths:
        found += sorted(filter(is_scenario, path.rglob("*.scenario.*"))) if path.is_dir() else [path]
    return list(dict.fromkeys(found))

"""neutron-openvswitch-agent does what the concept says of it, judged by the checks that judge a DPM agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.assembly.trial import Result
from harness.assembly.worker import Worker
from harness.control_plane.neutron import Addresses, Kept
from harness.core.events import ConnectionAttempt, Event, NicChanged
from harness.core.profile import PlaneKind
from harness.core.scenario import Scenario
from harness.core.verdict import Outcome
from harness.report.store import RunStore
from harness.report.text import render
from tests.contract.ovs.world import Host, play

pytestmark = [pytest.mark.contract, pytest.mark.neutron]

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).with_name("ovs")
PROJECT = Project(ROOT, (HERE / "profiles",), control_plane=PlaneKind.NEUTRON)
STORY = HERE / "loses-ovsdb.yaml"
"""A scenario, but for its name: under a scenario's `pytest tests` would play it as one."""

REFUSED = "refuse_connections"
FAULTS = (REFUSED, "hang", "reset")

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0)
"""From the loss to the first try, and from each to the next: `ovs.reconnect`'s own."""

OFF_S = 0.7
"""Its timer is looked at in a loop of some milliseconds; the rest is a busy machine's."""

TOLD = (
    "connection dropped (Connection reset by peer)",
    "entering BACKOFF",
    "entering CONNECTING",
    "connection attempt failed (Connection refused)",
    "entering BACKOFF",
    "entering CONNECTING",
    "entering ACTIVE",
)
"""What it says of OVSDB, in this order: see docs/ovs-model.md for the concept's words and today's."""


@pytest.fixture(scope="module")
def neutron() -> Iterator[Addresses]:
    """One Neutron for all trials here."""
    kept = Kept.start(ROOT, agent_down_time_s=10)
    try:
        yield kept.addresses
    finally:
        kept.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_it_lives_through_the_loss_of_ovsdb(fault: str, neutron: Addresses, tmp_path: Path) -> None:
    """Alive, reporting, its port ACTIVE; afterwards it sees by itself what has come meanwhile."""
    result = _play(fault, neutron, tmp_path)
    assert result.verdict.outcome is Outcome.PASS, _page(result)
    if fault == REFUSED:
        _backs_off_as_quoted(result)


def test_one_that_dies_is_caught(neutron: Addresses, tmp_path: Path) -> None:
    """FAIL, and by the check that is for it alone."""

    def dies_in_the_outage(host: Host) -> None:
        def on_event(event: Event) -> None:
            if isinstance(event, NicChanged) and event.port == "port-2":
                host.kill()

        host.recorder.listen(on_event)

    result = _play(REFUSED, neutron, tmp_path, dies_in_the_outage)
    failed = {finding.check for finding in result.verdict.findings if finding.outcome is Outcome.FAIL}
    assert failed == {"keeps_running"}, _page(result)


def _play(fault: str, neutron: Addresses, tmp_path: Path, meddle: Callable[[Host], None] = lambda _: None) -> Result:
    folder = RunStore(tmp_path / "runs", keep=1).open("ovs", "1")
    scenario = _scenarios(tmp_path)[f"loses-ovsdb[{fault}]"]

    async def playing() -> Result:
        async with Worker(PROJECT, shared_neutron=neutron) as worker:
            return await play(worker, scenario, folder, meddle)

    return asyncio.run(playing())


def _scenarios(tmp_path: Path) -> dict[str, Scenario]:
    """One for each fault of the story, by the id's last part."""
    _, *lines = STORY.read_text(encoding="utf-8").splitlines()
    schema = ROOT / "harness/scenario_file/scenario.schema.json"
    file = tmp_path / "loses-ovsdb.scenario.yaml"
    file.write_text("\n".join([f"# yaml-language-server: $schema={schema}", *lines, ""]), encoding="utf-8")
    return {scenario.id.rpartition("/")[2]: scenario for scenario in PROJECT.scenarios(file)}


def _backs_off_as_quoted(result: Result) -> None:
    history = result.history
    ((begin, end),) = [(window.begin, window.end) for window in history.fault_windows()]
    tries = [e.t for e in history.seen(ConnectionAttempt) if begin <= e.t <= end and e.outcome == "refused"]
    waits = [later - earlier for earlier, later in pairwise([begin, *tries])]
    assert waits == pytest.approx(BACK_OFF_S, abs=OFF_S), _page(result)
    lines = iter(line.text for line in history.agent_log() if line.t >= begin)
    for words in TOLD:
        assert any(f":6794: {words}" in line for line in lines), f"{words!r} is missing, or in another order"


def _page(result: Result) -> str:
    return render(result.scenario.id, result.history, result.verdict)

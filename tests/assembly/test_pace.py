"""How fast a trial's clocks run is decided with words for a person."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.assembly import pace
from harness.assembly.pace import Pace, Refused, Wish, pace_of
from harness.assembly.project import Project
from harness.core.events import AGENT
from harness.core.scenario import Scenario, WarpWord
from harness.core.warp import Machine, Repetition
from harness.engines.warp import build, reach
from harness.engines.warp.clock import Factor, Origin
from harness.engines.warp.warp import Warp
from harness.errors import BadInput
from harness.observe.clock import WallClock

PROJECT = Project(Path(__file__).parents[2])
LONG = PROJECT.root / "scenarios/timeouts/operation-timeout.scenario.yaml"
SHORT = PROJECT.root / "scenarios/startup/cannot-connect.scenario.yaml"
STATIC = "/bin/agent is statically linked"


def scenario(file: Path = LONG) -> Scenario:
    return PROJECT.scenarios(file)[0]


def decided(wish: Wish, file: Path = LONG) -> Pace:
    return asyncio.run(pace_of(PROJECT, scenario(file), wish))


PREPARED = Warp(
    speed=Factor.of(7), library=Path("/warp.so"), origin=Origin(monotonic=0, realtime=0, boottime=0), measured=()
)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing is built or tested; the factors that were asked for."""
    asked: list[float] = []

    def prepare(factor: float, _python: Path | None = None) -> Warp:
        asked.append(factor)
        raise BadInput("warp needs a C compiler: apt install gcc libc6-dev")

    monkeypatch.setattr(Warp, "prepare", prepare)
    monkeypatch.setattr(pace, "_machine", lambda: Machine(cpus=2, load=0.0))
    monkeypatch.setattr(reach, "obstacle", lambda *_: None)
    return asked


def test_off_is_real_time_and_says_nothing() -> None:
    assert decided(WarpWord.OFF) == Pace()
    assert isinstance(Pace().clock(), WallClock)
    assert Pace().environment({"A": "1"}) == {"A": "1"}
    assert Pace().applied_to(scenario()) == scenario()


def test_one_is_real_time_that_was_asked_for(prepared: list[float]) -> None:
    used = decided(1.0).used
    assert used is not None
    assert (used.factor, used.why, used.earlier) == (1.0, "asked for by number", "")
    assert prepared == []


def test_a_repetition_says_why_it_is_one_and_what_came_before(prepared: list[float]) -> None:
    used = decided(Repetition(factor=1.0, why="again, in real time", earlier="x60 FAIL")).used
    assert used is not None
    assert (used.factor, used.why, used.earlier, used.auto) == (1.0, "again, in real time", "x60 FAIL", False)
    used = decided(Repetition(factor=1.0, why="again, in real time", earlier="x60 FAIL", auto=True)).used
    assert used is not None
    assert used.auto
    with pytest.raises(Refused):
        decided(Repetition(factor=30.0, why="again, slower", earlier="x60 FAIL"))
    assert prepared == [30.0]


@pytest.mark.parametrize(("wish", "factor"), [(WarpWord.AUTO, 120.0), (7.0, 7.0)])
def test_without_a_compiler_it_is_refused_with_what_to_install(
    prepared: list[float], wish: Wish, factor: float
) -> None:
    with pytest.raises(Refused, match="apt install gcc libc6-dev"):
        decided(wish)
    assert prepared == [factor]


def test_the_self_test_runs_under_each_interpreter_of_the_trials_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's and a bystander's, each once; what is in another language is vouched for by ours."""
    asked: list[Path | None] = []

    def prepare(_factor: float, python: Path | None = None) -> Warp:
        asked.append(python)
        return PREPARED

    of = {"dpm-agent": Path("/opt/python3.13"), "beside": None, "again": Path("/opt/python3.13")}
    programs = {who: SimpleNamespace(argv=[who], environment={}, timeouts={}) for who in of}
    programs[AGENT] = programs.pop("dpm-agent")
    monkeypatch.setattr(pace, "_programs", lambda *_: programs)
    monkeypatch.setattr(reach, "obstacle", lambda *_: None)
    monkeypatch.setattr(reach, "python", lambda program, *_: of[program])
    monkeypatch.setattr(Warp, "prepare", prepare)
    assert decided(7.0).factor == 7.0
    assert sorted(map(str, asked)) == ["/opt/python3.13", "None"]


def test_a_program_that_cannot_be_warped_runs_in_real_time(
    prepared: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "obstacle", lambda *_: STATIC)
    used = decided(WarpWord.AUTO).used
    assert used is not None
    assert (used.factor, used.why) == (1.0, f"real time: {STATIC}")
    assert prepared == []


def test_unless_a_number_was_demanded(prepared: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "obstacle", lambda *_: STATIC)
    with pytest.raises(Refused, match=f"a warp of x7 was asked for, and {STATIC}"):
        decided(7.0)
    assert prepared == []


def test_a_system_without_any_warp_plays_in_real_time(prepared: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "unsupported", lambda: "this is musl")
    used = decided(WarpWord.AUTO).used
    assert used is not None
    assert used.why == "real time: this is musl"
    assert prepared == []


def test_a_trial_that_is_short_anyway_is_not_warped_much(prepared: list[float]) -> None:
    with pytest.raises(Refused):
        decided(WarpWord.AUTO, SHORT)
    assert prepared == [6.0]  # 16 s of the agent's

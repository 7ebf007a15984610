"""What a scenario file says is what is played; each form of the language, and the document that a history keeps."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.assembly.project import Project
from harness.checks.conditions import HeartbeatsSeen, LogSays, PortsHave, RequestsAnswered
from harness.checks.heartbeat import HeartbeatGap
from harness.checks.keeps_running import KeepsRunning
from harness.checks.ports import PortsStay
from harness.core import commands
from harness.core.patterns import RequestPattern
from harness.core.scenario import (
    AtStart,
    AtTime,
    ForSeconds,
    Moment,
    Once,
    OnLog,
    OnRequest,
    OnStep,
    Place,
    Scenario,
    Step,
    StepMoment,
    ToTheEnd,
    Until,
)
from harness.core.verdict import Check, Expectation, Known
from harness.errors import BadInput
from harness.scenario_file import from_document, load
from tests.scenario_file.words import HEAD, LINE, WORDS, put

ROOT = Path(__file__).parents[2]

STORIES = {
    "fault-free control": "expect: [keeps_running]\n",
    "empty timeline": "timeline: []\nsteady:\ntags:\nexpect: [keeps_running]\n",
    "every key": """\
tags: [slow, tls]
steady:
- heartbeat
- heartbeat: {count: 3}
- ports: {status: ACTIVE}
- log: {pattern: "connected|ready"}
- requests: {match: "GET /api/cpcs/*/partitions", count: 2}
steady_within: 45s
give_up_after: 3min
timeline:
- {name: first, at: 0s, fault: refuse_connections, for: 40s}
expect:
- keeps_running
- heartbeat: {max_gap: 12s}
- ports: {status: ACTIVE}
known:
- {check: ports, says: became DOWN, because: "upstream bug"}
""",
    "start": "timeline: [{at: start, fault: {drip: {rate: 1.5kB/s, direction: request}}}]\nexpect: [exits, says_why]\n",
    "requests": """\
timeline:
- {name: a, on: {request: "GET /api/cpcs/*"}, fault: reset}
- {on: {request: /api/jobs/**, nth: 2, after: healed}, fault: {stuck_job: {}}, for: 2min}
- {on: {request: "**", after: {step: a, is: began}}, fault: {http_error: {status: 503}}, engine: mitmproxy}
expect: [keeps_running]
""",
    "logs": """\
timeline:
- {on: {log: "(?i)connect", nth: 3}, fault: {latency: {delay: 250ms}}, for: once, engine: toxiproxy}
- {on: {log: x, after: healed}, fault: hang, until: {log: y, nth: 2}}
expect: [keeps_running]
""",
    "steps": """\
timeline:
- {name: a, at: 1min, fault: hang, until: {step: b, is: healed, delay: 1s}}
- {name: b, at: 1.5s, fault: blackhole, for: 1h}
- {on: {step: a, is: healed, delay: 2s}, fault: hang, until: {request: /x, after: {step: b, is: healed}}}
expect: [keeps_running]
give_up_after: 2h
""",
    "changes": """\
timeline:
- {at: 0s, change: {remove_nic: {partition: p, nic: n}}}
- {at: 0s, change: {add_nic: {partition: p, nic: n, mac: "fa:16:3e:00:00:03"}}}
- {on: {request: /x}, change: expire_sessions}
- {at: start, bystander: zhmc-partition-start}
expect: [{sees_truth_again: {within: 3s}}]
""",
    "checks": """\
timeline: [{at: 0s, fault: hang, for: 3s}]
expect:
- exits: {status: success, within: none, slack: 2s}
- says_why: {cause: refused, names_address: false}
- keeps_secrets
- logs: {level: error, within: 3s, of: healing, pattern: "back"}
- log_rate: {at_most: 10, per: 1min}
- recovers: {within: 15s, fresh_session: true}
- only_reads: {}
- attempts: {what: connections, during: trial, at_least: 1, at_most: 4, per: none}
- ports:
""",
    "matrix": """\
timeline:
- {at: "${gap}", fault: "${fault}", for: "${length}s"}
expect: [{recovers: {within: "${gap}"}}]
matrix:
  fault: [hang, {drip: {rate: 20B/s}}, {name: slow, value: {drip: {rate: 1B/s}}}]
  gap: [5s, 9s]
  length: [3]
""",
    "matrix of parts": """\
timeline:
- {at: 0s, fault: "${sick.fault}"}
expect: [{exits: {within: "${sick.seconds}s"}}, {says_why: {cause: "${sick.cause}"}}]
matrix:
  sick:
  - {name: refused, value: {fault: refuse_connections, cause: refused, seconds: 3}}
  - {name: slow, value: {fault: {drip: {rate: 1B/s}}, cause: timed out, seconds: 9}}
""",
    "texts like other types": """\
tags: [on, yes]
timeline:
- {name: n, on: {log: 12:30}, fault: {wrong_content_type: {content_type: 1.5}}}
- {name: y, at: 0s, fault: {malformed_json: {match: "* /api"}}}
expect: [keeps_running]
""",
}
"""By name; each follows `words.HEAD`."""


def story(root: Path, text: str) -> list[Scenario]:
    return load(put(root, HEAD + text), WORDS, root)


def steps(root: Path, *entries: str) -> tuple[Step, ...]:
    (scenario,) = story(root, "expect: [keeps_running]\ntimeline:\n" + "".join(f"- {entry}\n" for entry in entries))
    return scenario.timeline


@pytest.mark.parametrize("name", STORIES)
def test_each_form_loads_and_its_document_gives_an_equal_scenario(tmp_path: Path, name: str) -> None:
    for scenario in story(tmp_path, STORIES[name]):
        assert from_document(scenario.document, WORDS) == scenario


def test_a_scenario_says_what_its_file_says(tmp_path: Path) -> None:
    (scenario,) = story(tmp_path, STORIES["every key"])
    assert dataclasses.replace(scenario, timeline=(), document="") == Scenario(
        id="story",
        file="scenarios/running/story.scenario.yaml",
        title="A running agent loses the HMC",
        why="Open vSwitch's agent lives through this.",
        requirements=("RUN-1",),
        tags=("slow", "tls"),
        agent="dpm-agent",
        agent_settings={},
        inventory="two-nics",
        job_seconds=0.1,
        steady=(
            HeartbeatsSeen(count=1),
            HeartbeatsSeen(count=3),
            PortsHave(status="ACTIVE"),
            LogSays(pattern=re.compile("connected|ready")),
            RequestsAnswered(match=RequestPattern("GET", "/api/cpcs/*/partitions"), count=2),
        ),
        steady_within_s=45.0,
        give_up_after_s=180.0,
        timeline=(),
        expect=(
            Expectation("keeps_running", KeepsRunning()),
            Expectation("heartbeat", HeartbeatGap(max_gap=12.0)),
            Expectation("ports", PortsStay(status="ACTIVE")),
        ),
        known=(Known(check="ports", says="became DOWN", because="upstream bug"),),
        document="",
        place=Place("scenarios/running/story.scenario.yaml", 2, 1),
        needs=frozenset({"relay"}),
    )
    assert scenario.timeline == (
        Step(
            number=1,
            name="first",
            what="refuse_connections",
            command=commands.RefuseConnections(),
            engine="relay",
            needs_witness=True,
            trigger=AtTime(0.0),
            lasting=ForSeconds(40.0),
            place=Place("scenarios/running/story.scenario.yaml", 17, 3),
        ),
    )


def test_what_may_be_left_out_has_its_default(tmp_path: Path) -> None:
    (scenario,) = story(tmp_path, STORIES["fault-free control"])
    assert (scenario.steady, scenario.timeline, scenario.known, scenario.tags) == ((), (), (), ())
    assert (scenario.steady_within_s, scenario.give_up_after_s, scenario.job_seconds) == (30.0, 120.0, 0.1)
    assert scenario.needs == {"relay"}


def test_settings_of_the_agent_and_of_the_hmc_are_taken(tmp_path: Path) -> None:
    text = HEAD.replace("agent: dpm-agent", "agent: {dpm-agent: {read_timeout: 3s, connect_timeout: '1ms'}}")
    text = text.replace("hmc: two-nics", "hmc: {two-nics: {job_time: 3s}}") + "expect: [keeps_running]\n"
    (scenario,) = load(put(tmp_path, text), WORDS, tmp_path)
    assert scenario.agent_settings == {"read_timeout": "3s", "connect_timeout": "1ms"}
    assert (scenario.inventory, scenario.job_seconds) == ("two-nics", 3.0)
    assert from_document(scenario.document, WORDS) == scenario


# Triggers and how long a step lasts


def test_triggers_by_time(tmp_path: Path) -> None:
    made = steps(tmp_path, "{at: start, fault: hang}", "{at: 2s, fault: hang}")
    assert [step.trigger for step in made] == [AtStart(), AtTime(2.0)]


def test_after_means_the_step_before_in_the_file_or_a_named_one(tmp_path: Path) -> None:
    made = steps(
        tmp_path,
        "{name: a, at: 0s, fault: hang, for: 1s}",
        "{at: 0s, fault: hang, for: 1s}",
        "{on: {request: GET /x, nth: 2, after: healed}, fault: hang}",
        "{on: {log: lost, after: {step: a, is: began}}, fault: hang}",
    )
    assert made[2].trigger == OnRequest(RequestPattern("GET", "/x"), 2, StepMoment(2, Moment.HEALED))
    assert made[3].trigger == OnLog(re.compile("lost"), 1, StepMoment(1, Moment.BEGAN))


def test_a_step_may_begin_a_while_after_what_the_agent_did(tmp_path: Path) -> None:
    made = steps(
        tmp_path,
        "{on: {request: GET /x, delay: 250ms}, fault: hang, until: {log: lost, nth: 2, delay: 3s}}",
    )
    assert made[0].trigger == OnRequest(RequestPattern("GET", "/x"), delay_s=0.25)
    assert made[0].lasting == Until(OnLog(re.compile("lost"), 2, delay_s=3.0))


def test_a_step_without_a_name_can_be_named_by_its_number(tmp_path: Path) -> None:
    made = steps(tmp_path, "{at: 0s, fault: hang}", "{on: {step: step-1, is: began, delay: 2s}, fault: reset}")
    assert made[1].trigger == OnStep(StepMoment(1, Moment.BEGAN), 2.0)
    assert [step.name for step in made] == ["step-1", "step-2"]


@pytest.mark.parametrize(
    ("entry", "lasting"),
    [
        ("{at: 0s, fault: hang}", ToTheEnd()),
        ("{at: 0s, fault: hang, for: 1500ms}", ForSeconds(1.5)),
        ("{at: 0s, fault: hang, for: once}", Once()),
        ("{on: {request: /x}, fault: hang}", Once()),
        ("{on: {request: /x}, fault: hang, for: 1s}", ForSeconds(1.0)),
        ("{on: {log: x}, fault: hang}", ToTheEnd()),
        ("{on: {request: /x}, change: expire_sessions}", ToTheEnd()),
        ("{on: {request: /x}, bystander: zhmc-partition-start}", ToTheEnd()),
        ("{on: {request: /x}, fault: hang, until: {log: x}}", Until(OnLog(re.compile("x")))),
    ],
)
def test_how_long_a_step_lasts(tmp_path: Path, entry: str, lasting: object) -> None:
    assert steps(tmp_path, entry)[0].lasting == lasting


def test_only_faults_need_a_witness(tmp_path: Path) -> None:
    made = steps(
        tmp_path,
        "{at: 0s, fault: hang}",
        "{at: 0s, change: expire_sessions}",
        "{at: 0s, bystander: zhmc-partition-start}",
    )
    assert [step.needs_witness for step in made] == [True, False, False]
    assert [step.what for step in made] == ["hang", "expire_sessions", "zhmc-partition-start"]
    assert made[2].command == commands.RunBystander(profile="zhmc-partition-start")


# Engines


def test_the_first_engine_that_can_does_it_unless_one_is_named(tmp_path: Path) -> None:
    made = steps(
        tmp_path,
        "{at: 0s, fault: {latency: {delay: 1s}}}",
        "{at: 0s, fault: {latency: {delay: 1s}}, engine: toxiproxy}",
        "{at: 0s, fault: malformed_json}",
    )
    assert [step.engine for step in made] == ["relay", "toxiproxy", "mitmproxy"]


def test_a_scenario_needs_its_steps_engines_and_always_the_relay(tmp_path: Path) -> None:
    (scenario,) = story(tmp_path, "expect: [keeps_running]\ntimeline: [{at: 0s, fault: malformed_json}]\n")
    assert scenario.needs == {"relay", "mitmproxy"}


def test_a_fault_that_no_engine_carries_is_told(tmp_path: Path) -> None:
    words = dataclasses.replace(WORDS, engines={"relay": frozenset()})
    path = put(tmp_path, HEAD + "expect: [keeps_running]\ntimeline: [{at: 0s, fault: hang}]\n")
    with pytest.raises(BadInput, match=r":8:28: no engine can carry out hang; use another fault$"):
        load(path, words, tmp_path)


# The matrix


def test_a_matrix_makes_one_scenario_a_combination(tmp_path: Path) -> None:
    made = story(tmp_path, STORIES["matrix"])
    assert [scenario.id for scenario in made] == [
        "story[hang-5s-3]",
        "story[hang-9s-3]",
        "story[drip-5s-3]",
        "story[drip-9s-3]",
        "story[slow-5s-3]",
        "story[slow-9s-3]",
    ]
    drip = made[3].timeline[0]
    assert drip.command == commands.Throttle(direction=commands.Direction.RESPONSE, bytes_per_s=20.0, chunk_bytes=1)
    assert (drip.trigger, drip.lasting) == (AtTime(9.0), ForSeconds(3.0))


def test_parts_of_a_value_belong_together(tmp_path: Path) -> None:
    made = story(tmp_path, STORIES["matrix of parts"])
    assert [scenario.id for scenario in made] == ["story[refused]", "story[slow]"]
    documents = [json.loads(scenario.document)["scenario"] for scenario in made]
    assert [document["timeline"][0]["fault"] for document in documents] == [
        "refuse_connections",
        {"drip": {"rate": "1B/s"}},
    ]
    expected = [
        [{"exits": {"within": f"{n}s"}}, {"says_why": {"cause": cause}}]
        for n, cause in [(3, "refused"), (9, "timed out")]
    ]
    assert [document["expect"] for document in documents] == expected


def test_the_document_has_the_matrix_put_in(tmp_path: Path) -> None:
    document = json.loads(story(tmp_path, STORIES["matrix"])[2].document)
    assert document["id"] == "story[drip-5s-3]"
    assert document["scenario"]["timeline"] == [{"at": "5s", "fault": {"drip": {"rate": "20B/s"}}, "for": "3s"}]
    assert "matrix" not in document["scenario"]


# Places, files, checks that look at the timeline


def test_a_document_tells_problems_at_the_nearest_place_that_it_keeps(tmp_path: Path) -> None:
    (scenario,) = story(tmp_path, STORIES["every key"])
    words = dataclasses.replace(WORDS, faults={}, checks={"keeps_running": KeepsRunning})
    with pytest.raises(BadInput) as caught:
        from_document(scenario.document, words)
    file = "scenarios/running/story.scenario.yaml"
    assert [": ".join(line.split(": ")[:2]) for line in str(caught.value).split("\n")] == [
        f"{file}:2:1: expect",
        f"{file}:2:1: expect",
        f"{file}:17:3: fault",
    ]


def test_a_file_outside_of_the_project_is_named_as_it_was_given(tmp_path: Path) -> None:
    put(tmp_path / "project", HEAD)
    path = put(tmp_path / "elsewhere", HEAD.removeprefix(LINE) + "expect: [keeps_running]\n")
    with pytest.raises(BadInput) as caught:
        load(path, WORDS, tmp_path / "project")
    wanted = "# yaml-language-server: $schema=../../../project/harness/scenario_file/scenario.schema.json"
    assert str(caught.value).startswith(f"{path}:1:1: ")
    assert str(caught.value).endswith(wanted)


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    text = HEAD + STORIES["every key"]
    (unix,) = load(put(tmp_path, text), WORDS, tmp_path)
    (windows,) = load(put(tmp_path, text.replace("\n", "\r\n")), WORDS, tmp_path)
    assert windows == unix


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsHealing(KeepsRunning):
    """A check that proves nothing where nothing heals."""

    def unfit_for(self, timeline: Sequence[Step]) -> str | None:
        heals = any(step.needs_witness and not isinstance(step.lasting, ToTheEnd) for step in timeline)
        return None if heals else "no fault heals; give one 'for' or 'until'"


def test_a_check_can_refuse_a_timeline_that_proves_nothing(tmp_path: Path) -> None:
    checks: dict[str, type[Check]] = {"recovers": NeedsHealing}
    words = dataclasses.replace(WORDS, checks=checks)
    text = HEAD + "expect: [recovers]\ntimeline:\n- {at: 0s, fault: hang, for: 3s}\n"
    assert load(put(tmp_path, text), words, tmp_path)
    with pytest.raises(BadInput, match=r":7:10: recovers: no fault heals; give one 'for' or 'until'$"):
        load(put(tmp_path, text.replace(", for: 3s", "")), words, tmp_path)


def test_every_scenario_of_the_project_loads_and_round_trips() -> None:
    project = Project(ROOT)
    scenarios = project.all_scenarios([ROOT / "scenarios"])
    assert scenarios
    for scenario in scenarios:
        assert from_document(scenario.document, project.vocabulary) == scenario

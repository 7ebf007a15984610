"""A profile's file is read with the same care as a scenario's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.core.profile import HeartbeatSource, Kind, LogFormat, MetricsPage, Profile, Timeouts
from harness.errors import BadInput
from harness.scenario_file import load_profile

LINE = "# yaml-language-server: $schema=../../harness/scenario_file/profile.schema.json\n"
HEAD = f"{LINE}title: An agent\n"

WHOLE = f"""{LINE}title: An agent
command: ["{{python}}", -m, agent, --config, "{{workdir}}/agent.conf"]
files:
  agent.conf: |
    host = {{hmc_host}}
    timeout = {{connect_timeout}}
environment: {{PYTHONUNBUFFERED: 1, ZHMC_PASSWORD: "{{hmc_password}}"}}
kind: one-shot
needs: .venvs/zhmccli/bin/zhmc
setup: make agents
settings: {{connect_timeout: 5s, host: host-1}}
timeouts: {{connect_timeout: "{{connect_timeout}}", connect_retries: 3, read_timeout: 5min}}
heartbeat: {{metrics: "http://{{listen_host}}:{{listen_port}}/metrics"}}
ports: "{{host}}"
log: {{level: "^(?P<level>[A-Z]+)"}}
"""


def put(root: Path, text: str, name: str = "agent.yaml") -> Path:
    schema = root / "harness" / "scenario_file" / "profile.schema.json"
    schema.parent.mkdir(parents=True, exist_ok=True)
    schema.touch()
    path = root / "agent_under_test" / "profiles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_profile_says_what_its_file_says(tmp_path: Path) -> None:
    assert load_profile(put(tmp_path, WHOLE), tmp_path) == Profile(
        name="agent",
        title="An agent",
        command=("{python}", "-m", "agent", "--config", "{workdir}/agent.conf"),
        files={"agent.conf": "host = {hmc_host}\ntimeout = {connect_timeout}\n"},
        environment={"PYTHONUNBUFFERED": "1", "ZHMC_PASSWORD": "{hmc_password}"},
        kind=Kind.ONE_SHOT,
        needs=".venvs/zhmccli/bin/zhmc",
        setup="make agents",
        settings={"connect_timeout": "5s", "host": "host-1"},
        timeouts=Timeouts(connect_timeout="{connect_timeout}", connect_retries="3", read_timeout="5min"),
        heartbeat=MetricsPage(metrics="http://{listen_host}:{listen_port}/metrics"),
        ports="{host}",
        log=LogFormat(level=re.compile("^(?P<level>[A-Z]+)")),
    )


def test_title_and_command_are_enough(tmp_path: Path) -> None:
    profile = load_profile(put(tmp_path, HEAD + "command: [agent]\nports: none\n"), tmp_path)
    assert profile == Profile(name="agent", title="An agent", command=("agent",))
    assert (profile.kind, profile.heartbeat, profile.ports) == (Kind.SERVICE, HeartbeatSource.NONE, None)


BAD = [
    ("", "2:1: profile: 'command' is missing; add it (program and arguments; there is no shell)"),
    ("command: agent -x\n", "3:10: command: a text stands here; write a list, as in [a, b]"),
    ("command: []\n", "3:10: command: the list is empty; put the program and its arguments into it"),
    ('command: [a, "{pyhton}"]\n', "3:14: command: unknown placeholder 'pyhton'; did you mean 'python'?"),
    (
        'command: [a, "-p{hmc_password}"]\n',
        "3:14: command: everybody could see the password there, as in ps; put it into files or environment",
    ),
    (
        'command: [a, "{hmc_host},{hmc_alternate}"]\nnotifications: true\n',
        "3:14: command: an alternate HMC sends no notifications; take out {hmc_alternate}, or notifications: true",
    ),
    ('command: [a, "{"]\n', "3:14: command: a '{' stands alone; write '{{' for the letter itself"),
    ("command: [a]\nkind: demon\n", "4:7: kind: unknown word 'demon'; known: service, one-shot"),
    ("command: [a]\nneeds: bin/a\n", "4:1: needs: setup goes with it; add it"),
    ("command: [a]\nsetup: make\n", "4:1: setup: needs goes with it; add it"),
    ("command: [a]\nfiles: {/etc/passwd: x}\n", "4:9: files: '/etc/passwd' does not fit; write a relative path of"),
    ("command: [a]\nfiles: {../x: x}\n", "4:9: files: '../x' does not fit; write a relative path of"),
    ("command: [a]\nenvironment: {A=B: x}\n", "4:15: environment: 'A=B' does not fit; write the name of an"),
    ("command: [a]\nsettings: {python: x}\n", "4:12: settings: 'python' is a placeholder already; choose another name"),
    ("command: [a]\nsettings: {cpc: x}\n", "4:12: settings: nothing uses 'cpc'; write {cpc} where it belongs, or take"),
    ("command: [a]\nsettings: {A B: x}\n", "4:12: settings: 'A B' does not fit; write a word of small letters, digits"),
    (
        "command: [a]\ntimeouts: {conect_timeout: 1s}\n",
        "4:12: timeouts: unknown word 'conect_timeout'; did you mean 'connect_timeout'?",
    ),
    (
        "command: [a]\ntimeouts: {connect_timeout: 1}\n",
        "4:29: timeouts: '1' has no unit; write 1ms, 1s, 1min or 1h",
    ),
    (
        "command: [a]\ntimeouts: {read_retries: 1s}\n",
        "4:26: timeouts: read_retries: '1s' is not a whole number; write one, as in 3",
    ),
    (
        'command: [a, "{cpc}"]\nsettings: {cpc: c}\nwhole_seconds: [cpc]\n',
        "5:17: whole_seconds: unknown duration 'cpc'; there is none that could stand here",
    ),
    (
        'command: [a, "{wait}"]\nsettings: {wait: 1500ms}\nwhole_seconds: [wait]\n',
        "4:18: settings: wait: '1500ms' is no whole number of seconds, and the program takes nothing else; write 12s",
    ),
    ('command: [a]\ntimeouts: {read_timeout: "{root}"}\n', "4:26: timeouts: unknown placeholder 'root'; there is none"),
    (
        "command: [a]\nheartbeat: neutron\n",
        "4:12: heartbeat: unknown word 'neutron'; known: control_plane, none (or write {metrics: ...})",
    ),
    ("command: [a]\nheartbeat: {url: x}\n", "4:13: heartbeat: unknown word 'url'; known: metrics"),
    (
        "command: [a]\nlog: {level: x}\n",
        "4:6: log: level has no group named 'level'; write it as in ^(?P<level>[A-Z]+) ",
    ),
    ("command: [a]\ncommand: [b]\n", "4:1: 'command' stands here twice, first in line 3; keep one of them"),
    ("command: [!!python/name:os.system x]\n", "3:11: tags are not used here; take out "),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_each_slip_is_told_with_its_place_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_profile(put(tmp_path, HEAD + text), tmp_path)
    assert str(caught.value).startswith(f"agent_under_test/profiles/agent.yaml:{told}")


def test_a_missing_schema_line_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load_profile(put(tmp_path, "title: t\ncommand: [a]\n"), tmp_path)
    assert str(caught.value).endswith(
        f":1:1: the line is missing by which editors find the schema; write: {LINE.strip()}"
    )


@pytest.mark.parametrize("name", ["agent.yml", "a b.yaml"])
def test_a_name_that_no_scenario_could_write_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"to end in \.yaml; rename it$"):
        load_profile(put(tmp_path, WHOLE, name), tmp_path)

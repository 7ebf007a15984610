"""The control interface over HTTP and on the command line, against an HMC that a real zhmcclient uses meanwhile."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zhmcclient

from harness.cli import main
from harness.errors import BadInput
from harness.hmc import HMC_PORT, HmcSettings, MockHmc, NullObserver
from harness.hmc.control import Control, ControlServer, RequestJournal, ask
from harness.hmc.notifications import STOMP_PORT
from tests.contract import stomp_client
from tests.contract.hmc_listener import receiving
from tests.contract.hmc_world import INVENTORIES, PASSWORD, USER, World, hmc_world, until

pytestmark = pytest.mark.contract

CONTROL_HOST = "127.0.0.1"


@dataclass
class Controlled:
    world: World
    port: int

    def say(self, word: str, **told: object) -> Any:
        return ask(CONTROL_HOST, self.port, word, told)

    def send(self, method: str, path: str, body: str, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(CONTROL_HOST, self.port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text.startswith("{") else text


@pytest.fixture
def controlled(tmp_path: Path) -> Iterator[Controlled]:
    journal = RequestJournal(NullObserver())
    with hmc_world(tmp_path, journal=journal) as world:
        server = ControlServer(Control(world.hmc, journal))
        port = world.wait(server.start(CONTROL_HOST))
        try:
            yield Controlled(world, port)
        finally:
            world.wait(server.close())


def partition(session: zhmcclient.Session, name: str = "part-1") -> zhmcclient.Partition:
    [cpc] = zhmcclient.Client(session).cpcs.list()
    return cpc.partitions.find(name=name)


def test_a_client_sees_what_was_changed_behind_its_back(controlled: Controlled) -> None:
    session = controlled.world.session()
    target = partition(session)
    controlled.say("change", resource="partition:part-1", properties={"description": "by hand"})
    controlled.say("remove-nic", partition="part-1", nic="nic-1")
    target.pull_full_properties()
    assert target.get_property("description") == "by hand"
    assert "nic-1" not in [nic.name for nic in target.nics.list()]
    assert controlled.say("show", resource=target.uri)["description"] == "by hand"
    session.logoff()


def test_the_journal_tells_what_the_client_asked(controlled: Controlled) -> None:
    began_ms = int(time.time() * 1000)
    session = controlled.world.session()
    partition(session).manager.list(filter_args={"name": "part-1"})
    requests = controlled.say("requests")
    assert (requests[0]["method"], requests[0]["path"], requests[0]["status"]) == ("POST", "/api/sessions", 200)
    assert requests[0]["user"] == "agent"
    assert [item["query"] for item in requests if item["path"].endswith("/partitions")] == ["", "name=part-1"]
    assert began_ms <= requests[0]["time_ms"] <= requests[-1]["time_ms"] <= time.time() * 1000
    last = requests[-1]["number"]
    session.logoff()
    assert [(item["method"], item["status"]) for item in controlled.say("requests", since=last)] == [("DELETE", 204)]


def test_a_busy_partition_refuses_a_second_job_and_the_client_gets_through_when_it_tries_again(
    controlled: Controlled,
) -> None:
    controlled.say("job-seconds", request="POST /api/partitions/*/operations/psw-restart", seconds=2)
    session = controlled.world.session()
    target = partition(session)
    target.psw_restart(wait_for_completion=False)
    with pytest.raises(zhmcclient.HTTPError) as caught:
        target.stop(wait_for_completion=False)
    assert (caught.value.http_status, caught.value.reason) == (409, 2)
    session.post(f"{target.uri}/operations/stop", wait_for_completion=False, busy_retries=100, busy_wait=0.1)
    until(lambda: target.get_properties_pulled("status") == "stopped")
    session.logoff()


def test_expired_sessions_make_the_client_log_on_again(controlled: Controlled) -> None:
    session = controlled.world.session()
    session.logon()
    before = session.session_id
    controlled.say("expire-sessions")
    zhmcclient.Client(session).cpcs.list()
    assert session.session_id != before
    session.logoff()


def test_a_job_takes_as_long_as_it_was_told_to_and_a_restart_forgets_it(controlled: Controlled) -> None:
    controlled.say("job-seconds", request="POST /api/partitions/*/operations/start", seconds=3600)
    session = controlled.world.session()
    idle = partition(session, "part-idle")
    job = idle.start(wait_for_completion=False)
    assert job.check_for_completion()[0] == "running"
    controlled.say("restart")
    until(lambda: _accepts(controlled.world.host, 6794))
    with pytest.raises(zhmcclient.HTTPError) as caught:
        job.check_for_completion()
    assert (caught.value.http_status, caught.value.reason) == (404, 1)
    idle.pull_full_properties()
    assert idle.get_property("status") == "active"
    session.logoff()


def test_while_the_console_restarts_both_its_ports_refuse_and_then_they_are_back(controlled: Controlled) -> None:
    world = controlled.world
    session = world.session()
    session.logon()
    controlled.say("restart", away_s=1.0)
    assert not _accepts(world.host, 6794)
    assert not _accepts(world.host, 61612)
    until(lambda: _accepts(world.host, 6794) and _accepts(world.host, 61612))
    assert [cpc.name for cpc in zhmcclient.Client(session).cpcs.list()] == ["cpc-1"]
    session.logoff()


def test_an_hmc_that_is_closed_while_it_is_away_stays_closed(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        world.wait(world.hmc.restart(away_s=3600))
    assert not _accepts(world.host, 6794)


async def _restart_at_once(hmc: MockHmc, times: int) -> None:
    await asyncio.gather(*[hmc.restart() for _ in range(times)])


def test_restarts_at_once_are_as_one_and_leave_no_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stomp_client.mend(monkeypatch)
    with hmc_world(tmp_path) as world:
        session = world.session()
        session.logon()
        world.wait(_restart_at_once(world.hmc, 3))
        until(lambda: _accepts(world.host, HMC_PORT) and _accepts(world.host, STOMP_PORT))
        assert [cpc.name for cpc in zhmcclient.Client(session).cpcs.list()] == ["cpc-1"]
        with receiving(world, session.object_topic) as messages:
            partition(session).update_properties({"description": "changed"})
            assert messages.get(timeout=5)[0]["notification-type"] == "property-change"
        session.logoff()
    assert not _accepts(world.host, HMC_PORT)
    assert not _accepts(world.host, STOMP_PORT)


def test_restarts_that_were_asked_for_at_once_are_all_done(controlled: Controlled) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: controlled.say("restart", away_s=0), range(3))) == [None] * 3
    until(lambda: _accepts(controlled.world.host, HMC_PORT) and _accepts(controlled.world.host, STOMP_PORT))
    assert controlled.say("show", resource="cpc:cpc-1")["name"] == "cpc-1"


def test_an_hmc_that_is_started_elsewhere_or_while_it_is_away_listens_there_alone(tmp_path: Path) -> None:
    with hmc_world(tmp_path) as world:
        other = world.wait(world.hmc.start(world.host))
        assert (other != HMC_PORT, _accepts(world.host, other)) == (True, True)
        assert not _accepts(world.host, HMC_PORT)
        world.wait(world.hmc.restart(away_s=0.2))
        world.wait(world.hmc.start(world.host, HMC_PORT))
        world.wait(asyncio.sleep(0.4))  # it would have come back meanwhile
        assert _accepts(world.host, HMC_PORT)
        assert not _accepts(world.host, other)


def test_a_console_that_was_shut_down_is_away_until_it_is_restarted(controlled: Controlled) -> None:
    world = controlled.world
    session = world.session()
    assert session.post("/api/console/operations/shutdown", body={}) is None
    until(lambda: not (_accepts(world.host, HMC_PORT) or _accepts(world.host, STOMP_PORT)))
    controlled.say("change", resource="partition:part-1", properties={"description": "meanwhile"})
    controlled.say("restart")
    until(lambda: _accepts(world.host, HMC_PORT) and _accepts(world.host, STOMP_PORT))
    assert partition(session).get_property("description") == "meanwhile"
    session.logoff()


def test_a_client_that_restarts_the_console_is_answered_although_its_jobs_end_and_somebody_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stomp_client.mend(monkeypatch)
    settings = HmcSettings(users={USER: PASSWORD}, job_seconds=3600, restart_seconds=0.1, told_before_answer_s=0.2)
    with hmc_world(tmp_path, settings=settings) as world:
        session = world.session()
        idle = partition(session, "part-idle")
        with receiving(world, session.object_topic):
            idle.start(wait_for_completion=False)
            assert session.post("/api/console/operations/restart", body={}) is None
            until(lambda: not _accepts(world.host, HMC_PORT))
        until(lambda: _accepts(world.host, HMC_PORT))
        idle.pull_full_properties()
        assert idle.get_property("status") == "active"
        session.logoff()


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):  # a port that closes at this moment resets who waits there
        return False
    return True


def test_metric_values_are_what_was_set(controlled: Controlled) -> None:
    session = controlled.world.session()
    target = partition(session)
    told = {"group": "partition-usage", "resource": "partition:part-1"}
    controlled.say("metrics", **told, values={"processor-usage": 42})
    context = zhmcclient.Client(session).metrics_contexts.create(
        {"anticipated-frequency-seconds": 15, "metric-groups": ["partition-usage"]}
    )
    [group] = zhmcclient.MetricsResponse(context, context.get_metrics()).metric_group_values
    [values] = group.object_values
    assert (values.resource_uri, values.metrics["processor-usage"]) == (target.uri, 42)
    context.delete()
    session.logoff()


@pytest.mark.parametrize(
    ("path", "body", "headers", "says"),
    [
        ("/nonsense", "{}", {}, (400, "no word 'nonsense'")),
        ("/show", "{", {}, (400, "no JSON")),
        (
            "/change",
            '{"resource": "partition:part-1", "properties": {"statuss": 1}}',
            {},
            (400, "did you mean 'status'"),
        ),
        ("/show", "[]", {}, (400, "one JSON object")),
        ("/show", "[" * 100_000, {}, (400, "no JSON")),
        (
            "/change",
            '{"resource": "partition:part-1", "properties": {"description": [NaN]}}',
            {},
            (400, "the parameter 'properties' cannot be told as JSON"),
        ),
        (
            "/change",
            '{"resource": "partition:part-1", "properties": {"description": [1e999]}, "new": true}',
            {},
            (400, "the parameter 'properties' cannot be told as JSON"),
        ),
        ("/restart", '{"away_s": 1%s}' % ("0" * 400), {}, (400, "the parameter 'away_s' has to be finite")),
        ("/show", "{}", {"Content_Type": "text/plain"}, (400, "application/json")),
        ("/show", "{}", {"Host": "evil.example"}, (403, "loopback")),
    ],
)
def test_what_is_no_word_is_refused(
    controlled: Controlled, path: str, body: str, headers: dict[str, str], says: tuple[int, str]
) -> None:
    status, text = controlled.send("POST", path, body, **{"Content_Type": "application/json", **headers})
    assert status == says[0]
    assert says[1] in str(text)


def test_what_json_lacks_is_not_sent(controlled: Controlled) -> None:
    with pytest.raises(BadInput, match="what restart is told cannot be told as JSON"):
        controlled.say("restart", away_s=float("nan"))


def test_the_words_can_be_asked_for(controlled: Controlled) -> None:
    status, words = controlled.send("GET", "/", "")
    assert status == 200
    assert words["remove-nic"]["parameters"]["nic"] == {"type": "str", "required": True}


def test_off_loopback_it_does_not_listen(controlled: Controlled) -> None:
    server = ControlServer(Control(controlled.world.hmc, RequestJournal(NullObserver())))
    with pytest.raises(BadInput, match="for this machine only"):
        controlled.world.wait(server.start("0.0.0.0"))  # noqa: S104 - the address that is refused


@contextmanager
def command() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """An HMC from the command line, and the place of its control interface."""
    arguments = ["--inventory", str(INVENTORIES / "two-nics.yaml"), "--listen", "127.0.0.83:0"]
    options = ["--stomp", "0", "--control", "127.0.0.83:0"]
    line = [sys.executable, "-m", "harness.cli", "hmc", "run", *arguments, *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            text = ""
            while "Control:" not in text:
                line_read = process.stdout.readline()
                assert line_read, process.communicate()
                text += line_read
            assert re.search(r"STOMP over TLS at 127\.0\.0\.83:\d+\.", text)
            place = re.search(r"--at (\S+) --help", text)
            assert place
            yield process, place[1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


def say(place: str, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "harness.cli", "hmc", "control", "--at", place, *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)


def said(place: str, *words: str) -> str:
    done = say(place, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_has_the_same_words() -> None:
    with command() as (_, place):
        said(place, "change", "nic:nic-1", "vlan-id=7", 'description="7"')
        shown = json.loads(said(place, "show", "nic:nic-1"))
        assert (shown["vlan-id"], shown["description"]) == (7, "7")
        typo = say(place, "change", "nic:nic-1", "vlanid=7")
        assert (typo.returncode, "did you mean 'vlan-id'?" in typo.stderr) == (2, True)
        wrong = say(place, "change", "nic:nic-1", "name=5")
        assert (wrong.returncode, "the 'name' of a nic is text, not 5" in wrong.stderr) == (2, True)
        said(place, "change", "nic:nic-1", "vlanid=7", "--new")
        assert json.loads(said(place, "show", "nic:nic-1"))["vlanid"] == 7
        said(place, "restart", "--away-s", "0")
        refused = say(place, "remove-nic", "part-1", "none")
        assert (refused.returncode, "has no NIC 'none'" in refused.stderr) == (2, True)
        assert json.loads(said(place, "requests")) == []
    gone = say(place, "expire-sessions")
    assert (gone.returncode, "no control interface answers" in gone.stderr) == (2, True)


def test_the_command_line_refuses_what_is_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Before it asks: nobody listens here."""
    for value in ("2026-01-01", "2026-13-45", ".nan", "[.inf]", "!!binary aGk=", "!!set {a, b}", "[" * 5000):
        with pytest.raises(SystemExit) as ended:
            main(["hmc", "control", "change", "partition:part-1", f"description={value}"])
        assert ended.value.code == 2
        assert "put text in quotes" in capsys.readouterr().err
    assert main(["hmc", "control", "restart", "--away-s", "nan"]) == 2
    assert "the parameter 'away_s' has to be finite, not nan" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["0.0.0.0:0", "localhost:1", "127.0.0.1:x"])
def test_a_control_interface_for_others_is_refused(place: str) -> None:
    line = [sys.executable, "-m", "harness.hmc", "--inventory", str(INVENTORIES / "two-nics.yaml")]
    done = subprocess.run(
        [*line, "--listen", "127.0.0.84:0", "--control", place], capture_output=True, text=True, timeout=30, check=False
    )
    assert f"--control {place}" in done.stderr
    assert done.returncode == 2

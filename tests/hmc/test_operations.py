"""Operations on a console without a server."""

import pytest

from harness.hmc import Inventory
from harness.hmc.changes import PropertyChange, StatusChange
from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.ids import Ids
from harness.hmc.operations import OPERATIONS, REGISTRY, Console, Operation, carry_out
from harness.hmc.operations.by_model import answer_of
from harness.hmc.sessions import Session, Sessions
from tests.hmc.conftest import Told, make_console

IDLE = "/api/partitions/dddddddd-0000-4000-8000-000000000002"
ACTIVE = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
NIC = f"{ACTIVE}/nics/eeeeeeee-0000-4000-8000-000000000001"
SWITCH = "/api/virtual-switches/cccccccc-0000-4000-8000-000000000001"
CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"
LPAR = "/api/logical-partitions/ffffffff-0000-4000-8000-00000000000"


def ask(console: Console, method: str, uri: str, body: object = None, *, session: Session | None = None) -> Answer:
    """Carry out a request as user agent, who logs on for it where there is no session."""
    session = session or console.sessions.logon("agent", "secret")
    path = uri.partition("?")[0]
    call = Call(number=1, method=method, uri=uri, path=path, headers={}, body=body, user="agent")
    operation = REGISTRY.find(method, path)
    assert isinstance(operation, Operation)
    console.jobs.settle()
    return carry_out(console, call, operation, session)


def refusal(console: Console, method: str, uri: str, body: object = None) -> tuple[int, int]:
    with pytest.raises(HmcError) as caught:
        ask(console, method, uri, body)
    return caught.value.status, caught.value.reason


def prop(console: Console, uri: str, name: str) -> object:
    body = ask(console, "GET", uri).body
    assert isinstance(body, dict)
    return body[name]


def job_of(answer: Answer) -> str:
    assert answer.status == 202
    assert isinstance(answer.body, dict)
    return str(answer.body["job-uri"])


def test_no_two_operations_have_the_same_method_and_path() -> None:
    names = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_statuses_are_those_of_the_book(console: Console) -> None:
    switch = {"name": "n", "virtual-switch-uri": SWITCH}
    created = ask(console, "POST", f"{ACTIVE}/nics", switch)
    assert created.status == 201
    assert isinstance(created.body, dict)
    assert created.headers["Location"] == created.body["element-uri"]
    assert ask(console, "POST", ACTIVE, {"description": "new"}).status == 204
    assert ask(console, "GET", "/api/cpcs").status == 200
    assert ask(console, "DELETE", created.headers["Location"]).status == 204
    assert ask(console, "POST", "/api/services/inventory", {"resources": ["partition"]}).status == 200


def test_metrics_are_no_json() -> None:
    answer = answer_of("GET", "/api/services/metrics/context/1", '"group"\n')
    assert answer.content_type == "application/vnd.ibm-z-zmanager-metrics"


@pytest.mark.parametrize(
    ("method", "uri", "body", "status"),
    [
        ("GET", "/api/nothing", None, (404, 1)),
        ("GET", "/", None, (404, 1)),
        ("GET", "/api/cpcs/none", None, (404, 1)),
        ("PUT", "/api/cpcs", None, (405, 1)),
        ("PUT", "/api/nothing", None, (404, 1)),
        ("DELETE", "/api/cpcs", None, (405, 1)),
        ("GET", "/api/sessions", None, (405, 1)),
        ("POST", f"{SWITCH}/operations/get-connected-vnics", None, (405, 1)),
        ("GET", f"{ACTIVE}/operations/start", None, (405, 1)),
        ("POST", ACTIVE, None, (400, 3)),
        ("POST", f"{ACTIVE}/nics", {}, (400, 5)),
        ("GET", "/api/cpcs?wrong=1", None, (400, 1)),
        ("GET", f"{CPC}/operations/list-features?name=(", None, (400, 14)),
        ("GET", "/api/jobs/none", None, (404, 1)),
        ("POST", f"{ACTIVE}/operations/start", None, (409, 1)),
        ("POST", "/api/partitions/none/operations/start", None, (404, 1)),
        ("POST", f"{CPC}/operations/activate", {"activation-profile-name": "x"}, (409, 4)),
        ("POST", f"{CPC}/operations/deactivate", None, (409, 4)),
    ],
)
def test_refusals(console: Console, method: str, uri: str, body: object, status: tuple[int, int]) -> None:
    assert refusal(console, method, uri, body) == status


def test_a_partition_is_starting_until_its_job_is_complete(console: Console, told: Told) -> None:
    job = job_of(ask(console, "POST", f"{IDLE}/operations/start"))
    assert prop(console, IDLE, "status") == "starting"
    assert refusal(console, "POST", f"{IDLE}/operations/start") == (409, 1)
    told.now_s += 10
    assert prop(console, job, "status") == "complete"
    assert prop(console, IDLE, "status") == "active"
    assert ask(console, "DELETE", job).status == 204


def test_a_cancelled_start_leaves_the_partition_stopped(console: Console, told: Told) -> None:
    job = job_of(ask(console, "POST", f"{IDLE}/operations/start"))
    assert ask(console, "POST", f"{job}/operations/cancel") == Answer(status=202)
    told.now_s += 10
    assert prop(console, job, "status") == "canceled"
    assert prop(console, IDLE, "status") == "stopped"


def test_a_partition_is_stopping_while_it_is_stopped(console: Console, told: Told) -> None:
    ask(console, "POST", f"{ACTIVE}/operations/stop")
    assert prop(console, ACTIVE, "status") == "stopping"
    told.now_s += 10
    assert prop(console, ACTIVE, "status") == "stopped"


@pytest.mark.parametrize(
    ("lpar", "operation", "statuses"),
    [
        (1, "stop", ("operating", "not-operating")),
        (1, "reset-clear", ("operating", "not-operating")),
        (1, "reset-normal", ("operating", "not-operating")),
        (1, "psw-restart", ("operating", "operating")),
        (2, "start", ("not-operating", "operating")),
        (2, "load", ("not-operating", "operating")),
        (2, "deactivate", ("not-operating", "not-activated")),
        (3, "activate", ("not-activated", "not-operating")),
    ],
)
def test_an_lpar_changes_when_its_job_completes(
    classic_console: Console, told: Told, lpar: int, operation: str, statuses: tuple[str, str]
) -> None:
    uri = f"{LPAR}{lpar}"
    job = job_of(ask(classic_console, "POST", f"{uri}/operations/{operation}"))
    assert prop(classic_console, uri, "status") == statuses[0]
    told.now_s += 10
    assert prop(classic_console, job, "job-status-code") == 200
    assert prop(classic_console, uri, "status") == statuses[1]


SCSI = {"load-address": "0010", "world-wide-port-name": "c05076ffe8000001", "logical-unit-number": "1"}
LOADED = ("operating", "not-operating", "operating")


@pytest.mark.parametrize(
    ("operation", "body", "statuses"),
    [
        ("activate", {"activation-profile-name": "LPAR1"}, ("operating", "not-activated", "not-operating")),
        ("load", {"load-address": "0010"}, LOADED),
        ("scsi-load", SCSI, LOADED),
        ("scsi-dump", SCSI, LOADED),
        ("nvme-load", {"load-address": "0010"}, LOADED),
        ("nvme-dump", {"load-address": "0010"}, LOADED),
        ("load-from-ftp", {}, LOADED),
    ],
)
def test_the_states_in_between_are_seen_and_told(
    classic_console: Console, told: Told, operation: str, body: dict[str, object], statuses: tuple[str, str, str]
) -> None:
    uri = f"{LPAR}1"
    job = job_of(ask(classic_console, "POST", f"{uri}/operations/{operation}", {**body, "force": True}))
    assert prop(classic_console, uri, "status") == statuses[1]
    assert refusal(classic_console, "POST", f"{uri}/operations/stop") == (409, 2)
    told.now_s += 10
    assert prop(classic_console, job, "job-status-code") == 200
    assert prop(classic_console, uri, "status") == statuses[2]
    told_of = [item for item in classic_console.model.journal.take() if isinstance(item, StatusChange)]
    assert [(item.old, item.new) for item in told_of] == [statuses[:2], statuses[1:]]


def test_a_second_job_on_a_busy_partition_is_refused_and_changes_nothing(console: Console, told: Told) -> None:
    job = job_of(ask(console, "POST", f"{ACTIVE}/operations/psw-restart"))
    assert refusal(console, "POST", f"{ACTIVE}/operations/stop") == (409, 2)
    assert prop(console, ACTIVE, "status") == "active"
    told.now_s += 10
    assert prop(console, job, "status") == "complete"
    job_of(ask(console, "POST", f"{ACTIVE}/operations/stop"))
    assert prop(console, ACTIVE, "status") == "stopping"


def test_problems_can_be_reported_while_one_is_being_reported(console: Console) -> None:
    body = dict.fromkeys(("customer-name", "customer-phone-number", "problem-description"), "x")
    for _ in range(2):
        job_of(ask(console, "POST", "/api/console/operations/report-problem", {**body, "problem-type": "test"}))


@pytest.mark.parametrize(("lpar", "operation"), [(3, "start"), (3, "reset-clear"), (1, "activate"), (1, "load")])
def test_what_an_lpars_state_does_not_allow_is_learnt_from_the_job(
    classic_console: Console, told: Told, lpar: int, operation: str
) -> None:
    job = job_of(ask(classic_console, "POST", f"{LPAR}{lpar}/operations/{operation}"))
    told.now_s += 10
    assert prop(classic_console, job, "job-status-code") == 500
    assert prop(classic_console, job, "job-reason-code") == 263


def connected(console: Console) -> object:
    return prop(console, f"{SWITCH}/operations/get-connected-vnics", "connected-vnic-uris")


def test_a_switch_forgets_a_nic_that_is_deleted(console: Console) -> None:
    others = f"{ACTIVE}/nics/eeeeeeee-0000-4000-8000-00000000000"
    assert connected(console) == [f"{others}{number}" for number in (1, 2, 3)]
    ask(console, "DELETE", NIC)
    assert connected(console) == [f"{others}2", f"{others}3"]


@pytest.mark.parametrize("operation", ["restart", "shutdown"])
def test_a_console_that_goes_away_while_a_job_runs_tells_of_later_changes_as_before(
    two_nics: Inventory, told: Told, operation: str
) -> None:
    """To forget its sessions is a transaction that changes nothing, within that of the request."""

    def ended(session: Session) -> None:
        console.forget(session)

    users = {"agent": "secret"}
    sessions = Sessions(users, idle_s=60, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide, ended=ended)
    console = make_console(two_nics, told, sessions)
    job_of(ask(console, "POST", f"{IDLE}/operations/start"))
    console.model.journal.take()
    assert ask(console, "POST", f"/api/console/operations/{operation}", {}) == Answer(status=202)
    changes = console.model.journal.take()
    assert [change.new for change in changes if isinstance(change, StatusChange)] == ["active"]
    ask(console, "POST", ACTIVE, {"description": "new"})
    changes = console.model.journal.take()
    assert [set(change.properties) for change in changes if isinstance(change, PropertyChange)] == [{"description"}]


def test_restart_ends_every_session_at_once(console: Console) -> None:
    session = console.sessions.logon("agent", "secret")
    assert ask(console, "POST", "/api/console/operations/restart", {"force": True}) == Answer(status=202)
    with pytest.raises(HmcError):
        console.sessions.require(session.id)


def test_an_image_can_be_mounted(console: Console) -> None:
    uri = f"{ACTIVE}/operations/mount-iso-image?image-name=a.iso&ins-file-name=b.ins"
    assert ask(console, "POST", uri, b"iso") == Answer(status=204)


def test_notification_topics_are_the_sessions_own(console: Console) -> None:
    topics = prop(console, "/api/sessions/operations/get-notification-topics", "topics")
    assert topics == [
        {"topic-type": "object-notification", "topic-name": "agent.1"},
        {"topic-type": "job-notification", "topic-name": "agent.1job"},
        {"topic-type": "audit-notification", "topic-name": "agent.1aud"},
        {"topic-type": "security-notification", "topic-name": "agent.1sec"},
    ]


def test_features_are_listed_and_filtered(console: Console) -> None:
    console.model.resource("/api/console").api_features = ["dpm-smcd", "secure-boot"]
    features = "/api/console/operations/list-features"
    assert ask(console, "GET", features).body == ["dpm-smcd", "secure-boot"]
    assert ask(console, "GET", f"{features}?name=dpm.*").body == ["dpm-smcd"]
    assert ask(console, "GET", f"{CPC}/operations/list-features").body == []


def test_the_same_seed_gives_the_same_job_ids(two_nics: Inventory, told: Told, sessions: Sessions) -> None:
    consoles = [make_console(two_nics, told, sessions) for _ in range(2)]
    first, second = (job_of(ask(console, "POST", f"{IDLE}/operations/start")) for console in consoles)
    assert first == second


def test_a_status_that_a_client_wrote_and_nobody_can_look_up_is_no_crash(classic_console: Console) -> None:
    assert ask(classic_console, "POST", f"{LPAR}1", {"status": [5]}).status == 204
    assert refusal(classic_console, "POST", f"{LPAR}1", {"description": "d"}) == (409, 1)
    job_of(ask(classic_console, "POST", f"{LPAR}1/operations/start", {}))

"""Users of the inventory: how they log on, and what they see and do by their roles."""

from dataclasses import replace

import pytest

from harness.hmc.accounts import InventoryAccounts
from harness.hmc.changes import InventoryChange, LogEntry, LogKind, ObjectChange, StatusChange, Subject
from harness.hmc.errors import HmcError
from harness.hmc.exchange import Answer, Call
from harness.hmc.ids import Ids
from harness.hmc.metrics import set_metrics
from harness.hmc.notifications.console_access import ConsoleAccess
from harness.hmc.observer import EXPIRED, LOGON
from harness.hmc.operations import REGISTRY, Console, Operation, carry_out
from harness.hmc.permissions import Permissions
from harness.hmc.sessions import Session, Sessions
from tests.hmc.conftest import Told
from tests.hmc.test_operations import ACTIVE, CPC, IDLE

ROLE = "/api/user-roles/r"


@pytest.fixture
def guarded(console: Console, told: Told) -> Console:
    """A console with a user of a role, and one without."""
    hmc = console.model.hmc.consoles.console
    hmc.user_roles.add({"object-id": "r", "name": "role", "permissions": []})
    limits = {"max-failed-logins": 2, "disable-delay": 1, "max-web-services-api-sessions": 3}
    hmc.users.add({"name": "eve", "password": "pw", "type": "standard", "user-roles": [ROLE], **limits})
    hmc.users.add({"name": "boss", "password": "pw", "type": "standard", "user-roles": []})
    hmc.users.add({"name": "shape", "password": "pw", "type": "template", "user-roles": []})
    sessions = Sessions(
        {}, idle_s=60, ids=Ids(1), now=told.now, tell=told.tell, hide=told.hide, others=InventoryAccounts(console.model)
    )
    object.__setattr__(console, "sessions", sessions)
    return console


def ask(console: Console, method: str, path: str, body: object = None, user: str = "eve") -> Answer:
    session = console.sessions.logon(user, "pw")
    try:
        return carry_out_as(console, session, method, path, body)
    finally:
        console.sessions.logoff(session)


def carry_out_as(console: Console, session: Session, method: str, path: str, body: object = None) -> Answer:
    operation = REGISTRY.find(method, path)
    assert isinstance(operation, Operation)
    call = Call(number=1, method=method, uri=path, path=path, headers={}, body=body, user=session.user)
    return carry_out(console, call, operation, session)


def refusal(console: Console, method: str, path: str, body: object = None) -> tuple[int, int]:
    with pytest.raises(HmcError) as caught:
        ask(console, method, path, body)
    return caught.value.status, caught.value.reason


def permit(console: Console, what: str, kind: str, **more: object) -> None:
    role = console.model.resource(ROLE)
    permission = {"permitted-object": what, "permitted-object-type": kind, **more}
    role.properties["permissions"] = [*role.properties["permissions"], permission]


def names(answer: Answer) -> list[str]:
    assert isinstance(answer.body, dict)
    (items,) = answer.body.values()
    return [item["name"] for item in items]


def test_without_permission_an_object_is_not_there(guarded: Console) -> None:
    assert refusal(guarded, "GET", ACTIVE) == (404, 1)
    assert refusal(guarded, "POST", f"{ACTIVE}/nics") == (404, 1)
    assert names(ask(guarded, "GET", "/api/cpcs")) == []


def test_a_permission_for_a_class_or_an_object_lets_it_be_seen(guarded: Console) -> None:
    permit(guarded, "cpc", "object-class")
    permit(guarded, IDLE, "object")
    assert names(ask(guarded, "GET", f"{CPC}/partitions")) == ["part-idle"]
    assert ask(guarded, "GET", IDLE).status == 200
    assert refusal(guarded, "GET", ACTIVE) == (404, 1)


def test_an_operation_needs_its_task(guarded: Console) -> None:
    permit(guarded, "partition", "object-class")
    assert refusal(guarded, "POST", f"{IDLE}/operations/start") == (403, 1)
    permit(guarded, "Start Partition", "task")
    permit(guarded, "cpc", "object-class")
    assert ask(guarded, "POST", f"{IDLE}/operations/start").status == 202


def task(console: Console, name: str, *, can_be_viewed: bool = False) -> str:
    properties = {"name": name, "view-only-mode-supported": can_be_viewed}
    return str(console.model.console.tasks.add(properties).uri)


def test_a_task_is_given_as_an_object_and_to_view_only_if_so(guarded: Console) -> None:
    permit(guarded, "cpc", "object-class")
    permit(guarded, "partition", "object-class")
    messages = task(guarded, "Operating System Messages", can_be_viewed=True)
    stop = task(guarded, "Stop Partition")
    listed, sent = (f"{ACTIVE}/operations/{name}" for name in ("list-os-messages", "send-os-cmd"))
    assert refusal(guarded, "GET", listed) == (403, 1)
    permit(guarded, messages, "object", **{"view-only-mode": True})
    assert ask(guarded, "GET", listed).status == 200
    assert ask(guarded, "POST", f"{ACTIVE}/operations/open-os-message-channel", {}).status == 200
    body = {"operating-system-command-text": "d a,l"}
    assert refusal(guarded, "POST", sent, body) == (403, 1)
    permit(guarded, messages, "object", **{"view-only-mode": False})
    assert ask(guarded, "POST", sent, body).status == 204
    permit(guarded, stop, "object", **{"view-only-mode": True})  # has no view-only form: it is the whole task
    assert ask(guarded, "POST", f"{ACTIVE}/operations/stop", {}).status == 202


def test_what_changes_something_is_denied_to_who_has_no_task(guarded: Console) -> None:
    for kind in ("cpc", "partition", "adapter", "virtual-switch"):
        permit(guarded, kind, "object-class")
    switch = guarded.model.hmc.cpcs.list()[0].virtual_switches.list()[0].uri
    assert refusal(guarded, "POST", IDLE, {"description": "mine"}) == (403, 1)
    assert refusal(guarded, "DELETE", IDLE) == (403, 1)
    assert refusal(guarded, "POST", f"{IDLE}/nics", {"name": "n", "virtual-switch-uri": switch}) == (403, 1)
    assert refusal(guarded, "POST", "/api/console/users", {"name": "n", "type": "standard"}) == (403, 1)
    permit(guarded, "Partition Details", "task")
    assert ask(guarded, "POST", IDLE, {"description": "mine"}).status == 204
    assert refusal(guarded, "POST", f"{IDLE}/operations/nonsense", {}) == (404, 1)


def test_a_body_can_only_name_objects_that_its_user_sees(guarded: Console) -> None:
    permit(guarded, "partition", "object-class")
    permit(guarded, "Partition Details", "task")
    [switch] = guarded.model.hmc.cpcs.list()[0].virtual_switches.list()[:1]
    body = {"name": "n", "virtual-switch-uri": switch.uri}
    assert refusal(guarded, "POST", f"{IDLE}/nics", body) == (404, 2)
    permit(guarded, switch.properties["backing-adapter-uri"], "object")  # who sees the adapter sees its switch
    assert ask(guarded, "POST", f"{IDLE}/nics", body).status == 201


def test_a_user_sees_himself_and_changes_his_password_and_no_other_user(guarded: Console) -> None:
    eve, boss = (f"/api/users/{name}" for name in users(guarded, "eve", "boss"))
    assert names(ask(guarded, "GET", "/api/console/users")) == ["eve"]
    assert names(ask(guarded, "GET", "/api/console/user-roles")) == ["role"]
    assert refusal(guarded, "GET", boss) == (404, 1)
    assert refusal(guarded, "POST", eve, {"disabled": False}) == (403, 1)
    assert ask(guarded, "POST", eve, {"password": "pw"}).status == 204
    permit(guarded, "Manage Users", "task")
    assert sorted(names(ask(guarded, "GET", "/api/console/users"))) == ["boss", "eve", "shape", "zhmc"]
    assert ask(guarded, "POST", boss, {"description": "less"}).status == 204
    (shape,) = users(guarded, "shape")
    assert refusal(guarded, "POST", f"/api/users/{shape}", {"description": "x"}) == (403, 1)
    permit(guarded, "Manage User Templates", "task")
    assert ask(guarded, "POST", f"/api/users/{shape}", {"description": "x"}).status == 204


def users(console: Console, *wanted: str) -> list[str]:
    found = {user.name: user.oid for user in console.model.console.users.list()}
    return [found[name] for name in wanted]


def test_a_user_without_a_role_may_do_everything(guarded: Console) -> None:
    assert ask(guarded, "GET", ACTIVE, user="boss").status == 200


@pytest.mark.parametrize(("user", "password"), [("eve", "wrong"), ("shape", "pw"), ("nobody", "pw")])
def test_who_is_no_user_cannot_log_on(guarded: Console, user: str, password: str) -> None:
    with pytest.raises(HmcError) as caught:
        guarded.sessions.logon(user, password)
    assert (caught.value.status, caught.value.reason) == (403, 0)


def test_after_refused_logons_a_user_is_locked_out_for_a_time(guarded: Console, told: Told) -> None:
    for _ in range(2):
        with pytest.raises(HmcError):
            guarded.sessions.logon("eve", "wrong")
    with pytest.raises(HmcError):
        guarded.sessions.logon("eve", "pw")
    told.now_s += 61
    assert guarded.sessions.logon("eve", "pw")


def test_a_user_has_no_more_sessions_than_he_may(guarded: Console) -> None:
    sessions = [guarded.sessions.logon("eve", "pw") for _ in range(3)]
    with pytest.raises(HmcError, match="has 3 sessions already"):
        guarded.sessions.logon("eve", "pw")
    guarded.sessions.logoff(sessions[0])
    assert guarded.sessions.logon("eve", "pw")


def test_a_new_password_counts_from_the_next_logon_on(guarded: Console) -> None:
    user = next(user for user in guarded.model.console.users.list() if user.name == "eve")
    user.properties["password"] = "new"
    with pytest.raises(HmcError):
        guarded.sessions.logon("eve", "pw")
    user.properties["disabled"] = True
    with pytest.raises(HmcError):
        guarded.sessions.logon("eve", "new")


def test_a_password_is_told_to_nobody(guarded: Console) -> None:
    (eve,) = users(guarded, "eve")
    everything = ask(guarded, "POST", "/api/services/inventory", {}, user="boss")
    assert "eve" in str(everything.body)
    assert "'pw'" not in str(everything.body)
    guarded.model.journal.take()
    assert ask(guarded, "POST", f"/api/users/{eve}", {"password": "n3w", "description": "d"}, user="boss").status == 204
    told = str(guarded.model.journal.take())
    assert "description" in told
    assert "n3w" not in told
    assert "'pw'" not in told


def told_to(console: Console, change: ObjectChange | LogEntry) -> list[str]:
    """The users whose sessions are told."""
    access = ConsoleAccess(console, lambda: None)
    return [topic.partition(".")[0] for topic in access.learn_of(change)]


def test_a_session_learns_of_what_its_user_sees_only(guarded: Console) -> None:
    for user in ("eve", "boss"):
        guarded.sessions.logon(user, "pw")
    subject = Subject(uri=ACTIVE, kind="partition", name="part-1", is_element=False)
    changed = StatusChange(subject=subject, old="a", new="b")
    nic = InventoryChange(subject=replace(subject, uri=f"{ACTIVE}/nics/1", kind="nic", is_element=True), added=True)
    gone = InventoryChange(subject=replace(subject, uri="/api/partitions/gone"), added=False)
    for change in (changed, nic, gone):
        assert told_to(guarded, change) == ["boss"]
    permit(guarded, "partition", "object-class")
    for change in (changed, nic, gone):
        assert told_to(guarded, change) == ["eve", "boss"]


@pytest.mark.parametrize(
    ("log", "task"), [(LogKind.AUDIT, "Audit and Log Management"), (LogKind.SECURITY, "View Security Logs")]
)
def test_a_session_learns_of_logs_that_its_user_may_read_only(guarded: Console, log: LogKind, task: str) -> None:
    for user in ("eve", "boss"):
        guarded.sessions.logon(user, "pw")
    assert told_to(guarded, LogEntry(log=log, entry={})) == ["boss"]
    permit(guarded, task, "task")
    assert told_to(guarded, LogEntry(log=log, entry={})) == ["eve", "boss"]


def test_metrics_are_those_of_the_objects_that_a_user_sees(guarded: Console) -> None:
    for uri in (ACTIVE, IDLE):
        set_metrics(guarded.model.hmc, "partition-usage", uri, {"processor-usage": 7}, 1_700_000_000_000)
    permit(guarded, IDLE, "object")
    body = {"anticipated-frequency-seconds": 15, "metric-groups": ["partition-usage"]}

    def read(user: str) -> str:
        session = guarded.sessions.logon(user, "pw")
        made = carry_out_as(guarded, session, "POST", "/api/services/metrics/context", body)
        return str(carry_out_as(guarded, session, "GET", made.headers["Location"]).body)

    text = read("eve")
    assert IDLE in text
    assert ACTIVE not in text
    assert text.startswith('"partition-usage"\n')
    everything = read("boss")
    assert ACTIVE in everything
    assert IDLE in everything


FIELDS = {
    "web-services-api-session-idle-timeout": "idle_s",
    "max-web-services-api-sessions": "max_sessions",
    "max-failed-logins": "max_failed_logons",
    "disable-delay": "locked_out_s",
}
"""Of an account, by property of a user."""
SUBJECT = Subject(uri=ACTIVE, kind="partition", name="part-1", is_element=False)
CHANGED = StatusChange(subject=SUBJECT, old="a", new="b")


def user_uri(console: Console, name: str) -> str:
    (oid,) = users(console, name)
    return f"/api/users/{oid}"


@pytest.mark.parametrize("user", ["eve", "boss"])
def test_who_is_deleted_has_no_session_any_more(guarded: Console, user: str) -> None:
    session = guarded.sessions.logon(user, "pw")
    assert ask(guarded, "DELETE", user_uri(guarded, user), user="boss").status == 204
    assert not guarded.sessions.may_listen(session.id, session.credential)
    assert session not in guarded.sessions.opened()
    assert user not in told_to(guarded, CHANGED)
    with pytest.raises(HmcError) as caught:
        guarded.sessions.require(session.id)
    assert (caught.value.status, caught.value.reason) == (403, 5)


@pytest.mark.parametrize("user", ["eve", "boss"])
def test_who_is_deleted_while_he_asks_may_do_no_more_of_it(guarded: Console, user: str) -> None:
    permit(guarded, "partition", "object-class")
    permit(guarded, "Manage Users", "task")
    session = guarded.sessions.logon(user, "pw")
    requests = [
        {"method": "DELETE", "uri": user_uri(guarded, user)},
        {"method": "POST", "uri": IDLE, "body": {"description": "mine"}},
        {"method": "GET", "uri": "/api/console"},
    ]
    answer = carry_out_as(guarded, session, "POST", "/api/services/aggregation/submit", {"requests": requests})
    assert isinstance(answer.body, list)
    assert [item["status"] for item in answer.body] == [204, 403, 403]
    assert guarded.model.resource(IDLE).properties.get("description") != "mine"


def test_a_change_is_not_told_to_who_is_gone(guarded: Console) -> None:
    eve = user_uri(guarded, "eve")
    del guarded.model.hmc.all_resources[eve]
    gone = Permissions.of(guarded.model, eve)
    assert gone is not None
    for kind in ("partition", "console", "user"):
        assert not gone.sees_subject(f"/api/{kind}s/x", kind)


def test_a_new_user_of_an_old_name_is_another_one(guarded: Console) -> None:
    session = guarded.sessions.logon("eve", "pw")
    assert ask(guarded, "DELETE", user_uri(guarded, "eve"), user="boss").status == 204
    guarded.model.hmc.consoles.console.users.add({"name": "eve", "password": "pw", "type": "standard"})
    assert guarded.sessions.opened() == []
    with pytest.raises(HmcError):
        guarded.sessions.require(session.id)
    assert guarded.sessions.logon("eve", "pw").owner != session.owner


def test_a_rename_leaves_a_session_its_rights_and_jobs(guarded: Console) -> None:
    permit(guarded, "partition", "object-class")
    permit(guarded, "cpc", "object-class")
    permit(guarded, "Start Partition", "task")
    session = guarded.sessions.logon("eve", "pw")
    eve = guarded.model.resource(user_uri(guarded, "eve"))
    started = carry_out_as(guarded, session, "POST", f"{IDLE}/operations/start")
    assert isinstance(started.body, dict)
    eve.properties["name"] = "eva"
    guarded.sessions.user_changed(eve.uri)
    guarded.model.hmc.consoles.console.users.add({"name": "eve", "password": "pw", "type": "standard"})
    assert guarded.sessions.require(session.id).user == "eva"
    assert guarded.sessions.user_of(session.id) == "eva"
    assert carry_out_as(guarded, session, "GET", started.body["job-uri"]).status == 200
    assert ask(guarded, "GET", started.body["job-uri"], user="eva").status == 200
    assert refusal(guarded, "GET", started.body["job-uri"]) == (404, 1)
    with pytest.raises(HmcError) as caught:
        carry_out_as(guarded, session, "POST", IDLE, {"description": "mine"})
    assert (caught.value.status, caught.value.reason) == (403, 1)


def test_another_idle_time_counts_for_the_sessions_that_there_are(guarded: Console, told: Told) -> None:
    eve = guarded.model.resource(user_uri(guarded, "eve"))
    eve.properties["web-services-api-session-idle-timeout"] = 0
    guarded.sessions.logon("eve", "pw")
    told.now_s += 1e9
    guarded.sessions.settle()
    assert told.said[-1] == ("eve", LOGON)
    eve.properties["web-services-api-session-idle-timeout"] = 1
    guarded.sessions.user_changed(eve.uri)
    guarded.sessions.settle()
    assert told.said[-1] == ("eve", EXPIRED)


def test_who_was_locked_out_and_deleted_is_no_reason_to_lock_out_a_new_one(guarded: Console) -> None:
    uri = user_uri(guarded, "eve")
    for _ in range(2):
        with pytest.raises(HmcError):
            guarded.sessions.logon("eve", "wrong")
    assert ask(guarded, "DELETE", uri, user="boss").status == 204
    guarded.sessions.user_changed(uri)
    guarded.model.hmc.consoles.console.users.add({"name": "eve", "password": "pw", "type": "standard"})
    assert guarded.sessions.logon("eve", "pw")
    assert uri not in guarded.sessions._lockouts._failures


@pytest.mark.parametrize("value", ["soon", None, True, [1], {}, 10**400, float("nan")])
@pytest.mark.parametrize("name", FIELDS)
def test_a_number_of_a_user_that_is_none_harms_nobody(guarded: Console, name: str, value: object) -> None:
    eve = user_uri(guarded, "eve")
    session = guarded.sessions.logon("eve", "pw")
    with guarded.model.transaction():
        guarded.model.carry_out("POST", eve, {name: value})
    guarded.sessions.user_changed(eve)
    guarded.sessions.settle()
    other = guarded.sessions.logon("boss", "pw")
    assert guarded.sessions.opened() == [session, other]
    assert guarded.sessions.require(session.id) is session
    for _ in range(2):
        with pytest.raises(HmcError):
            guarded.sessions.logon("eve", "wrong")
    boss = InventoryAccounts(guarded.model).named("boss")
    account = InventoryAccounts(guarded.model).named("eve")
    assert boss is not None
    assert account is not None
    assert getattr(account, FIELDS[name]) == getattr(boss, FIELDS[name])  # who has said nothing

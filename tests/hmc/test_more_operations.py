"""Operations that zhmcclient's mock model lacks, on a console without a server."""

import copy
from collections.abc import Callable

import pytest

from harness.hmc import Inventory
from harness.hmc.changes import LogEntry
from harness.hmc.exchange import Answer
from harness.hmc.operations import Console
from harness.hmc.sessions import Sessions
from tests.hmc.conftest import Told, make_console
from tests.hmc.test_operations import ACTIVE, CPC, IDLE, LPAR, ask, job_of, prop, refusal


def created(answer: Answer) -> str:
    assert answer.status == 201
    return answer.headers["Location"]


def new_group(console: Console, **more: object) -> str:
    body = {"name": "group", "cpc-uri": CPC, "type": "fcp", **more}
    return created(ask(console, "POST", "/api/storage-groups", body))


def test_a_storage_groups_volumes_are_told_by_their_uris(console: Console) -> None:
    volumes = [{"operation": "create", "name": "v", "size": 10, "usage": "data"}]
    body = {"name": "group", "cpc-uri": CPC, "type": "fcp", "storage-volumes": volumes}
    answer = ask(console, "POST", "/api/storage-groups", body)
    assert isinstance(answer.body, dict)
    (uri,) = answer.body["element-uris"]
    assert prop(console, uri, "name") == "v"


@pytest.mark.parametrize(
    ("kind", "volumes", "listed"),
    [
        ("storage-groups", "storage-volumes", "storage-volume-uris"),
        ("storage-templates", "storage-template-volumes", "storage-template-volume-uris"),
    ],
)
def test_a_volume_that_was_deleted_is_in_no_list(console: Console, kind: str, volumes: str, listed: str) -> None:
    new = [{"operation": "create", "name": name, "size": 10, "usage": "data"} for name in "vw"]
    owner = created(ask(console, "POST", f"/api/{kind}", {"name": "n", "cpc-uri": CPC, "type": "fcp", volumes: new}))
    uris = prop(console, owner, listed)
    assert isinstance(uris, list)
    gone, kept = uris
    ask(console, "POST", f"{owner}/operations/modify", {volumes: [{"operation": "delete", "element-uri": gone}]})
    assert prop(console, owner, listed) == [kept]
    assert refusal(console, "GET", gone) == (404, 1)


def test_a_storage_group_is_attached_and_detached(console: Console) -> None:
    group = new_group(console, **{"candidate-adapter-port-uris": ["/api/adapters/1/storage-ports/0"]})
    body = {"storage-group-uri": group}
    assert ask(console, "POST", f"{IDLE}/operations/attach-storage-group", body) == Answer(status=204)
    assert prop(console, IDLE, "storage-group-uris") == [group]
    (resource,) = resources(console, group)
    assert prop(console, resource, "partition-uri") == IDLE
    assert ask(console, "POST", resource, {"description": "mine"}).status == 204
    holders = prop(console, f"{group}/operations/get-partitions?name=part-.*", "partitions")
    assert holders == [{"object-uri": IDLE, "name": "part-idle", "status": "stopped"}]
    assert refusal(console, "POST", f"{IDLE}/operations/attach-storage-group", body) == (409, 117)
    assert refusal(console, "POST", f"{group}/operations/delete", {}) == (409, 117)
    assert ask(console, "POST", f"{IDLE}/operations/detach-storage-group", body).status == 204
    assert resources(console, group) == []
    assert refusal(console, "POST", f"{IDLE}/operations/detach-storage-group", body) == (409, 118)
    assert ask(console, "POST", f"{group}/operations/delete", {}).status == 204


def resources(console: Console, group: str) -> list[str]:
    uris = prop(console, group, "virtual-storage-resource-uris")
    assert isinstance(uris, list)
    return uris


def test_discovery_fulfils_a_storage_group_when_its_job_completes(console: Console, told: Told) -> None:
    group = new_group(console, **{"storage-volumes": [{"operation": "create", "name": "v", "size": 1}]})
    job_of(ask(console, "POST", f"{group}/operations/start-fcp-storage-discovery", {"force-restart": False}))
    assert prop(console, group, "fulfillment-state") == "pending"
    told.now_s += 10
    assert prop(console, group, "fulfillment-state") == "complete"
    report = prop(console, f"{group}/operations/get-connection-report", "fcp-storage-subsystems")
    assert isinstance(report, list)
    assert report[0]["storage-configurations"][0]["volumes-configuration-status"] == "correct-volumes"


def test_discovery_of_a_storage_group_that_is_deleted_meanwhile_tells_nothing_of_it(
    console: Console, told: Told
) -> None:
    group = new_group(console)
    job = job_of(ask(console, "POST", f"{group}/operations/start-fcp-storage-discovery", {}))
    ask(console, "POST", f"{group}/operations/delete", {})
    console.model.journal.take()
    told.now_s += 10
    assert (prop(console, job, "job-status-code"), prop(console, job, "job-reason-code")) == (404, 1)
    assert console.model.journal.take() == []


def test_messages_of_a_system_are_sent_listed_and_told(console: Console) -> None:
    answer = ask(console, "POST", f"{ACTIVE}/operations/open-os-message-channel", {})
    assert answer.body == {"topic-name": "agent.os1"}
    for number in range(4):
        body = {"operating-system-command-text": f"command {number}"}
        assert ask(console, "POST", f"{ACTIVE}/operations/send-os-cmd", body).status == 204
    uri = f"{ACTIVE}/operations/list-os-messages"
    messages = prop(console, f"{uri}?begin-sequence-number=1&end-sequence-number=2", "os-messages")
    assert isinstance(messages, list)
    assert [message["message-text"] for message in messages] == ["command 1", "command 2"]
    assert len(console.os_messages.of(ACTIVE)) == 4
    assert refusal(console, "GET", f"{uri}?begin-sequence-number=x") == (400, 14)


def test_a_system_that_does_not_run_has_no_messages(console: Console) -> None:
    for method, name in (("GET", "list-os-messages"), ("POST", "open-os-message-channel"), ("POST", "send-os-cmd")):
        assert refusal(console, method, f"{IDLE}/operations/{name}") == (409, 332)


def test_a_session_has_one_channel_to_a_system(console: Console) -> None:
    session = console.sessions.logon("agent", "secret")
    assert console.os_messages.open_channel(ACTIVE, session.id, "agent") == "agent.os1"
    assert console.os_messages.open_channel(ACTIVE, session.id, "agent") is None
    assert console.os_messages.has_topic("agent.os1")
    console.os_messages.close_channels(session.id)
    assert not console.os_messages.has_topic("agent.os1")


def test_a_certificate_is_imported_assigned_and_deleted(console: Console) -> None:
    body = {"name": "cert", "type": "secure-boot", "certificate": "QUJD"}
    uri = created(ask(console, "POST", f"{CPC}/operations/import-certificate", body))
    assert prop(console, f"{uri}/operations/get-encoded", "certificate") == "QUJD"
    assert ask(console, "POST", uri, {"description": "d"}).status == 204
    assign = {"certificate-uri": uri}
    assert ask(console, "POST", f"{IDLE}/operations/assign-certificate", assign).status == 204
    assert prop(console, uri, "assigned") is True
    assert prop(console, IDLE, "assigned-certificate-uris") == [uri]
    assert refusal(console, "POST", f"{IDLE}/operations/assign-certificate", assign) == (409, 8)
    assert refusal(console, "DELETE", uri) == (409, 8)
    assert ask(console, "POST", f"{IDLE}/operations/unassign-certificate", assign).status == 204
    assert prop(console, uri, "assigned") is False
    assert ask(console, "DELETE", uri).status == 204
    assert prop(console, "/api/certificates", "certificates") == []


def test_a_bad_certificate_is_refused(console: Console) -> None:
    path = f"{CPC}/operations/import-certificate"
    assert refusal(console, "POST", path, {"name": "c", "certificate": "?"}) == (400, 7)
    assert refusal(console, "POST", path, {"name": "c"}) == (400, 5)


def test_firmware_is_installed_by_a_job_that_can_be_cancelled(console: Console, told: Told) -> None:
    body = {"bundle-level": "S81"}
    job = job_of(ask(console, "POST", f"{CPC}/operations/single-step-install", body))
    assert ask(console, "POST", f"{job}/operations/cancel").status == 202
    job_of(ask(console, "POST", "/api/console/operations/single-step-install", {"bundle-level": "H20"}))
    told.now_s += 10
    assert prop(console, job, "status") == "canceled"
    described = prop(console, "/api/console", "ec-mcl-description")
    assert isinstance(described, dict)
    assert described["bundle-level"] == "H20"
    assert refusal(console, "POST", "/api/console/operations/report-problem", {}) == (400, 5)


def test_what_describes_the_firmware_is_the_hmcs_own(console: Console, told: Told) -> None:
    assert refusal(console, "POST", CPC, {"ec-mcl-description": 5}) == (400, 6)
    with console.model.transaction():  # as a person at the console may
        console.model.resource(CPC).properties["ec-mcl-description"] = 5
    job_of(ask(console, "POST", f"{CPC}/operations/single-step-install", {"bundle-level": "S81"}))
    told.now_s += 10
    assert prop(console, CPC, "ec-mcl-description") == {"bundle-level": "S81"}


def test_a_time_server_is_swapped(console: Console) -> None:
    servers = {"preferred-time-server": {"node-name": "a"}, "backup-time-server": {"node-name": "b"}}
    body = {"stp-id": "ctn", "force": False, "current-time-server": "preferred", **servers}
    assert ask(console, "POST", f"{CPC}/operations/set-stp-config", body).status == 204
    assert refusal(console, "POST", f"{CPC}/operations/swap-cts", {"stp-id": "other"}) == (400, 8)
    assert ask(console, "POST", f"{CPC}/operations/swap-cts", {"stp-id": "ctn"}).status == 204
    config = prop(console, CPC, "stp-configuration")
    assert isinstance(config, dict)
    assert config["current-time-server"] == "backup"
    assert ask(console, "POST", f"{CPC}/operations/leave-stponly-ctn").status == 204
    assert refusal(console, "POST", f"{CPC}/operations/leave-stponly-ctn") == (409, 1)


def test_sustainability_data_has_a_point_for_each_step(console: Console) -> None:
    uri = f"{CPC}/operations/get-historical-sustainability-data"
    body = {"range": "custom", "resolution": "one-hour", "custom-range-start": 0, "custom-range-end": 7200_000}
    answer = ask(console, "POST", uri, body)
    assert isinstance(answer.body, dict)
    assert [point["timestamp"] for point in answer.body["total-wattage"]] == [0, 3600_000, 7200_000]
    assert refusal(console, "POST", uri, {"range": "for-ever"}) == (400, 7)
    assert refusal(console, "POST", uri, {"range": "last-year", "resolution": "fifteen-minutes"}) == (400, 8)


def test_a_crypto_domain_is_zeroized_by_who_controls_it(console: Console) -> None:
    partition = console.model.resource(IDLE)
    adapter = console.model.resource(CPC).adapters.list()[0].uri
    domains = [{"domain-index": 3, "access-mode": "control-usage"}, {"domain-index": 4, "access-mode": "control"}]
    with console.model.transaction():
        partition.properties["crypto-configuration"] = {
            "crypto-adapter-uris": [adapter],
            "crypto-domain-configurations": domains,
        }
    path = f"{IDLE}/operations/zeroize-crypto-domain"
    assert ask(console, "POST", path, {"crypto-adapter-uri": adapter, "domain-index": 3}).status == 204
    assert refusal(console, "POST", path, {"crypto-adapter-uri": adapter, "domain-index": 4}) == (409, 110)


def test_a_deleted_partition_takes_its_elements_with_it(console: Console) -> None:
    switch = console.model.resource(CPC).virtual_switches.list()[0].uri
    nic = created(ask(console, "POST", f"{IDLE}/nics", {"name": "n", "virtual-switch-uri": switch}))
    ask(console, "DELETE", IDLE)
    assert refusal(console, "GET", nic) == (404, 1)
    assert nic not in console.model.resource(switch).properties["connected-vnic-uris"]


def test_requests_that_are_submitted_together_are_answered_one_by_one(console: Console) -> None:
    requests = [
        {"method": "GET", "uri": ACTIVE, "id": "1"},
        {"method": "GET", "uri": "/api/partitions/none", "id": "2"},
        {"method": "POST", "uri": IDLE, "body": {"description": "new"}, "id": "3"},
        {"method": "GET", "uri": "/api/partition-links", "id": "4"},
        {"method": "GET", "uri": "/api/version", "id": "5"},
    ]
    answer = ask(console, "POST", "/api/services/aggregation/submit", {"requests": requests})
    assert isinstance(answer.body, list)
    assert [(item["id"], item["status"]) for item in answer.body] == [
        ("1", 200), ("2", 404), ("3", 204), ("4", 200), ("5", 400),
    ]  # fmt: skip
    assert prop(console, IDLE, "description") == "new"


def test_the_inventory_has_all_kinds_and_refuses_unknown_ones(console: Console) -> None:
    answer = ask(console, "POST", "/api/services/inventory", {})
    assert isinstance(answer.body, list)
    assert {"cpc", "partition"} <= {item["class"] for item in answer.body}
    assert refusal(console, "POST", "/api/services/inventory", {"resources": ["x"]}) == (400, 8)


def test_logs_tell_what_clients_did(console: Console) -> None:
    ask(console, "POST", IDLE, {"description": "new"})
    log = ask(console, "GET", "/api/console/operations/get-audit-log").body
    assert isinstance(log, list)
    assert [(entry["userid"], entry["event-message"]) for entry in log] == [("agent", f"POST {IDLE}: 204")]
    time_ms = log[0]["event-time"]
    assert ask(console, "GET", f"/api/console/operations/get-audit-log?begin-time={time_ms + 1}").body == []


def test_settings_of_a_dpm_configuration_are_imported(console: Console) -> None:
    path = f"{CPC}/operations/import-dpm-config"
    known, unknown = {"object-uri": IDLE, "description": "d"}, {"object-uri": "/api/partitions/none"}
    assert ask(console, "POST", path, {"partitions": [known]}).status == 204
    assert prop(console, IDLE, "description") == "d"
    answer = ask(console, "POST", path, {"partitions": [known, unknown]})
    assert isinstance(answer.body, dict)
    assert [item["resource-uri"] for item in answer.body["output"]] == ["/api/partitions/none"]


def test_a_refused_request_changes_nothing(console: Console) -> None:
    before = dict(console.model.resource(IDLE).properties)
    # The model sets the description before it stumbles over the second field.
    body = {"name": "x", "cpc-uri": CPC, "type": "fcp", "storage-volumes": [{"operation": "burn"}]}
    assert refusal(console, "POST", "/api/storage-groups", body) == (400, 5)
    assert prop(console, "/api/storage-groups", "storage-groups") == []
    assert dict(console.model.resource(IDLE).properties) == before


def test_a_profile_is_created_from_another_and_deleted(classic_console: Console) -> None:
    cpc = classic_console.model.hmc.cpcs.list()[0]
    path = f"{cpc.uri}/image-activation-profiles"
    assert ask(classic_console, "POST", path, {"profile-name": "one", "description": "d"}).status == 204
    assert ask(classic_console, "POST", path, {"profile-name": "two", "copy-name": "one"}).status == 204
    assert prop(classic_console, f"{path}/two", "description") == "d"
    assert refusal(classic_console, "POST", path, {"profile-name": "two"}) == (400, 8)
    assert ask(classic_console, "DELETE", f"{path}/two").status == 204
    assert refusal(classic_console, "GET", f"{path}/two") == (404, 1)


@pytest.mark.parametrize("name", ["stop", "reset-clear", "load-from-ftp"])
def test_an_lpars_status_is_told_when_the_job_completes(classic_console: Console, told: Told, name: str) -> None:
    job_of(ask(classic_console, "POST", f"{LPAR}1/operations/{name}", {}))
    told.now_s += 10
    assert prop(classic_console, f"{LPAR}1", "status") == ("operating" if name == "load-from-ftp" else "not-operating")


def test_an_operation_that_is_not_there_is_counted(console: Console, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        assert refusal(console, "POST", f"{IDLE}/operations/teleport", {}) == (404, 1)
    assert console.unknown.counts == {"POST /api/partitions/*/operations/teleport": 2}
    assert "(2 so far)" in caplog.text


def test_properties_that_the_hmc_gives_cannot_be_given(console: Console) -> None:
    body = {"name": "n", "object-id": "../x"}
    assert refusal(console, "POST", f"{CPC}/partitions", body) == (400, 6)


@pytest.mark.parametrize("shut", [True, False])
def test_a_restart_asks_to_go_away(console: Console, shut: bool) -> None:
    away: list[float | None] = []
    act: Callable[[float | None], None] = away.append
    object.__setattr__(console, "go_away", act)
    settings = type(console.settings)(users={}, restart_seconds=5.0 if shut else 0.0)
    object.__setattr__(console, "settings", settings)
    ask(console, "POST", "/api/console/operations/restart", {})
    assert away == ([5.0] if shut else [])
    ask(console, "POST", "/api/console/operations/shutdown", {})
    assert away[-1] is None


def test_every_metric_group_can_be_asked_for(console: Console) -> None:
    body = {"anticipated-frequency-seconds": 15, "metric-groups": ["environmental-power-status"]}
    session = console.sessions.logon("agent", "secret")
    answer = ask(console, "POST", "/api/services/metrics/context", body, session=session)
    assert isinstance(answer.body, dict)
    assert [group["group-name"] for group in answer.body["metric-group-infos"]] == ["environmental-power-status"]
    metrics = ask(console, "GET", created(answer), session=session)
    assert metrics.content_type == "application/vnd.ibm-z-zmanager-metrics"
    assert ask(console, "DELETE", created(answer), session=session).status == 204


def test_a_metrics_context_is_its_sessions_own_and_ends_with_it(console: Console) -> None:
    session = console.sessions.logon("agent", "secret")
    body = {"anticipated-frequency-seconds": 15}
    first, second = (
        created(ask(console, "POST", "/api/services/metrics/context", body, session=session)) for _ in range(2)
    )
    for method in ("GET", "DELETE"):
        assert refusal(console, method, first) == (404, 1)  # another session of the same user
    assert ask(console, "DELETE", first, session=session).status == 204
    console.forget(console.sessions.logon("other", "secret2"))
    assert ask(console, "GET", second, session=session).status == 200
    console.forget(session)
    assert second not in console.model.hmc.all_resources
    assert all(isinstance(change, LogEntry) for change in console.model.journal.take())  # it is no object


def test_a_metrics_context_of_the_inventory_is_everybodys(two_nics: Inventory, told: Told, sessions: Sessions) -> None:
    definition = copy.deepcopy(two_nics._definition)
    context = {"fake-id": "7", "anticipated-frequency-seconds": 15}
    definition["hmc_definition"]["metrics_contexts"] = [{"properties": context}]
    console = make_console(Inventory("x", definition), told, sessions)
    for _ in range(2):
        session = console.sessions.logon("agent", "secret")
        assert ask(console, "GET", "/api/services/metrics/context/7", session=session).status == 200
        console.forget(session)


@pytest.mark.parametrize("machine", ["/api/console", CPC])
def test_service_is_requested_or_declined_for_a_hardware_message(console: Console, machine: str) -> None:
    owner = console.model.console if machine == "/api/console" else console.model.resource(machine)
    for name, service in (("a", True), ("b", True), ("mute", False)):
        owner.hw_messages.add({"element-id": name, "text": "hot", "service-supported": service})
    one, other, mute = (f"{machine}/hardware-messages/{name}" for name in ("a", "b", "mute"))
    assert ask(console, "POST", f"{one}/operations/request-service", {"customer-name": "me"}).status == 204
    assert prop(console, f"{one}/operations/get-service-information", "machine-type")
    assert prop(console, f"{one}/operations/get-service-information?delete=True", "machine-type")
    assert refusal(console, "GET", one) == (404, 1)
    assert ask(console, "POST", f"{other}/operations/decline-service").status == 204
    assert refusal(console, "GET", other) == (404, 1)
    assert refusal(console, "POST", f"{mute}/operations/decline-service") == (400, 340)
    assert refusal(console, "GET", f"{mute}/operations/get-service-information") == (400, 340)


def test_a_user_role_is_created_on_a_console_that_has_none(console: Console) -> None:
    uri = created(ask(console, "POST", "/api/console/user-roles", {"name": "mine"}))
    base = prop(console, uri, "associated-system-defined-user-role-uri")
    assert prop(console, str(base), "name") == "hmc-operator-tasks"


def test_an_lpar_can_be_changed_while_its_cpc_is_operating(classic_console: Console) -> None:
    lpar = classic_console.model.resource(f"{LPAR}1")
    assert lpar.manager.parent.properties["status"] == "operating"
    assert ask(classic_console, "POST", f"{LPAR}1", {"description": "new"}) == Answer(status=204)
    assert prop(classic_console, f"{LPAR}1", "description") == "new"
    assert refusal(classic_console, "POST", f"{LPAR}3", {"description": "new"}) == (409, 1)
    assert refusal(classic_console, "POST", f"{LPAR}1", {"object-id": "x"}) == (400, 6)
    assert refusal(classic_console, "POST", f"{LPAR}1") == (400, 3)
    with classic_console.model.transaction():
        lpar.manager.parent.properties["status"] = "not-communicating"
    assert refusal(classic_console, "POST", f"{LPAR}1", {"description": "newer"}) == (409, 6)


def test_of_a_cpc_that_is_not_managed_there_is_nothing_but_its_name(console: Console) -> None:
    with console.model.transaction():
        uri = console.model.console.unmanaged_cpcs.add({"object-id": "u", "name": "unmanaged"}).uri
    listed = ask(console, "GET", "/api/console/operations/list-unmanaged-cpcs").body
    assert listed == {"cpcs": [{"object-uri": uri, "name": "unmanaged"}]}
    for operation in ("start", "import-dpm-config", "set-stp-config", "import-certificate"):
        assert refusal(console, "POST", f"{uri}/operations/{operation}", {"stp-id": "a"}) == (404, 1)


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "-1", "1_0", " 1", "%D9%A3", ""])
def test_a_query_parameter_that_is_no_number_of_64_bits_is_refused(console: Console, number: str) -> None:
    for name in ("begin-sequence-number", "end-sequence-number", "max-messages"):
        assert refusal(console, "GET", f"{ACTIVE}/operations/list-os-messages?{name}={number}") == (400, 14)
    for name in ("begin-time", "end-time"):
        for log in ("audit", "security"):
            assert refusal(console, "GET", f"/api/console/operations/get-{log}-log?{name}={number}") == (400, 14)
        for owner in ("/api/console", CPC):
            assert refusal(console, "GET", f"{owner}/hardware-messages?{name}={number}") == (400, 1)


def test_what_has_no_class_is_none_of_any(console: Console) -> None:
    context = created(ask(console, "POST", "/api/services/metrics/context", {"anticipated-frequency-seconds": 15}))
    body = {"certificate-uri": context}
    assert refusal(console, "POST", f"{IDLE}/operations/assign-certificate", body) == (404, 2)


def test_a_tape_link_without_ports_has_none_to_lose(console: Console) -> None:
    link = created(ask(console, "POST", "/api/tape-links", {"name": "l", "cpc-uri": CPC}))
    assert "adapter-port-uris" not in console.model.resource(link).properties
    assert ask(console, "POST", f"{link}/operations/remove-adapter-ports", {"adapter-port-uris": []}).status == 204

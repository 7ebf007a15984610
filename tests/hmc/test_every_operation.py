"""Each operation that zhmcclient calls, once, with success: its status is the one that the docs tell."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from harness.hmc import Inventory
from harness.hmc.called import Called, operations_called
from harness.hmc.exchange import Answer, Call
from harness.hmc.operations import REGISTRY, Console, OpenOperation, carry_out
from harness.hmc.operations.statuses import success_of
from harness.hmc.sessions import Session, Sessions
from tests.hmc.conftest import Told, make_console
from tests.hmc.every_operation.inventory import everything
from tests.hmc.every_operation.requests import BEFORE, BODIES, QUERIES, TARGETS, fits


@pytest.fixture(scope="module", name="everything")
def _everything() -> Inventory:
    return everything()


class Client:
    """Asks a console, as user agent."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.session: Session = console.sessions.logon("agent", "secret")
        self.made = ""
        """URI of what the last request made."""

    def ask(self, method: str, uri: str, body: Any = None) -> Answer:
        path = uri.partition("?")[0]
        operation = REGISTRY.find(method, path)
        call = Call(
            number=1,
            method=method,
            uri=uri,
            path=path,
            headers={},
            body=copy.deepcopy(body),
            user="agent",
            session_id=self.session.id,
        )
        if isinstance(operation, OpenOperation):
            return operation.run(self.console, call)
        return carry_out(self.console, call, operation, self.session)

    def uri_for(self, method: str, path: str) -> str:
        """A URI of this template."""
        resource, operations, name = path.partition("/operations/")
        return f"{self._target(method, path, resource)}{operations}{name}{QUERIES.get(path, '')}"

    def _target(self, method: str, path: str, resource: str) -> str:
        if self.made and "*" in resource and fits(resource, self.made):
            return self.made
        owner, _, last = resource.rpartition("/")
        for name in (f"{method} {path}", path, resource):
            if name in TARGETS:
                return TARGETS[name] if fits(resource, TARGETS[name]) else f"{TARGETS[name]}/{last}"
        if "*" not in resource:
            return resource
        if last != "*":
            return f"{self._target(method, owner, owner)}/{last}"
        return next(str(uri) for uri in self.console.model.hmc.all_resources if fits(resource, uri))


@pytest.mark.parametrize("called", operations_called(), ids=lambda called: f"{called.method} {called.path}")
def test_each_operation_succeeds_with_the_status_of_the_docs(
    everything: Inventory, told: Told, sessions: Sessions, called: Called
) -> None:
    client = Client(make_console(everything, told, sessions))
    for step in BEFORE.get(called.path, ()):
        answer = client.ask(*step)
        assert answer.status < 300
        client.made = answer.headers.get("Location", "")
        if isinstance(answer.body, dict) and "job-uri" in answer.body:
            client.made = answer.body["job-uri"]
    if called.method == "DELETE":
        told.now_s += 60  # what began is over
    body = BODIES.get(called.path)
    if body is None and called.method == "POST" and "/operations/" not in called.path:
        body = {"description": "another one"}
    if called.method != "POST":
        body = None
    answer = client.ask(called.method, client.uri_for(called.method, called.path), body)
    is_job = REGISTRY.find(called.method, called.path).is_job
    assert answer.status == success_of(called.method, called.path, is_job=is_job)
    assert (answer.body is None) == (answer.status == 204 or (answer.status == 202 and not is_job))
    assert (answer.status != 201) or answer.headers["Location"]

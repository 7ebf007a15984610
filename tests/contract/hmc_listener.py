"""zhmcclient's own NotificationReceiver as a witness: its messages, and what an HMC must look like by them."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zhmcclient

from tests.contract.hmc_world import World, until

Message = tuple[dict[str, str], Any]
SECONDS = 10.0
"""A message that has not come after this does not come."""


@contextmanager
def receiving(world: World, *topics: str, **login: str) -> Iterator[queue.Queue[Message]]:
    """A NotificationReceiver's messages, from the moment when the broker knows of its subscriptions."""
    receiver = world.receiver(*topics, **login)
    messages: queue.Queue[Message] = queue.Queue()

    def listen() -> None:
        # A receiver that was closed says either nothing or, seconds later, that its connection is lost.
        with contextlib.suppress(zhmcclient.NotificationConnectionError):
            for message in receiver.notifications():
                messages.put(message)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    for topic in topics:
        world.until_listening(topic)
    try:
        yield messages
    finally:
        receiver.close()
        until(lambda: world.do(lambda: world.hmc.notifications.connections) == 0)


class Mirror:
    """What the HMC contains as far as one can tell from notifications alone, held against what it shows.

    It begins with what the HMC shows, and from then on believes what it is told. Two sessions listen: what is told of
    objects is told to both in the same words, and what is told of a job to its own session only.
    """

    def __init__(self, world: World, session: zhmcclient.Session, other: zhmcclient.Session) -> None:
        self._world = world
        self._session = session
        self._other = other
        self._fence = zhmcclient.Client(session).cpcs.list()[0].uri
        self._fences = 0
        self.gone: set[str] = set()
        self.ended_jobs: list[str] = []
        """URIs of jobs, in the order in which their ends were told."""
        self.begin()

    def begin(self) -> None:
        """From here on, with the topics that both sessions have now, and a receiver that has received nothing yet."""
        self._objects = (self._session.object_topic, self._other.object_topic)
        self._own_jobs, self._other_jobs = self._session.job_topic, self._other.job_topic
        self._received = 0
        self._resources: dict[str, dict[str, Any] | None] = {
            uri: properties for uri, properties in self._shown(self._there()).items() if properties is not None
        }
        """None for one that has just come: its properties were not told, and are read."""
        self._unreadable = self._there() - set(self._resources)

    @property
    def topics(self) -> tuple[str, ...]:
        """What to listen to."""
        return (*self._objects, self._own_jobs, self._other_jobs)

    def compare(self, messages: queue.Queue[Message]) -> None:
        """Believe all that was told until now; then the HMC must show the same."""
        for headers, body in self._until_fence(messages):
            self._believe(headers, body)
        assert set(self._resources) | self._unreadable == self._there()
        assert not self.gone & set(self._resources), "what was deleted has come back"
        shown = self._shown(set(self._resources) | self.gone)
        for uri, believed in self._resources.items():
            real = shown[uri]
            assert real is not None, f"{uri} was told of, and cannot be read"
            assert believed is None or _known(believed) == _known(real), uri
            self._resources[uri] = real
        assert not [uri for uri in self.gone if shown[uri] is not None]

    def properties(self, uri: str) -> dict[str, Any]:
        """What the HMC showed of a resource when it was last compared."""
        shown = self._resources[uri]
        assert shown is not None
        return shown

    def _there(self) -> set[str]:
        """URIs of all objects and elements; metrics contexts are none."""

        def look() -> set[str]:
            every = self._world.hmc.by_hand(lambda console: dict(console.model.hmc.all_resources))
            return {uri for uri, resource in every.items() if "class" in resource.properties}

        return self._world.do(look)

    def _shown(self, uris: set[str]) -> dict[str, dict[str, Any] | None]:
        """What GET gives, all in one request, so that nothing happens in between."""
        requests = [{"method": "GET", "uri": uri, "id": uri} for uri in sorted(uris)]
        answers = self._session.post("/api/services/aggregation/submit", body={"requests": requests})
        return {answer["id"]: answer["body"] if answer["status"] == 200 else None for answer in answers}

    def _until_fence(self, messages: queue.Queue[Message]) -> Iterator[Message]:
        """The messages until a change that only we can have made, on one topic and then the same on the other."""
        self._fences += 1
        word = f"fence {self._fences}"
        self._session.post(self._fence, body={"description": word})
        told: dict[str, list[object]] = {topic: [] for topic in self.topics}
        fences = 0
        while fences < len(self._objects):
            headers, body = messages.get(timeout=SECONDS)
            topic = headers["destination"].removeprefix("/topic/")
            assert int(headers["session-sequence-nr"]) == self._received
            self._received += 1
            told[topic].append((_words(headers), body))
            fences += bool(body) and word in json.dumps(body)
            if topic != self._objects[1]:
                yield headers, body
        assert told[self._objects[0]] == told[self._objects[1]]
        assert told[self._other_jobs] == []

    def _believe(self, headers: dict[str, str], body: Any) -> None:
        uri = headers.get("element-uri") or headers.get("object-uri", "")
        match headers["notification-type"]:
            case "inventory-change" if headers["action"] == "add":
                assert uri not in self._resources, f"{uri} came twice"
                assert uri not in self.gone, f"{uri} was given twice"
                self._resources[uri] = None
            case "inventory-change":
                del self._resources[uri]
                self.gone.add(uri)
            case "property-change":
                for report in body["change-reports"]:
                    self._change(uri, report["property-name"], report["old-value"], report["new-value"])
            case "status-change":
                for report in body["change-reports"]:
                    self._change(uri, "status", report["old-status"], report["new-status"])
            case "job-completion":
                self.ended_jobs.append(headers["job-uri"])
            case other:
                raise AssertionError(f"nobody asked for {other}")

    def _change(self, uri: str, name: str, old: object, new: object) -> None:
        properties = self._resources[uri]
        if properties is None:
            return
        assert properties.get(name) == old, (uri, name)
        assert old != new, (uri, name)
        properties[name] = new


def _words(headers: dict[str, str]) -> dict[str, str]:
    """The headers without what is of the connection or the topic."""
    own = ("destination", "subscription", "message-id", "session-sequence-nr", "content-length")
    return {name: value for name, value in headers.items() if name not in own}


def _known(properties: dict[str, Any]) -> dict[str, Any]:
    """A property that is not there is told as null."""
    return {name: value for name, value in properties.items() if value is not None}

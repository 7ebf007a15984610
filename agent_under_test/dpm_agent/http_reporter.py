"""Reports over HTTP with JSON bodies, in the words of Neutron's RPC.

Each call opens a connection of its own: no connection is shared between the two threads that report, and none can
have gone stale. A failed call is not tried again here; the next heartbeat or the next look does that.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping, Set
from urllib.parse import urlsplit

from agent_under_test.dpm_agent.reporter import AGENT_TYPE, BINARY, TOPIC, ReporterError

TIMEOUT_S = 5.0
"""For connecting, and for each read: a control plane answers at once or is in trouble."""


class HttpReporter:
    """The control plane at a URL such as ``http://127.0.0.1:9696``."""

    def __init__(self, url: str, *, host: str, cpc: str) -> None:
        parts = urlsplit(url)
        self._server = parts.hostname or ""
        self._tcp_port = parts.port or http.client.HTTP_PORT
        self._prefix = parts.path.rstrip("/")
        self._host = host
        self._cpc = cpc

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        return f"{self._server}:{self._tcp_port}"

    def report_state(self, *, start: bool) -> None:
        """A heartbeat; see `Reporter`."""
        state = {
            "host": self._host,
            "binary": BINARY,
            "agent_type": AGENT_TYPE,
            "topic": TOPIC,
            "configurations": {"cpc": self._cpc},
            "start_flag": start,
        }
        self._call("report_state", {"agent_state": state})

    def device_details(self, macs: Set[str]) -> frozenset[str]:
        """Which devices have a port here; see `Reporter`."""
        answer = self._call("get_devices_details_list", {**self._who(), "devices": sorted(macs)})
        details = answer if isinstance(answer, list) else []
        asked_for = all(isinstance(item, dict) and item.get("device") in sorted(macs) for item in details)
        if not asked_for or len(details) != len(macs):
            raise ReporterError("unexpected answer: the details are not those of the devices that were asked for")
        return frozenset(item["device"] for item in details if "port_id" in item)

    def update_devices(self, *, up: Set[str], down: Set[str]) -> None:
        """Devices that came and went; see `Reporter`."""
        devices = {"devices_up": sorted(up), "devices_down": sorted(down)}
        answer = self._call("update_device_list", {**self._who(), **devices})
        if not isinstance(answer, dict):
            raise ReporterError("unexpected answer: no JSON object")
        failed = [*_texts(answer.get("failed_devices_up")), *_texts(answer.get("failed_devices_down"))]
        if failed:
            raise ReporterError(f"it could not set {', '.join(failed)}")

    def _who(self) -> Mapping[str, str]:
        return {"agent_id": f"dpm-{self._host}", "host": self._host}

    def _call(self, word: str, body: Mapping[str, object]) -> object:
        try:
            status, content = self._post(f"{self._prefix}/rpc/{word}", json.dumps(body).encode())
        except (OSError, http.client.HTTPException) as error:
            raise ReporterError(_words(error)) from error
        if status != http.HTTPStatus.OK:
            raise ReporterError(f"it answered {word} with status {status}")
        try:
            return json.loads(content)
        except ValueError as error:
            raise ReporterError(f"its answer to {word} is not JSON") from error

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._server, self._tcp_port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def _texts(value: object) -> Iterable[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_S:.0f} s (timed out)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"the connection broke ({type(error).__name__})"

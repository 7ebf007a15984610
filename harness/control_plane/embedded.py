"""A control plane in the caller's loop: the part of the Neutron API that concerns agents and ports.

    plane = EmbeddedControlPlane(recorder, clock, agent_down_time_s=75.0)
    url = await plane.start("127.0.0.1")
    await plane.add_port(name="port-a", mac="fa:16:3e:00:00:01", host="dpm-host-1")
    ...
    await plane.close()

Reading, as from Neutron: `GET /`, `/v2.0/agents[/ID]`, `/v2.0/ports[/ID]`, with filters and `fields`.
Reporting, in place of Neutron's RPC over a message bus, with the same words:

    POST /rpc/report_state              {agent_state: {host, binary, agent_type, topic, configurations, start_flag}}
                                        -> {status: new | alive | revived}
    POST /rpc/get_devices_details_list  {devices: [mac], agent_id, host} -> [{device, port_id, ...}], or {device} alone
    POST /rpc/update_device_list        {devices_up: [mac], devices_down: [mac], agent_id, host}
                                        -> {devices_up, failed_devices_up, devices_down, failed_devices_down}
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import web

from harness.control_plane.bodies import Refused, macs, member, neutron_error, read_body, text
from harness.control_plane.query import NotBoolean, View, pick, select
from harness.control_plane.state import AGENT_FILTERS, PORT_FILTERS, PortStatus, State
from harness.core.events import ComponentCrashed, Heartbeat
from harness.core.interfaces import Clock, Recorder
from harness.errors import BadInput, HarnessError

_COMPONENT = "control plane"
_SHUTDOWN_S = 1.0
"""How long `close` waits for a request that is being answered; answers take milliseconds."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class EmbeddedControlPlane:
    """Takes heartbeats and port states, and answers questions about them; loopback only, one a trial."""

    def __init__(self, recorder: Recorder, clock: Clock, *, agent_down_time_s: float) -> None:
        self._recorder = recorder
        self._state = State(clock, agent_down_time_s)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str) -> str:
        """Listen on a free TCP port of this loopback address; returns the base URL.

        Raises:
            BadInput: the address is not a loopback one.
            HarnessError: it cannot be listened on, or was started before.
        """
        _require_loopback(host)
        if self._runner is not None:
            raise HarnessError("the control plane runs already; close it before it is started again")
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, 0).start()
        except OSError as error:
            await runner.cleanup()
            raise HarnessError(f"the control plane cannot listen on {host}: {error.strerror or error}") from error
        self._runner = runner
        return f"http://{_in_url(host)}:{runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening and end all connections; nothing happens where it does not run."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def add_port(self, *, name: str, mac: str, host: str) -> None:
        """Create a port, DOWN, bound to this agent's host. The same port again changes nothing.

        Raises:
            ValueError: another port has this name or MAC address.
        """
        self._state.add_port(name=name, mac=mac, host=host)

    def remove_port(self, name: str) -> None:
        """Afterwards there is no port of this name."""
        self._state.remove_port(name)

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._versions),
                web.get("/v2.0/agents", self._agents),
                web.get("/v2.0/agents/{id}", self._agent),
                web.get("/v2.0/ports", self._ports),
                web.get("/v2.0/ports/{id}", self._port),
                web.post("/rpc/report_state", self._report_state),
                web.post("/rpc/get_devices_details_list", self._details),
                web.post("/rpc/update_device_list", self._update),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every answer that is no success has Neutron's error body; a defect of ours is recorded."""
        try:
            return await handler(request)
        except Refused as error:
            return neutron_error(error.status, error.kind, str(error))
        except web.HTTPException as error:
            kind = f"HTTP{error.reason.replace(' ', '')}"
            return neutron_error(error.status, kind, f"{request.method} {request.path}: {error.reason}")
        except Exception as error:  # noqa: BLE001 - a defect of ours has to make the trial UNKNOWN, not to vanish in a log
            words = f"{request.method} {request.path}: {type(error).__name__}: {error}"
            self._recorder.record(ComponentCrashed(component=_COMPONENT, error=words))
            return neutron_error(500, "InternalServerError", "the control plane itself failed; see the history")

    # Reading.

    async def _versions(self, request: web.Request) -> web.Response:
        link = {"rel": "self", "href": f"{request.url.origin()}/v2.0/"}
        return web.json_response({"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]})

    async def _agents(self, request: web.Request) -> web.Response:
        views = [self._state.agent_view(agent) for agent in self._state.agents.values()]
        return web.json_response({"agents": _select(request, views, AGENT_FILTERS)})

    async def _agent(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        found = next((agent for agent in self._state.agents.values() if agent.id == wanted), None)
        if found is None:
            raise Refused(404, "AgentNotFound", f"Agent {wanted} could not be found.")
        return web.json_response({"agent": _shown(request, self._state.agent_view(found))})

    async def _ports(self, request: web.Request) -> web.Response:
        views = [self._state.port_view(port) for port in self._state.ports.values()]
        return web.json_response({"ports": _select(request, views, PORT_FILTERS)})

    async def _port(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        found = next((port for port in self._state.ports.values() if port.id == wanted), None)
        if found is None:
            raise Refused(404, "PortNotFound", f"Port {wanted} could not be found.")
        return web.json_response({"port": _shown(request, self._state.port_view(found))})

    # Reporting.

    async def _report_state(self, request: web.Request) -> web.Response:
        state = member(await read_body(request), "agent_state", dict)
        host = text(state, "host")
        status = self._state.report(
            host=host,
            binary=text(state, "binary"),
            agent_type=text(state, "agent_type"),
            topic=text(state, "topic"),
            configurations=member(state, "configurations", dict) if "configurations" in state else {},
            start=member(state, "start_flag", bool) if "start_flag" in state else False,
        )
        self._recorder.record(Heartbeat(source=host))
        return web.json_response({"status": status})

    async def _details(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        host, devices = text(body, "host"), macs(body, "devices")
        text(body, "agent_id")
        return web.json_response([self._state.details(mac, host) for mac in devices])

    async def _update(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        host, up, down = text(body, "host"), macs(body, "devices_up"), macs(body, "devices_down")
        text(body, "agent_id")
        for mac in up:
            self._state.move(mac, host, PortStatus.ACTIVE)
        for mac in down:
            self._state.move(mac, host, PortStatus.DOWN)
        # Neutron says so of whatever it is told; only a port that is deleted that very moment does not exist.
        gone = [{"device": mac, "exists": True} for mac in down]
        answer = {"devices_up": up, "failed_devices_up": [], "devices_down": gone, "failed_devices_down": []}
        return web.json_response(answer)


def _select(request: web.Request, views: list[dict[str, object]], known: frozenset[str]) -> list[dict[str, object]]:
    try:
        return select(views, list(request.query.items()), known)
    except ValueError as error:
        kind = "InvalidInput" if isinstance(error, NotBoolean) else "HTTPBadRequest"
        raise Refused(400, kind, f"{request.path}: {error}") from error


def _shown(request: web.Request, view: View) -> dict[str, object]:
    return pick(view, request.query.getall("fields", []))


def _require_loopback(host: str) -> None:
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise BadInput(
            f"the control plane listens on a loopback address only, not on {host!r}; use one such as 127.0.0.1"
        )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host

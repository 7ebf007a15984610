"""Run by Neutron's interpreter: an agent's words to a real Neutron, over its message bus, as told line by line.

    python neutron_reporter.py < ORDERS      # the first line is the bus's URL, so that no list of processes shows it

Each line of the standard input is ``{"word": ..., "body": {...}}`` with the words and bodies of the embedded control
plane; each line of the output is ``{"answer": ...}`` or ``{"error": ...}``. It ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import neutron  # noqa: F401  # first: it chooses threads, where oslo would choose greenlets
import oslo_messaging
from neutron.agent import rpc
from neutron.common import config
from neutron.conf.agent import common as agent_options
from neutron_lib import context as contexts
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_messaging import opts

ANSWER_S = 30
"""What Neutron gets for an answer, in seconds."""


def connect(bus: str) -> None:
    """Neutron reads no file: the bus is all that it has to know."""
    config.register_common_config_options()
    agent_options.register_agent_state_opts_helper(cfg.CONF)
    for group, options in opts.list_opts():
        cfg.CONF.register_opts(options, group)
    cfg.CONF.set_override("transport_url", bus)
    cfg.CONF.set_override("rpc_response_timeout", ANSWER_S)
    config.init([], default_config_files=[], default_config_dirs=[])


class Agent:
    """An agent that says what it is told to say."""

    def __init__(self) -> None:
        self._context = contexts.get_admin_context_without_session()
        self._state = rpc.PluginReportStateAPI(topics.REPORTS)
        self._state.timeout = ANSWER_S
        self._plugin = rpc.PluginApi(topics.PLUGIN)

    def say(self, word: str, body: Mapping[str, Any]) -> object:
        """Neutron's answer."""
        match word:
            case "report_state":
                return {"status": self._state.report_state(self._context, dict(body["agent_state"]), True)}
            case "get_devices_details_list":
                return self._plugin.get_devices_details_list(self._context, **body)
            case "update_device_list":
                return self._plugin.update_device_list(self._context, **body)
        raise ValueError(f"unknown word {word!r}")


def main() -> None:
    """Say what is told until there is nothing more."""
    connect(sys.stdin.readline().strip())
    agent = Agent()
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, object]
        try:
            answer = {"answer": agent.say(order["word"], order["body"])}
        except (oslo_messaging.MessagingException, ValueError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # A normal end waits for the threads of the bus, for ever if the broker is away.
    os._exit(0)

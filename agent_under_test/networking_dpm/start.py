"""Starts the unmodified networking-dpm 3.0.0 agent (of 2018) on Neutron 26, the last one with the eventlet it needs.

Usage: ``<its venv>/bin/python start.py --config-file FILE``, as its own program ``neutron-dpm-agent``

Two things that the agent relies on have moved in Neutron since. Each is put where it was, and nothing else is touched:

1. ``neutron.common.topics`` is ``neutron_lib.agent.topics`` now.
2. Neutron's options were registered when ``neutron.common.config`` was imported; now a program has to ask for that.
"""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    """Run the agent's own ``main()``; its end is this one's."""
    # As the agent's own program does it, which has no chance to be the first here; ssl must not be there before.
    importlib.import_module("eventlet").monkey_patch()
    sys.modules["neutron.common.topics"] = importlib.import_module("neutron_lib.agent.topics")
    agent = importlib.import_module("networking_dpm.cmd.eventlet.dpm_neutron_agent")
    importlib.import_module("neutron.common.config").register_common_config_options()
    agent.main()


if __name__ == "__main__":
    main()

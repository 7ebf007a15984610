"""Where the programs of a real Neutron are, or what to type to get them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from harness.errors import EngineFailed

TOOLS = Path(".tools/rabbitmq")
"""Where `make neutron` unpacks RabbitMQ and Erlang on a Debian-like system."""

ENVIRONMENT = Path(".venvs/neutron")
"""Neutron's own virtual environment."""

OPENSTACK = Path(".venvs/openstackclient/bin/openstack")
"""The openstack command, in an environment of its own."""

HOW_TO = "type: make neutron"
SYSTEM = Path("/")
_SCRIPTS = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"


@dataclass(frozen=True, slots=True)
class RabbitMq:
    """RabbitMQ's own start script, and the Erlang that it runs on."""

    script: Path
    erlang: Path
    """The folder with `erl`."""
    epmd: Path


def find_rabbitmq(root: Path) -> RabbitMq:
    """The project's unpacked one, or the system's.

    Raises:
        EngineFailed: there is none; says how to get one.
    """
    # Debian's /usr/sbin/rabbitmq-server changes the user and the folder; the script behind it does as it is told.
    for place in (root / TOOLS, SYSTEM):
        scripts = sorted(place.glob(f"{_SCRIPTS}/rabbitmq-server"))
        erl = place / "usr/lib/erlang/bin/erl"
        epmd = shutil.which("epmd", path=str(erl.parent))
        if scripts and erl.exists() and epmd:
            return RabbitMq(scripts[-1], erl.parent, Path(epmd))
    raise EngineFailed(f"there is no RabbitMQ with its Erlang here; {HOW_TO}, or install your system's rabbitmq-server")


def find_neutron(root: Path) -> Path:
    """The folder with Neutron's programs and interpreter.

    Raises:
        EngineFailed: it is not set up; says what to type.
    """
    programs = root / ENVIRONMENT / "bin"
    if not os.access(programs / "neutron-rpc-server", os.X_OK):
        raise EngineFailed(f"there is no Neutron in {ENVIRONMENT}; {HOW_TO}")
    return programs


def find_openstack(root: Path) -> str:
    """The project's openstack command, or else whatever the user has."""
    own = root / OPENSTACK
    return str(own) if own.exists() else "openstack"

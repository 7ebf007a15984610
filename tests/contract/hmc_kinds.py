"""Every kind of resource that a client can create in an HMC, through zhmcclient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zhmcclient

HOST = "127.0.0.1"
URLS = {f"{name}-url": f"https://{HOST}/" for name in ("issuer", "authentication", "token", "jwks")}
NEW_PARTITION = {"initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: where its resources are listed, and what one is created with beside its name."""

    manager: Callable[[zhmcclient.Cpc], Any]
    properties: Callable[[zhmcclient.Cpc], dict[str, Any]] = field(default=lambda _: {})
    create: str = "create"
    """The manager's function for it."""

    def made(self, cpc: zhmcclient.Cpc, name: str) -> Any:
        """A new one."""
        return getattr(self.manager(cpc), self.create)({"name": name, **self.properties(cpc)})

    def listed(self, cpc: zhmcclient.Cpc) -> set[str]:
        """The URIs of all that there are."""
        return {item.uri for item in self.manager(cpc).list()}


def console(cpc: zhmcclient.Cpc) -> zhmcclient.Console:
    """The console that manages a CPC."""
    found: zhmcclient.Console = cpc.manager.console
    return found


def idle(cpc: zhmcclient.Cpc) -> zhmcclient.Partition:
    """The partition of the inventory that stands still."""
    found: zhmcclient.Partition = cpc.partitions.find(name="part-idle")
    return found


def of_cpc(cpc: zhmcclient.Cpc) -> dict[str, Any]:
    """What a resource of the console says of its CPC."""
    return {"cpc-uri": cpc.uri, "type": "fcp"}


def local(_: zhmcclient.Cpc) -> dict[str, Any]:
    """A user whose password the HMC itself has."""
    rule = "/api/console/password-rules/basic"
    return {"type": "standard", "authentication-type": "local", "password": "secret", "password-rule-uri": rule}


KINDS = {
    "adapter": Kind(lambda cpc: cpc.adapters, create="create_hipersocket"),
    "capacity group": Kind(lambda cpc: cpc.capacity_groups),
    "NIC": Kind(lambda cpc: idle(cpc).nics, lambda cpc: {"virtual-switch-uri": cpc.virtual_switches.list()[0].uri}),
    "virtual function": Kind(
        lambda cpc: idle(cpc).virtual_functions, lambda cpc: {"adapter-uri": adapter(cpc, "roce")}
    ),
    "storage template": Kind(lambda cpc: console(cpc).storage_group_templates, of_cpc),
    "tape link": Kind(lambda cpc: console(cpc).tape_links, lambda cpc: {"cpc-uri": cpc.uri}),
    "group": Kind(lambda cpc: console(cpc).groups),
    "user": Kind(lambda cpc: console(cpc).users, local),
    "user role": Kind(lambda cpc: console(cpc).user_roles),
    "user pattern": Kind(
        lambda cpc: console(cpc).user_patterns,
        lambda _: {"pattern": "x*", "type": "glob-like", "retention-time": 0, "specific-template-uri": "/api/users/x"},
    ),
    "password rule": Kind(lambda cpc: console(cpc).password_rules),
    "LDAP server": Kind(
        lambda cpc: console(cpc).ldap_server_definitions,
        lambda _: {"primary-hostname-ipaddr": HOST, "search-distinguished-name": "x"},
    ),
    "MFA server": Kind(lambda cpc: console(cpc).mfa_server_definitions, lambda _: {"hostname-ipaddr": HOST}),
    "SSO server": Kind(
        lambda cpc: console(cpc).sso_server_definitions,
        lambda _: {"type": "oidc", "client-id": "i", "client-secret": "s", **URLS},
    ),
}
"""Those that stand for themselves; partitions, their links and storage groups have stories of their own."""


def adapter(cpc: zhmcclient.Cpc, kind: str) -> str:
    """The URI of an adapter of this type."""
    return str(cpc.adapters.find(type=kind).uri)

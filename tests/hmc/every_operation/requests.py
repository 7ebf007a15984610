"""One request that succeeds, for each operation that zhmcclient calls: a resource, a body, and what has to come before.

What is not told here is found: the resource is the first one whose URI fits, and no body is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

CPC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000001"
CLASSIC = "/api/cpcs/aaaaaaaa-0000-4000-8000-000000000002"
ACTIVE = "/api/partitions/dddddddd-0000-4000-8000-000000000001"
IDLE = "/api/partitions/dddddddd-0000-4000-8000-000000000002"
LPAR = "/api/logical-partitions/ffffffff-0000-4000-8000-00000000000"
FCP = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000011"
CRYPTO = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000012"
FICON = "/api/adapters/bbbbbbbb-0000-4000-8000-000000000013"
PORT = f"{FCP}/storage-ports/0"
OSA_SWITCH = "/api/virtual-switches/cccccccc-0000-4000-8000-000000000001"
GROUP = "/api/storage-groups/88888888-0000-4000-8000-000000000001"
FREE = "/api/storage-groups/88888888-0000-4000-8000-000000000004"
VOLUME = f"{GROUP}/storage-volumes/88888888-0000-4000-8000-000000000002"
LIBRARY = "/api/tape-libraries/99999999-0000-4000-8000-00000000000"
TAPE_LINK = "/api/tape-links/99999999-0000-4000-8000-000000000003"
CERTIFICATE = "/api/certificates/99999999-0000-4000-8000-000000000006"
OF_CLASSIC = "/api/certificates/99999999-0000-4000-8000-000000000007"
ROLE = "/api/user-roles/22222222-0000-4000-8000-00000000000"
RULE = "/api/console/password-rules/44444444-0000-4000-8000-000000000001"
PATTERN = "/api/console/user-patterns/33333333-0000-4000-8000-000000000001"
USER = "/api/users/11111111-0000-4000-8000-000000000001"
LPARS, IMAGES = "/api/logical-partitions/*", "/api/cpcs/*/image-activation-profiles/*"
IMAGE = f"{CLASSIC}/image-activation-profiles/LPAR1"
OTHER_PORT = f"{FCP}/storage-ports/1"
WWPN = "c05076ffe8000001"

Step = tuple[str, str, Mapping[str, object] | bytes | None]

TARGETS = {
    "/api/cpcs/*": CPC,
    "/api/cpcs/*/capacity-groups/*": f"{CPC}/capacity-groups/cccccccc-0000-4000-8000-000000000011",
    "/api/partitions/*": ACTIVE,
    "/api/logical-partitions/*": f"{LPAR}1",
    "/api/storage-groups/*": GROUP,
    "/api/tape-links/*": TAPE_LINK,
    "/api/user-roles/*": f"{ROLE}1",
    "DELETE /api/cpcs/*/capacity-groups/*": f"{CPC}/capacity-groups/cccccccc-0000-4000-8000-000000000012",
    "/api/partitions/*/operations/start": IDLE,
    "/api/partitions/*/operations/attach-storage-group": IDLE,
    "/api/logical-partitions/*/operations/activate": f"{LPAR}3",
    "/api/logical-partitions/*/operations/load": f"{LPAR}2",
    "/api/logical-partitions/*/operations/scsi-load": f"{LPAR}2",
    "/api/logical-partitions/*/operations/nvme-load": f"{LPAR}2",
    "/api/logical-partitions/*/operations/start": f"{LPAR}2",
    "/api/cpcs/*/operations/activate": CLASSIC,
    "/api/cpcs/*/operations/deactivate": CLASSIC,
    "/api/cpcs/*/operations/import-profiles": CLASSIC,
    "/api/cpcs/*/operations/export-profiles": CLASSIC,
    "/api/cpcs/*/image-activation-profiles": CLASSIC,
    "/api/cpcs/*/load-activation-profiles": CLASSIC,
    "/api/cpcs/*/reset-activation-profiles": CLASSIC,
    "/api/cpcs/*/logical-partitions": CLASSIC,
    "/api/adapters/*/operations/change-crypto-type": CRYPTO,
    "/api/adapters/*/operations/change-adapter-type": FICON,
    "/api/tape-libraries/*/operations/undefine": f"{LIBRARY}2",
    "DELETE /api/partitions/*": IDLE,
    "DELETE /api/adapters/*": "/api/adapters/bbbbbbbb-0000-4000-8000-000000000003",
    "DELETE /api/user-roles/*": f"{ROLE}2",
    "/api/storage-groups/*/operations/delete": FREE,
}
"""Resources, where not each one will do; by path, or by method and path."""

_DUMP = {"load-address": "0010", "world-wide-port-name": WWPN, "logical-unit-number": "1", "force": True}
_STP = {"stp-id": "ctn1"}
BODIES: Mapping[str, Mapping[str, object] | bytes] = {
    "/api/sessions": {"userid": "agent", "password": "secret"},
    "/api/services/aggregation/submit": {"requests": [{"method": "GET", "uri": "/api/cpcs"}]},
    "/api/services/inventory": {"resources": ["cpc"]},
    "/api/services/metrics/context": {"anticipated-frequency-seconds": 15, "metric-groups": ["partition-usage"]},
    "/api/console/operations/reorder-user-patterns": {"user-pattern-uris": [PATTERN]},
    "/api/console/operations/report-problem": {
        "customer-name": "a", "customer-phone-number": "1", "problem-description": "b", "problem-type": "test",
    },
    "/api/console/users": {
        "name": "u", "type": "standard", "authentication-type": "local", "password": "secret1",
        "password-rule-uri": RULE,
    },
    "/api/console/user-roles": {"name": "r"},
    "/api/console/user-patterns": {
        "name": "p", "type": "regular-expression", "pattern": "x.*", "retention-time": 1, "search-order-index": 2,
        "specific-template-uri": "/api/users/x",
    },
    "/api/console/password-rules": {"name": "n"},
    "/api/console/ldap-server-definitions": {
        "name": "n", "primary-hostname-ipaddr": "192.0.2.1", "search-distinguished-name": "a",
    },
    "/api/console/mfa-server-definitions": {"name": "n", "hostname-ipaddr": "192.0.2.1"},
    "/api/console/sso-server-definitions": {
        "name": "n", "type": "oidc", "client-id": "c", "client-secret": "s", "issuer-url": "https://sso.example/i",
        "authentication-url": "https://sso.example/a", "token-url": "https://sso.example/t",
        "jwks-url": "https://sso.example/j", "logout-url": "https://sso.example/l",
        "logout-sso-session-on-reauthentication-failure": False, "authentication-page-servers": [],
    },
    "/api/user-roles/*/operations/add-permission": {"permitted-object": "cpc", "permitted-object-type": "object-class"},
    "/api/user-roles/*/operations/remove-permission": {
        "permitted-object": "cpc", "permitted-object-type": "object-class",
    },
    "/api/users/*": {
        "web-services-api-session-idle-timeout": 30, "max-web-services-api-sessions": 900, "max-failed-logins": 5,
        "disable-delay": 2,
    },
    "/api/users/*/operations/add-user-role": {"user-role-uri": f"{ROLE}1"},
    "/api/users/*/operations/remove-user-role": {"user-role-uri": f"{ROLE}1"},
    "/api/groups": {"name": "g"},
    "/api/groups/*/operations/add-member": {"object-uri": IDLE},
    "/api/groups/*/operations/remove-member": {"object-uri": ACTIVE},
    "/api/cpcs/*/adapters": {"name": "hs-2"},
    "/api/cpcs/*/capacity-groups": {"name": "c"},
    "/api/cpcs/*/capacity-groups/*/operations/add-partition": {"partition-uri": IDLE},
    "/api/cpcs/*/capacity-groups/*/operations/remove-partition": {"partition-uri": ACTIVE},
    "/api/cpcs/*/partitions": {"name": "p", "initial-memory": 1024, "maximum-memory": 1024, "ifl-processors": 1},
    "/api/cpcs/*/operations/activate": {"activation-profile-name": "DEFAULT", "force": True},
    "/api/cpcs/*/operations/deactivate": {"force": True},
    "/api/cpcs/*/operations/add-temp-capacity": {"record-id": "r", "test": True, "software-model": "720"},
    "/api/cpcs/*/operations/remove-temp-capacity": {"record-id": "r"},
    "/api/cpcs/*/operations/export-port-names-list": {"partitions": [ACTIVE]},
    "/api/cpcs/*/operations/import-profiles": {"profile-area": 1},
    "/api/cpcs/*/operations/export-profiles": {"profile-area": 1},
    "/api/cpcs/*/operations/set-auto-start-list": {"auto-start-list": []},
    "/api/cpcs/*/operations/set-cpc-power-save": {"power-saving": "high-performance"},
    "/api/cpcs/*/operations/set-cpc-power-capping": {"power-capping-state": "disabled"},
    "/api/cpcs/*/operations/import-certificate": {"name": "n", "certificate": "QUJD", "type": "secure-boot"},
    "/api/cpcs/*/operations/import-dpm-config": {"cpc-properties": {"description": "d"}},
    "/api/cpcs/*/operations/set-stp-config": {
        **_STP, "new-stp-id": "ctn2", "force": True, "preferred-time-server": {"cpc-uri": CPC},
        "backup-time-server": {"cpc-uri": CLASSIC}, "current-time-server": "preferred",
    },
    "/api/adapters/*/operations/change-crypto-type": {"crypto-type": "accelerator"},
    "/api/adapters/*/operations/change-adapter-type": {"type": "fcp"},
    "/api/cpcs/*/operations/change-stponly-ctn": _STP,
    "/api/cpcs/*/operations/join-stponly-ctn": _STP,
    "/api/cpcs/*/operations/swap-cts": {"stp-id": "ctn2"},
    "/api/cpcs/*/operations/validate-lun-path": {
        "host-world-wide-port-name": WWPN, "target-world-wide-port-name": WWPN, "logical-unit-number": "0" * 16,
        "adapter-port-uri": PORT,
    },
    "/api/cpcs/*/operations/get-historical-sustainability-data": {"range": "last-day", "resolution": "one-hour"},
    "/api/partitions/*/operations/get-historical-sustainability-data": {"range": "last-day", "resolution": "one-hour"},
    "/api/logical-partitions/*/operations/get-historical-sustainability-data": {"range": "last-day"},
    "/api/cpcs/*/image-activation-profiles": {"profile-name": "X"},
    "/api/cpcs/*/load-activation-profiles": {"profile-name": "X"},
    "/api/cpcs/*/reset-activation-profiles": {"profile-name": "X"},
    "/api/logical-partitions/*/operations/deactivate": {"force": True},
    "/api/logical-partitions/*/operations/load": {"load-address": "0010"},
    **{f"/api/logical-partitions/*/operations/{name}": _DUMP for name in ("scsi-load", "scsi-dump")},
    **{f"/api/logical-partitions/*/operations/{name}": _DUMP for name in ("nvme-load", "nvme-dump")},
    "/api/logical-partitions/*/operations/send-os-cmd": {"operating-system-command-text": "x"},
    "/api/partitions/*/operations/send-os-cmd": {"operating-system-command-text": "x"},
    "/api/partitions/*/hbas": {"name": "h", "adapter-port-uri": PORT},
    "/api/partitions/*/hbas/*/operations/reassign-storage-adapter-port": {"adapter-port-uri": PORT},
    "/api/partitions/*/nics": {"name": "n", "virtual-switch-uri": OSA_SWITCH},
    "/api/partitions/*/virtual-functions": {"name": "v"},
    "/api/partitions/*/operations/scsi-dump": {
        "dump-load-hba-uri": f"{ACTIVE}/hbas/eeeeeeee-0000-4000-8000-000000000011", "dump-world-wide-port-name": WWPN,
        "dump-logical-unit-number": "1",
    },
    "/api/partitions/*/operations/start-dump-program": {"dump-program-info": {}, "dump-program-type": "storage"},
    "/api/partitions/*/operations/increase-crypto-configuration": {"crypto-adapter-uris": [CRYPTO]},
    "/api/partitions/*/operations/decrease-crypto-configuration": {"crypto-adapter-uris": [CRYPTO]},
    "/api/partitions/*/operations/change-crypto-domain-configuration": {"domain-index": 1, "access-mode": "control"},
    "/api/partitions/*/operations/zeroize-crypto-domain": {"crypto-adapter-uri": CRYPTO, "domain-index": 1},
    "/api/partitions/*/operations/attach-storage-group": {"storage-group-uri": FREE},
    "/api/partitions/*/operations/detach-storage-group": {"storage-group-uri": FREE},
    "/api/partitions/*/operations/mount-iso-image": b"iso",
    **{
        f"{holder}/operations/{verb}-certificate": {"certificate-uri": uri}
        for holder, uri in (("/api/partitions/*", CERTIFICATE), (LPARS, OF_CLASSIC), (IMAGES, OF_CLASSIC))
        for verb in ("assign", "unassign")
    },
    "/api/partition-links": {"name": "l", "type": "hipersockets", "cpc-uri": CPC},
    "/api/partition-links/*/operations/modify": {"description": "d"},
    "/api/storage-groups": {"name": "s", "cpc-uri": CPC, "type": "fcp"},
    "/api/storage-groups/*/operations/modify": {"description": "d"},
    "/api/storage-groups/*/operations/add-candidate-adapter-ports": {"adapter-port-uris": [PORT]},
    "/api/storage-groups/*/operations/remove-candidate-adapter-ports": {"adapter-port-uris": [PORT]},
    "/api/storage-groups/*/storage-volumes/*/operations/fulfill-fcp-storage-volume": {
        "world-wide-port-name": WWPN, "logical-unit-number": "0" * 16, "adapter-port-uri": PORT,
    },
    "/api/storage-groups/*/storage-volumes/*/operations/fulfill-ficon-storage-volume": {
        "control-unit-uri": "/api/control-units/1", "unit-address": "00",
    },
    "/api/storage-templates": {"name": "t", "cpc-uri": CPC, "type": "fcp"},
    "/api/storage-templates/*/operations/modify": {"description": "d"},
    "/api/tape-libraries/operations/request-tape-library-zoning": {"cpc-uri": CPC, "adapter-port-uris": [PORT]},
    "/api/tape-libraries/operations/discover-tape-libraries": {"cpc-uri": CPC},
    "/api/tape-links": {"name": "l", "cpc-uri": CPC},
    "/api/tape-links/*/operations/modify": {"description": "d"},
    "/api/tape-links/*/operations/add-adapter-ports": {"adapter-port-uris": [PORT]},
    "/api/tape-links/*/operations/remove-adapter-ports": {"adapter-port-uris": [OTHER_PORT]},
    "/api/tape-links/*/operations/replace-adapter-port": {
        "current-adapter-port-uri": OTHER_PORT, "new-adapter-port-uri": PORT,
    },
    "/api/tape-links/*/operations/update-tape-link-environment-report": {},
}  # fmt: skip
"""Bodies, by path."""

_STARTED: Step = ("POST", f"{IDLE}/operations/start", None)
_CONTEXT: Step = ("POST", "/api/services/metrics/context", BODIES["/api/services/metrics/context"])
_IN_A_NETWORK: Step = ("POST", f"{CPC}/operations/set-stp-config", BODIES["/api/cpcs/*/operations/set-stp-config"])
_WITH_DOMAIN: Step = (
    "POST",
    f"{ACTIVE}/operations/increase-crypto-configuration",
    {
        "crypto-adapter-uris": [CRYPTO],
        "crypto-domain-configurations": [{"domain-index": 1, "access-mode": "control-usage"}],
    },
)
BEFORE: Mapping[str, Iterable[Step]] = {
    "/api/jobs/*": [_STARTED],
    "/api/jobs/*/operations/cancel": [_STARTED],
    "/api/services/metrics/context/*": [_CONTEXT],
    "/api/cpcs/*/operations/leave-stponly-ctn": [_IN_A_NETWORK],
    "/api/cpcs/*/operations/swap-cts": [_IN_A_NETWORK],
    "/api/cpcs/*/operations/change-stponly-ctn": [_IN_A_NETWORK],
    "/api/partitions/*/operations/zeroize-crypto-domain": [_WITH_DOMAIN],
    "/api/partitions/*/operations/change-crypto-domain-configuration": [_WITH_DOMAIN],
    "/api/partitions/*/operations/decrease-crypto-configuration": [_WITH_DOMAIN],
    "/api/partitions/*/operations/detach-storage-group": [
        ("POST", f"{ACTIVE}/operations/attach-storage-group", {"storage-group-uri": FREE})
    ],
    "/api/partitions/*/operations/unassign-certificate": [
        ("POST", f"{ACTIVE}/operations/assign-certificate", {"certificate-uri": CERTIFICATE})
    ],
    f"{LPARS}/operations/unassign-certificate": [
        ("POST", f"{LPAR}1/operations/assign-certificate", {"certificate-uri": OF_CLASSIC})
    ],
    f"{IMAGES}/operations/unassign-certificate": [
        ("POST", f"{IMAGE}/operations/assign-certificate", {"certificate-uri": OF_CLASSIC})
    ],
    "/api/storage-groups/*/operations/remove-candidate-adapter-ports": [
        ("POST", f"{GROUP}/operations/add-candidate-adapter-ports", {"adapter-port-uris": [PORT]})
    ],
    "/api/tape-links/*/operations/remove-adapter-ports": [
        ("POST", f"{TAPE_LINK}/operations/add-adapter-ports", {"adapter-port-uris": [OTHER_PORT]})
    ],
    "/api/tape-links/*/operations/replace-adapter-port": [
        ("POST", f"{TAPE_LINK}/operations/add-adapter-ports", {"adapter-port-uris": [OTHER_PORT]})
    ],
    "/api/user-roles/*/operations/remove-permission": [
        ("POST", f"{ROLE}1/operations/add-permission", BODIES["/api/user-roles/*/operations/add-permission"])
    ],
    "/api/users/*/operations/remove-user-role": [
        ("POST", f"{USER}/operations/add-user-role", {"user-role-uri": f"{ROLE}1"})
    ],
}
"""Requests that have to come first, by path. What the last one makes is the resource, if it tells a URI."""

QUERIES = {"/api/partitions/*/operations/mount-iso-image": "?image-name=a&ins-file-name=b"}


def fits(template: str, uri: str) -> bool:
    """Whether a URI is one of a template."""
    return re.fullmatch(template.replace("*", "[^/]+"), uri) is not None

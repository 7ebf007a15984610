"""Which task of the HMC's user interface each operation needs: whoever has it in a role may carry the operation out.

From the authorization requirements in the documentation of zhmcclient's functions (a test compares them), which are
those of the API book. A ``|`` is "or", a ``&`` is "and". What changes something and is not here needs a task that
nobody has; what reads and is not here needs none.
"""

from __future__ import annotations

MANAGE_USERS = "Manage Users | Manage User Templates"
"""The second one for template users; the first one for all others."""

# fmt: off
TASKS: dict[str, tuple[str, ...]] = {
    "Activate": (
        "POST /api/cpcs/*/operations/activate", "POST /api/logical-partitions/*/operations/activate",
    ),
    "Adapter Details": (
        "POST /api/adapters/*", "POST /api/adapters/*/network-ports/*",
        "POST /api/adapters/*/operations/change-crypto-type", "POST /api/adapters/*/storage-ports/*",
    ),
    "Assign Secure Boot Certificates": (
        "POST /api/cpcs/*/image-activation-profiles/*/operations/assign-certificate",
        "POST /api/cpcs/*/image-activation-profiles/*/operations/unassign-certificate",
        "POST /api/logical-partitions/*/operations/assign-certificate",
        "POST /api/logical-partitions/*/operations/unassign-certificate",
        "POST /api/partitions/*/operations/assign-certificate",
        "POST /api/partitions/*/operations/unassign-certificate",
    ),
    "Audit and Log Management": (
        "GET /api/console/operations/get-audit-log",
    ),
    "CIM Actions ExportSettingsData": (
        "POST /api/cpcs/*/operations/export-profiles", "POST /api/cpcs/*/operations/import-profiles",
    ),
    "CPC Details": (
        "POST /api/cpcs/*",
    ),
    "Certificate Details": (
        "POST /api/certificates/*",
    ),
    "Change Console Internal Code": (
        "POST /api/console/operations/delete-retrieved-internal-code",
    ),
    "Change Internal Code": (
        "POST /api/cpcs/*/operations/delete-retrieved-internal-code",
        "POST /api/cpcs/*/operations/install-and-activate",
    ),
    "Change Object Definition": (
        "POST /api/logical-partitions/*",
    ),
    "Configure Storage - Storage Administrator": (
        "POST /api/cpcs/*/operations/validate-lun-path",
        "POST /api/storage-groups/*/storage-volumes/*/operations/fulfill-fcp-storage-volume",
        "POST /api/storage-groups/*/storage-volumes/*/operations/fulfill-ficon-storage-volume",
    ),
    "Configure Storage - System Programmer": (
        "POST /api/adapters/*/operations/change-adapter-type", "POST /api/storage-groups",
        "POST /api/storage-groups/*/operations/add-candidate-adapter-ports",
        "POST /api/storage-groups/*/operations/delete", "GET /api/storage-groups/*/operations/get-partitions",
        "POST /api/storage-groups/*/operations/modify",
        "POST /api/storage-groups/*/operations/remove-candidate-adapter-ports",
        "POST /api/storage-groups/*/operations/request-fulfillment",
        "POST /api/storage-groups/*/virtual-storage-resources/*", "POST /api/storage-templates",
        "DELETE /api/storage-templates/*", "POST /api/storage-templates/*/operations/modify",
        "POST /api/tape-libraries/*", "POST /api/tape-libraries/operations/request-tape-library-zoning",
        "POST /api/tape-links", "POST /api/tape-links/*", "POST /api/tape-links/*/operations/add-adapter-ports",
        "POST /api/tape-links/*/operations/delete", "POST /api/tape-links/*/operations/modify",
        "POST /api/tape-links/*/operations/remove-adapter-ports",
        "POST /api/tape-links/*/operations/replace-adapter-port",
        "POST /api/tape-links/*/operations/update-tape-link-environment-report",
        "POST /api/tape-links/*/virtual-tape-resources/*",
    ),
    "Configure Storage - System Programmer | Configure Storage - Storage Administrator": (
        "GET /api/storage-groups/*/operations/get-connection-report",
        "POST /api/storage-groups/*/operations/start-fcp-storage-discovery",
        "POST /api/tape-libraries/*/operations/undefine",
        "POST /api/tape-libraries/operations/discover-tape-libraries",
        "GET /api/tape-links/*/operations/get-tape-link-environment-report",
        "GET /api/tape-links/*/operations/get-tape-link-histories",
    ),
    "Create Partition Link": (
        "POST /api/partition-links",
    ),
    "Create Partition Link | Create HiperSockets Adapter": (
        "POST /api/cpcs/*/adapters",
    ),
    "Customize/Delete Activation Profiles": (
        "POST /api/cpcs/*/image-activation-profiles", "DELETE /api/cpcs/*/image-activation-profiles/*",
        "POST /api/cpcs/*/image-activation-profiles/*", "POST /api/cpcs/*/load-activation-profiles",
        "DELETE /api/cpcs/*/load-activation-profiles/*", "POST /api/cpcs/*/load-activation-profiles/*",
        "POST /api/cpcs/*/reset-activation-profiles", "DELETE /api/cpcs/*/reset-activation-profiles/*",
        "POST /api/cpcs/*/reset-activation-profiles/*",
    ),
    "Deactivate": (
        "POST /api/cpcs/*/operations/deactivate", "POST /api/logical-partitions/*/operations/deactivate",
    ),
    "Delete Partition": (
        "DELETE /api/partitions/*",
    ),
    "Delete Partition Link": (
        "POST /api/partition-links/*/operations/delete",
    ),
    "Delete Partition Link | Delete HiperSockets Adapter": (
        "DELETE /api/adapters/*",
    ),
    "Dump Partition": (
        "POST /api/partitions/*/operations/scsi-dump", "POST /api/partitions/*/operations/start-dump-program",
    ),
    "Environmental Dashboard": (
        "POST /api/cpcs/*/operations/get-historical-sustainability-data",
        "POST /api/logical-partitions/*/operations/get-historical-sustainability-data",
        "POST /api/partitions/*/operations/get-historical-sustainability-data",
    ),
    "Export WWPNs": (
        "POST /api/cpcs/*/operations/export-port-names-list",
    ),
    "Grouping": (
        "POST /api/groups", "DELETE /api/groups/*", "POST /api/groups/*/operations/add-member",
        "POST /api/groups/*/operations/remove-member",
    ),
    "Hardware Messages": (
        "GET /api/console/hardware-messages", "DELETE /api/console/hardware-messages/*",
        "GET /api/console/hardware-messages/*", "POST /api/console/hardware-messages/*/operations/decline-service",
        "GET /api/console/hardware-messages/*/operations/get-service-information",
        "POST /api/console/hardware-messages/*/operations/request-service", "GET /api/cpcs/*/hardware-messages",
        "DELETE /api/cpcs/*/hardware-messages/*", "GET /api/cpcs/*/hardware-messages/*",
        "POST /api/cpcs/*/hardware-messages/*/operations/decline-service",
        "GET /api/cpcs/*/hardware-messages/*/operations/get-service-information",
        "POST /api/cpcs/*/hardware-messages/*/operations/request-service",
    ),
    "Import Dynamic Partition Manager Configuration": (
        "POST /api/cpcs/*/operations/import-dpm-config",
    ),
    "Import Secure Boot Certificates": (
        "DELETE /api/certificates/*", "POST /api/cpcs/*/operations/import-certificate",
    ),
    "Integrated ASCII Console": (
        "POST /api/partitions/*/operations/get-ascii-console-websocket-uri",
    ),
    "Load": (
        "POST /api/logical-partitions/*/operations/load", "POST /api/logical-partitions/*/operations/nvme-load",
    ),
    "Load from Removable Media or Server": (
        "POST /api/logical-partitions/*/operations/load-from-ftp",
    ),
    "MFA Server Definition Details": (
        "POST /api/console/mfa-server-definitions/*",
    ),
    "Manage Adapters": (
        "POST /api/virtual-switches/*",
    ),
    "Manage Alternate HMC": (
        "POST /api/console/operations/make-primary",
    ),
    "Manage LDAP Server Definitions": (
        "POST /api/console/ldap-server-definitions", "DELETE /api/console/ldap-server-definitions/*",
        "POST /api/console/ldap-server-definitions/*",
    ),
    "Manage Multi-factor Authentication": (
        "POST /api/console/mfa-server-definitions", "DELETE /api/console/mfa-server-definitions/*",
    ),
    "Manage Password Rules": (
        "POST /api/console/password-rules", "DELETE /api/console/password-rules/*",
        "POST /api/console/password-rules/*",
    ),
    "Manage Processor Sharing": (
        "POST /api/cpcs/*/capacity-groups", "DELETE /api/cpcs/*/capacity-groups/*",
        "POST /api/cpcs/*/capacity-groups/*", "POST /api/cpcs/*/capacity-groups/*/operations/add-partition",
        "POST /api/cpcs/*/capacity-groups/*/operations/remove-partition",
    ),
    "Manage Single Sign-On Servers": (
        "POST /api/console/sso-server-definitions", "DELETE /api/console/sso-server-definitions/*",
        "POST /api/console/sso-server-definitions/*",
    ),
    "Manage System Time & Add Systems to CTN": (
        "POST /api/cpcs/*/operations/join-stponly-ctn",
    ),
    "Manage System Time & Modify Assigned Server Roles": (
        "POST /api/cpcs/*/operations/set-stp-config", "POST /api/cpcs/*/operations/swap-cts",
    ),
    "Manage System Time & Remove Systems from CTN": (
        "POST /api/cpcs/*/operations/leave-stponly-ctn",
    ),
    "Manage System Time & Rename CTN": (
        "POST /api/cpcs/*/operations/change-stponly-ctn",
    ),
    "Manage User Patterns": (
        "POST /api/console/operations/reorder-user-patterns", "POST /api/console/user-patterns",
        "DELETE /api/console/user-patterns/*", "POST /api/console/user-patterns/*",
    ),
    "Manage User Roles": (
        "POST /api/console/user-roles", "DELETE /api/user-roles/*", "POST /api/user-roles/*",
        "POST /api/user-roles/*/operations/add-permission", "POST /api/user-roles/*/operations/remove-permission",
    ),
    MANAGE_USERS: (
        "POST /api/console/users", "DELETE /api/users/*", "POST /api/users/*",
        "POST /api/users/*/operations/add-user-role", "POST /api/users/*/operations/remove-user-role",
    ),
    "NVMe Dump": (
        "POST /api/logical-partitions/*/operations/nvme-dump",
    ),
    "New Partition": (
        "POST /api/cpcs/*/partitions",
    ),
    "Operating System Messages": (
        "GET /api/logical-partitions/*/operations/list-os-messages",
        "POST /api/logical-partitions/*/operations/open-os-message-channel",
        "POST /api/logical-partitions/*/operations/send-os-cmd", "GET /api/partitions/*/operations/list-os-messages",
        "POST /api/partitions/*/operations/open-os-message-channel", "POST /api/partitions/*/operations/send-os-cmd",
    ),
    "PSW Restart": (
        "POST /api/logical-partitions/*/operations/psw-restart", "POST /api/partitions/*/operations/psw-restart",
    ),
    "Partition Details": (
        "POST /api/partitions/*", "POST /api/partitions/*/hbas", "DELETE /api/partitions/*/hbas/*",
        "POST /api/partitions/*/hbas/*", "POST /api/partitions/*/hbas/*/operations/reassign-storage-adapter-port",
        "POST /api/partitions/*/nics", "DELETE /api/partitions/*/nics/*", "POST /api/partitions/*/nics/*",
        "POST /api/partitions/*/operations/attach-storage-group",
        "POST /api/partitions/*/operations/change-crypto-domain-configuration",
        "POST /api/partitions/*/operations/decrease-crypto-configuration",
        "POST /api/partitions/*/operations/detach-storage-group",
        "POST /api/partitions/*/operations/increase-crypto-configuration",
        "POST /api/partitions/*/operations/mount-iso-image", "POST /api/partitions/*/operations/unmount-iso-image",
        "POST /api/partitions/*/virtual-functions", "DELETE /api/partitions/*/virtual-functions/*",
        "POST /api/partitions/*/virtual-functions/*",
    ),
    "Partition Link Details": (
        "POST /api/partition-links/*/operations/modify",
    ),
    "Perform Model Conversion": (
        "POST /api/cpcs/*/operations/add-temp-capacity", "POST /api/cpcs/*/operations/remove-temp-capacity",
    ),
    "Power Capping": (
        "POST /api/cpcs/*/operations/set-cpc-power-capping",
    ),
    "Power Save": (
        "POST /api/cpcs/*/operations/set-cpc-power-save",
    ),
    "Report a Console Problem": (
        "POST /api/console/operations/report-problem",
    ),
    "Reset Clear": (
        "POST /api/logical-partitions/*/operations/reset-clear",
    ),
    "Reset Normal": (
        "POST /api/logical-partitions/*/operations/reset-normal",
    ),
    "SCSI Dump": (
        "POST /api/logical-partitions/*/operations/scsi-dump",
    ),
    "SCSI Load": (
        "POST /api/logical-partitions/*/operations/scsi-load",
    ),
    "Shutdown/Restart": (
        "POST /api/console/operations/restart", "POST /api/console/operations/shutdown",
    ),
    "Single Step Console Internal Code": (
        "POST /api/console/operations/single-step-install",
    ),
    "Single Step Internal Code Changes": (
        "POST /api/cpcs/*/operations/single-step-install",
    ),
    "Start": (
        "POST /api/logical-partitions/*/operations/start",
    ),
    "Start (start a single DPM system)": (
        "POST /api/cpcs/*/operations/start",
    ),
    "Start Partition": (
        "POST /api/partitions/*/operations/start",
    ),
    "Stop": (
        "POST /api/logical-partitions/*/operations/stop",
    ),
    "Stop (stop a single DPM system)": (
        "POST /api/cpcs/*/operations/stop",
    ),
    "Stop Partition": (
        "POST /api/partitions/*/operations/stop",
    ),
    "System Details": (
        "POST /api/cpcs/*/operations/set-auto-start-list",
    ),
    "View Security Logs": (
        "GET /api/console/operations/get-security-log",
    ),
    "Zeroize Crypto Domain": (
        "POST /api/partitions/*/operations/zeroize-crypto-domain",
    ),
}
"""Operations by what they need."""

FREE = (
    "POST /api/services/aggregation/submit", "POST /api/services/inventory",
    "POST /api/services/metrics/context", "DELETE /api/services/metrics/context/*",
    "DELETE /api/jobs/*", "POST /api/jobs/*/operations/cancel", "DELETE /api/sessions/this-session",
    "POST /api/virtual-switches/*/operations/get-connected-vnics",
)
"""What is no GET and needs no task: it changes nothing but what is the session's own."""

BY_FIELD = (
    ("POST /api/logical-partitions/*", r"next-activation-profile-name",
     "Change Object Options | Customize/Delete Activation Profiles"),
    ("POST /api/logical-partitions/*", r"(ssc|zaware)-.*", "Firmware Details"),
    ("POST /api/logical-partitions/*", r"number-(reserved-)?.*-cores", "Logical Processor Add"),
    ("POST /api/cpcs/*/operations/import-dpm-config", r"certificates", "Import Secure Boot Certificates"),
)
"""Operation, pattern of a field's name, and what else is needed where the request's body has such a field."""
# fmt: on

RELATED = {
    "user": MANAGE_USERS,
    "user-role": "Manage User Roles",
    "user-pattern": "Manage User Patterns",
    "password-rule": "Manage Password Rules",
    "ldap-server-definition": "Manage LDAP Server Definitions",
    "mfa-server-definition": "Manage Multi-factor Authentication",
    "sso-server-definition": "Manage Single Sign-On Servers",
}
"""Classes of which a user sees his own objects (himself, and what his properties name), and all with this task."""

ENOUGH_TO_VIEW = frozenset(
    {
        "POST /api/logical-partitions/*/operations/open-os-message-channel",
        "POST /api/partitions/*/operations/open-os-message-channel",
    }
)
"""What is no GET, and for which the view-only form of its task is enough."""

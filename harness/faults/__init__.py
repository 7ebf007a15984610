"""The faults and changes that a scenario can name: one file each, and one line each below.

To add one: a file with a frozen dataclass (its fields are the settings, its docstring the documentation) whose
`command` says what an engine has to do, and a line here. If no engine carries that command yet, teach one. A fault with
`parts` instead is a composition: it becomes one step a part when a scenario is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.vocabulary import Action, Composition
from harness.faults.accept_and_close import AcceptAndClose
from harness.faults.add_nic import AddNic
from harness.faults.bad_certificate import BadCertificate
from harness.faults.bad_chunk import BadChunk
from harness.faults.bad_gzip import BadGzip
from harness.faults.bandwidth import Bandwidth
from harness.faults.blackhole import Blackhole
from harness.faults.bus_stopped import BusStopped
from harness.faults.busy import Busy
from harness.faults.canceled_job import CanceledJob
from harness.faults.dead_address import DeadAddress
from harness.faults.drip import Drip
from harness.faults.drop import Drop
from harness.faults.duplicated_notifications import DuplicatedNotifications
from harness.faults.expire_sessions import ExpireSessions
from harness.faults.failed_job import FailedJob
from harness.faults.failover import Failover
from harness.faults.flapping import Flapping
from harness.faults.forget_jobs import ForgetJobs
from harness.faults.giant_body import GiantBody
from harness.faults.giant_headers import GiantHeaders
from harness.faults.handshake_cut import HandshakeCut
from harness.faults.handshake_stall import HandshakeStall
from harness.faults.hang import Hang
from harness.faults.http_error import HttpError
from harness.faults.incomplete_job import IncompleteJob
from harness.faults.invalid_utf8 import InvalidUtf8
from harness.faults.job_without_effect import JobWithoutEffect
from harness.faults.kill_agent import KillAgent
from harness.faults.latency import Latency
from harness.faults.log_entry import LogEntry
from harness.faults.lost_answer import LostAnswer
from harness.faults.lost_job import LostJob
from harness.faults.lost_request import LostRequest
from harness.faults.maintenance import Maintenance
from harness.faults.malformed_json import MalformedJson
from harness.faults.new_certificate import NewCertificate
from harness.faults.notifications_refused import NotificationsRefused
from harness.faults.old_tls import OldTls
from harness.faults.partition_status import PartitionStatus
from harness.faults.password_expired import PasswordExpired
from harness.faults.pause_agent import PauseAgent
from harness.faults.reboot import Reboot
from harness.faults.redirect import Redirect
from harness.faults.refuse_after import RefuseAfter
from harness.faults.refuse_connections import RefuseConnections
from harness.faults.remove_nic import RemoveNic
from harness.faults.reordered_notifications import ReorderedNotifications
from harness.faults.reset import Reset
from harness.faults.restart import Restart
from harness.faults.server_stopped import ServerStopped
from harness.faults.session_refused import SessionRefused
from harness.faults.silent_notifications import SilentNotifications
from harness.faults.slow_answer import SlowAnswer
from harness.faults.slow_first_byte import SlowFirstByte
from harness.faults.slow_job import SlowJob
from harness.faults.slow_name import SlowName
from harness.faults.slow_requests import SlowRequests
from harness.faults.stale_connections import StaleConnections
from harness.faults.stall import Stall
from harness.faults.stalled_heartbeats import StalledHeartbeats
from harness.faults.stuck_job import StuckJob
from harness.faults.truncated import Truncated
from harness.faults.unresolved_name import UnresolvedName
from harness.faults.user_locked import UserLocked
from harness.faults.wrong_content_type import WrongContentType
from harness.faults.wrong_json_type import WrongJsonType

FAULTS: Mapping[str, type[Action | Composition]] = {
    "refuse_connections": RefuseConnections,
    "refuse_after": RefuseAfter,
    "flapping": Flapping,
    "blackhole": Blackhole,
    "accept_and_close": AcceptAndClose,
    "unresolved_name": UnresolvedName,
    "dead_address": DeadAddress,
    "slow_name": SlowName,
    "handshake_stall": HandshakeStall,
    "handshake_cut": HandshakeCut,
    "hang": Hang,
    "stall": Stall,
    "reset": Reset,
    "drop": Drop,
    "stale_connections": StaleConnections,
    "latency": Latency,
    "slow_first_byte": SlowFirstByte,
    "drip": Drip,
    "bandwidth": Bandwidth,
    "stuck_job": StuckJob,
    "http_error": HttpError,
    "malformed_json": MalformedJson,
    "wrong_content_type": WrongContentType,
    "slow_requests": SlowRequests,
    "slow_answer": SlowAnswer,
    "busy": Busy,
    "session_refused": SessionRefused,
    "wrong_json_type": WrongJsonType,
    "invalid_utf8": InvalidUtf8,
    "bad_gzip": BadGzip,
    "giant_headers": GiantHeaders,
    "giant_body": GiantBody,
    "truncated": Truncated,
    "bad_chunk": BadChunk,
    "lost_answer": LostAnswer,
    "lost_request": LostRequest,
    "redirect": Redirect,
    "slow_job": SlowJob,
    "canceled_job": CanceledJob,
    "failed_job": FailedJob,
    "lost_job": LostJob,
    "incomplete_job": IncompleteJob,
    "job_without_effect": JobWithoutEffect,
    "bad_certificate": BadCertificate,
    "new_certificate": NewCertificate,
    "old_tls": OldTls,
    "notifications_refused": NotificationsRefused,
    "silent_notifications": SilentNotifications,
    "duplicated_notifications": DuplicatedNotifications,
    "reordered_notifications": ReorderedNotifications,
    "stalled_heartbeats": StalledHeartbeats,
    "bus_stopped": BusStopped,
    "server_stopped": ServerStopped,
    "pause_agent": PauseAgent,
    "kill_agent": KillAgent,
    # Compositions: each is several of the others, one after the other.
    "restart": Restart,
    "failover": Failover,
    "reboot": Reboot,
    "password_expired": PasswordExpired,
    "user_locked": UserLocked,
    "maintenance": Maintenance,
}
"""Faults heal, and have to prove that they touched traffic."""

CHANGES: Mapping[str, type[Action]] = {
    "remove_nic": RemoveNic,
    "add_nic": AddNic,
    "expire_sessions": ExpireSessions,
    "forget_jobs": ForgetJobs,
    "partition_status": PartitionStatus,
    "log_entry": LogEntry,
}
"""Changes are facts on the HMC: nothing heals them."""

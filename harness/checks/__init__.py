"""The checks and steady-state conditions that a scenario can name: one line each below.

A check turns a history into a finding and never waits. To add one: a file with a frozen dataclass whose fields are its
settings, with `judge` and `watch_until`; a line here; a broken agent in `tests/agents/` that fails it and only it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.checks.attempts import Attempts
from harness.checks.conditions import HeartbeatsSeen, LogSays, PortsHave, RequestsAnswered, Subscribed
from harness.checks.elapsed import Elapsed
from harness.checks.exits import Exits
from harness.checks.heartbeat import HeartbeatGap
from harness.checks.keeps_running import KeepsRunning
from harness.checks.keeps_secrets import KeepsSecrets
from harness.checks.logs import LogRate, Logs
from harness.checks.only_reads import OnlyReads
from harness.checks.ports import PortsStay
from harness.checks.recovers import Recovers
from harness.checks.says_why import SaysWhy
from harness.checks.sees_truth_again import SeesTruthAgain
from harness.checks.spacing import Spacing
from harness.core.scenario import Condition
from harness.core.verdict import Check

CHECKS: Mapping[str, type[Check]] = {
    "exits": Exits,
    "says_why": SaysWhy,
    "keeps_secrets": KeepsSecrets,
    "keeps_running": KeepsRunning,
    "heartbeat": HeartbeatGap,
    "ports": PortsStay,
    "logs": Logs,
    "log_rate": LogRate,
    "recovers": Recovers,
    "only_reads": OnlyReads,
    "attempts": Attempts,
    "elapsed": Elapsed,
    "spacing": Spacing,
    "sees_truth_again": SeesTruthAgain,
}

CONDITIONS: Mapping[str, type[Condition]] = {
    "heartbeat": HeartbeatsSeen,
    "ports": PortsHave,
    "log": LogSays,
    "requests": RequestsAnswered,
    "subscribed": Subscribed,
}

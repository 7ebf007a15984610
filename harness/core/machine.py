"""What a machine's delays make of a finding where clocks ran faster than the wall: law 6 of the verdict."""

from __future__ import annotations

from dataclasses import replace

from harness.core.events import Unwarped
from harness.core.finding import Finding, Kept, Outcome
from harness.core.history import History
from harness.core.values import seconds_text


def if_not_warped(finding: Finding, history: History) -> Finding:
    """The finding, or UNKNOWN where the machine's delays in a warped trial are as long as what was too late (law 6)."""
    if finding.outcome is Outcome.PASS:
        return _with_the_machines(finding, history)
    if finding.outcome is not Outcome.FAIL:
        return finding
    if bare := history.first(Unwarped):
        return replace(finding, outcome=Outcome.UNKNOWN, words=f"{finding.words}; but {bare.why}")
    if finding.late is None:
        return finding
    ends = (finding.late.until, finding.t, history.watched_until)
    end = next(t for t in ends if t is not None)
    delay_s = history.warp_delay_s(finding.late.since, end)
    if delay_s < finding.late.by_s or not delay_s:
        return finding
    words = (
        f"{finding.words}; but at x{history.factor:g} the machine cost up to {seconds_text(delay_s)} of these, "
        f"and the bound was missed by {seconds_text(finding.late.by_s)}"
    )
    return replace(finding, outcome=Outcome.UNKNOWN, words=words)


def _with_the_machines(finding: Finding, history: History) -> Finding:
    """The PASS, and what of it may be the machine's where that could have made it one (law 6)."""
    costs = [(history.warp_delay_s(kept.since, kept.until), kept) for kept in finding.kept]
    cost_s, kept = max(costs, key=lambda cost: cost[0] - cost[1].spare_s, default=(0.0, Kept(0.0, 0.0, 0.0)))
    if cost_s <= kept.spare_s:
        return finding
    took, cost = seconds_text(kept.until - kept.since), seconds_text(cost_s)
    words = (
        f"{finding.words}; of {took} up to {cost} may be the machine's: "
        "an agent that counts pauses instead of time could have given up earlier; a lower factor, or --warp off, tells"
    )
    return replace(finding, words=words, machine_s=cost_s)

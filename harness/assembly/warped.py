"""Trials whose clocks run fast, as a door sees them: what was asked for, whether to play again, what to store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from harness.assembly.pace import Wish
from harness.assembly.trial import Result
from harness.core.events import WarpBurden, WarpUsed
from harness.core.scenario import WarpWord
from harness.core.verdict import Outcome
from harness.core.warp import again_at
from harness.engines.warp.clock import MAX_FACTOR

__all__ = ["Wish", "facts_of", "played_until_it_stands", "wish_of"]

Play = Callable[[Wish | None], Awaitable[Result]]
"""Plays a trial once: how fast (None: as the scenario says)."""


def wish_of(text: str) -> Wish:
    """What ``--warp`` says.

    Raises:
        ValueError: it is neither auto nor off nor a factor.
    """
    if text in list(WarpWord):
        return WarpWord(text)
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= MAX_FACTOR:
        raise ValueError(f"--warp {text}: write auto, off, or a factor from 1 to {MAX_FACTOR}")
    return factor


async def played_until_it_stands(play: Play, wish: Wish | None) -> Result:
    """Play a trial, and again, slower, while the speed of its clock may be why it did not pass."""
    earlier: tuple[str, ...] = ()
    result = await play(wish)
    while (again := again_at(result.history, result.verdict)) is not None:
        earlier = (*earlier, _told(result))
        result = await play(replace(again, earlier="; ".join(earlier)))
    return result


def _told(result: Result) -> str:
    """What came of a trial, in a line for the page and the history of the next one."""
    worst = next((f for f in result.verdict.findings if f.outcome is not Outcome.PASS), None)
    why = f" ({worst.check}: {worst.words})" if worst else ""
    return f"x{result.history.factor:g} {result.verdict.outcome}{why}, in {result.folder.path.name}"


def facts_of(result: Result) -> dict[str, object]:
    """How fast the clocks ran, for verdict.json; nothing where nobody asked for that."""
    used, burden = result.history.first(WarpUsed), result.history.last(WarpBurden)
    if used is None:
        return {}
    facts: dict[str, object] = {"factor": used.factor, "why": used.why, "earlier": used.earlier}
    if burden is not None:
        facts["burden"] = {
            "cpu_share": burden.cpu_share,
            "agent_delay_s": round(burden.agent_s, 3),
            "harness_late_s": max(e.late_s for e in result.history.all(WarpBurden)),
            "drift_s": burden.drift_s,
        }
    return {"warp": facts}

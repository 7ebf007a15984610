"""Filters of lists: regular expressions that clients send, matched in time that grows with their length alone.

With Python's own `re` a filter of eight characters can keep the whole HMC for years, and nothing stops it; even to
compile one can take seconds. RE2 has no such pattern. It has no lookaround and no backreferences either: a filter with
those is refused.

Why not `regex`, which knows both and has a time limit: that limit is none for compiling, which for nested repeats takes
exponential time there, and with it the same request could be answered once so and once otherwise.
"""

from __future__ import annotations

from typing import Any

import re2
from zhmcclient.mock._hmc import FakedBaseManager  # not exported by the mock's __init__

from harness.hmc.errors import HmcError
from harness.hmc.journal import Register

LONGEST = 500
"""Characters of a filter; ours. The longest names that an HMC knows have 64."""

MEMORY_BYTES = 512 * 1024
"""Of a compiled filter; one that needs more is refused."""


class Filter:
    """Matches whole texts, as an HMC does, whether the pattern says so or not."""

    __slots__ = ("_pattern",)

    def __init__(self, name: str, text: str, *, ignore_case: bool = False) -> None:
        """The filter of the query parameter `name`.

        Raises:
            HmcError: 400,14: it is no regular expression, or none that can be matched here.
        """
        if len(text) > LONGEST:
            raise HmcError(400, 14, f"The query parameter {name} is longer than {LONGEST} characters.")
        options = re2.Options()
        options.log_errors, options.max_mem, options.case_sensitive = False, MEMORY_BYTES, not ignore_case
        try:
            self._pattern = re2.compile(_encodable(text), options)
        except re2.error as error:
            raise HmcError(
                400,
                14,
                f"The query parameter {name} is no regular expression that is known here: {_told(error)} (it is read "
                "by RE2, which has no lookaround and no backreferences).",
            ) from error

    def matches(self, text: str) -> bool:
        """Whether this text is one of those that are meant."""
        return self._pattern.fullmatch(_encodable(text)) is not None


def _encodable(text: str) -> str:
    """The same; half a surrogate pair, which JSON can say and UTF-8 cannot, becomes the replacement character."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _told(error: re2.error) -> str:
    words = error.args[0] if error.args else b""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


_of_the_mock_model = FakedBaseManager._matches_prop


def _matches_prop(manager: Any, resource: Any, name: str, wanted: Any, case_insensitive: bool) -> bool:
    """What the mock model asks of each resource and filter; a filter that is given several times means any of them.

    Other users of zhmcclient's mock support in this process keep what they had: only our HMCs have our register.
    """
    if not isinstance(manager.hmc.all_resources, Register):
        return bool(_of_the_mock_model(manager, resource, name, wanted, case_insensitive))
    if isinstance(wanted, list):
        return any(_matches_prop(manager, resource, name, one, case_insensitive) for one in wanted)
    if name not in resource.properties:
        return False
    value = resource.properties[name]
    return _filter(name, wanted, case_insensitive).matches(value) if isinstance(value, str) else bool(value == wanted)


_latest: dict[tuple[str, str, bool], Filter] = {}


def _filter(name: str, text: str, ignore_case: bool) -> Filter:
    """The mock model asks for the same one ten thousand times in a row."""
    key = name, text, ignore_case
    if key not in _latest:
        if len(_latest) > 20:  # a list has fewer parameters than that
            _latest.clear()
        _latest[key] = Filter(name, text, ignore_case=ignore_case)
    return _latest[key]


def filter_in_linear_time() -> None:
    """Let the lists of the mock model's managers be filtered so, where they are an HMC's of ours."""
    FakedBaseManager._matches_prop = _matches_prop

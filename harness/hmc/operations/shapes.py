"""What a field of a body has to be, as far as its name tells: the mock model takes and keeps anything.

Names are text, a ``-uri`` is text or null, ``-uris`` are an array of texts. So whoever reads such a
property of a resource need not ask what a client once wrote into it.
"""

from __future__ import annotations

from harness.hmc.errors import HmcError

_NAMES = frozenset({"name", "profile-name"})
_OBJECTS = frozenset({"crypto-configuration"})
_FLAGS = frozenset({"preserve-uris"})
"""Of Import DPM Configuration."""


def refuse_misshapen(body: object) -> None:
    """Look at all fields of a body, however deep they are in it.

    Raises:
        HmcError: 400,7: one cannot be what its name says.
    """
    if isinstance(body, list):
        for item in body:
            refuse_misshapen(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            if wanted := _is_not(name, value):
                raise HmcError(400, 7, f"The field {name} of the request body is not {wanted}.")
            refuse_misshapen(value)


def _is_not(name: str, value: object) -> str | None:
    """What a field of this name has to be; None if it is."""
    if name in _FLAGS:
        return None
    if name in _NAMES:
        return None if isinstance(value, str) else "a string"
    if name.endswith("-uri"):
        return None if value is None or isinstance(value, str) else "a string"
    if name.endswith("-uris"):
        is_it = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if is_it else "an array of strings"
    is_odd = name in _OBJECTS and value is not None and not isinstance(value, dict)
    return "an object" if is_odd else None

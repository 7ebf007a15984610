"""What an activated LPAR is at the end: an operating system runs in it where its image profile loads one.

The mock model leaves every LPAR `not-operating`.
"""

from __future__ import annotations

from typing import Any


def load(lpar: Any) -> None:
    """Load the operating system of an LPAR that was activated, if its image activation profile says so.

    An LPAR for Secure Service Containers always loads its own.
    """
    name = lpar.properties.get("last-used-activation-profile")
    for profile in lpar.manager.parent.image_activation_profiles.list():
        mode, loads = profile.properties.get("operating-mode"), profile.properties.get("load-at-activation")
        if profile.name == name and (loads or mode == "ssc"):
            lpar.properties["status"] = "operating"

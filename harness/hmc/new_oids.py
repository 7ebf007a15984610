"""The ids of new resources in the mock model, which counts from 1 in each list, whatever the list begins with.

Objects and elements get UUIDs, as on an HMC. What an HMC counts is counted on from what there is: the ports of an
adapter from 0, metrics contexts from 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from zhmcclient.mock._hmc import FakedBaseManager, FakedMetricsContextManager, FakedPortManager  # no public names

from harness.hmc.ids import Ids

_COUNTED: dict[type, int] = {FakedPortManager: 0, FakedMetricsContextManager: 1}
"""Where the ids of these begin."""
_DIGITS = 19
"""Of a number that was counted. Python refuses to read thousands of them."""


class NewOids:
    """Decides how the managers of resources name what is created in them."""

    def __init__(self, ids: Ids) -> None:
        self._uuid = ids.uuid

    def of(self, owner: Any) -> None:
        """Let what is created in this resource, or in the HMC itself, have ids that nothing else has or had."""
        for manager in vars(owner).values():
            if isinstance(manager, FakedBaseManager) and manager is not owner.manager:
                first = _COUNTED.get(type(manager))
                manager._new_oid = self._uuid if first is None else _counter(first, manager._resources)


def _counter(first: int, there: Iterable[str]) -> Callable[[], str]:
    last = max((int(oid) for oid in there if oid.isdecimal() and len(oid) <= _DIGITS), default=first - 1)
    numbers = itertools.count(last + 1)
    return lambda: str(next(numbers))

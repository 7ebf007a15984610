"""The HMC's own randomness: one seed gives the same session, job and object ids in the same order."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Ids:
    """Makes ids from a seed. They are unguessable only as far as the seed is.

    What clients are shown and what they must not guess come from generators of their own: an object id says nothing
    about the next session's, and what an operation of the mock model draws takes no id from anybody.
    """

    def __init__(self, seed: int) -> None:
        self._tokens = _generator(seed, "tokens")
        self._uuids = _generator(seed, "uuids")
        self._model = _generator(seed, "model").getstate()
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def avoid(self, ids: Iterable[str]) -> None:
        """These are somebody's already. A saved inventory may have what the same seed gave before it was saved."""
        self._taken.update(ids)

    def token(self) -> str:
        """A new opaque text, in the length of the HMC's session ids."""
        return f"{self._tokens.getrandbits(256):064x}"

    def uuid(self) -> str:
        """A new object or job id, as the HMC writes them."""
        while (new := str(uuid.UUID(int=self._uuids.getrandbits(128), version=4))) in self._taken:
            pass
        return new

    def number(self, purpose: str) -> int:
        """The next number for this purpose, from 1; consoles of the same CPCs count together."""
        self._numbers[purpose] += 1
        return self._numbers[purpose]

    @contextmanager
    def as_global(self) -> Iterator[None]:
        """Let the global generator draw from this seed meanwhile: the mock model knows no other."""
        outside = random.getstate()
        random.setstate(self._model)
        try:
            yield
        finally:
            self._model = random.getstate()
            random.setstate(outside)


def _generator(seed: int, purpose: str) -> random.Random:
    # By a text: `harness hmc generate` uses the number itself, and its ids of the same seed are in the inventory.
    return random.Random(f"{purpose} of the HMC with seed {seed}")  # noqa: S311 - the same ids for the same seed

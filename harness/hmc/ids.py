"""The HMC's own randomness: one seed gives the same session, job and object ids in the same order."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager


class Ids:
    """Makes ids from a seed. They are unguessable only as far as the seed is."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids have to be the same for the same seed

    def token(self) -> str:
        """A new opaque text, in the length of the HMC's session ids."""
        return f"{self._random.getrandbits(256):064x}"

    def uuid(self) -> str:
        """A new object or job id, as the HMC writes them."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    @contextmanager
    def as_global(self) -> Iterator[None]:
        """Let the global generator draw from this seed meanwhile: the mock model knows no other."""
        outside = random.getstate()
        random.setstate(self._random.getstate())
        try:
            yield
        finally:
            self._random.setstate(random.getstate())
            random.setstate(outside)

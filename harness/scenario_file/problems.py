"""Collects everything that is wrong with a file, so that a person learns of all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from harness.errors import BadInput

MOST_SHOWN = 100
"""Nobody reads more lines than this; a broken generator can make a hundred thousand."""


class Placed(Protocol):
    """Something that stands at a line and a column, both from 1."""

    @property
    def line(self) -> int:
        """The line, from 1."""
        ...

    @property
    def column(self) -> int:
        """The column, from 1, in characters."""
        ...


MOST_LETTERS = 600
"""A message can quote what the file holds, and that can be long."""


@dataclass(slots=True)
class Problems:
    """What is wrong with one file. The same problem at the same place counts once."""

    file: str
    told: int = 0
    """How often something was found wrong, also where it was known already."""
    _found: dict[tuple[int, int, str], None] = field(default_factory=dict)
    _closed: set[tuple[int, int]] = field(default_factory=set)

    def add(self, at: Placed, words: str) -> None:
        """Note that something is wrong here; the words say what it is and what to do."""
        self.told += 1
        if (at.line, at.column) not in self._closed:
            line = " ".join(words.splitlines())
            self._found[at.line, at.column, line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}..."] = None

    def close(self, at: Placed) -> None:
        """All has been said about this place: what else seems wrong there only follows from it."""
        self._closed.add((at.line, at.column))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Stop here if something is wrong.

        Raises:
            BadInput: its text has one problem a line, in the order of the file.
        """
        if not self._found:
            return
        lines = [f"{self.file}:{line}:{column}: {words}" for line, column, words in sorted(self._found)]
        if len(lines) > MOST_SHOWN:
            lines[MOST_SHOWN:] = [f"{self.file}: {len(lines) - MOST_SHOWN} more problems of this file are not shown"]
        raise BadInput("\n".join(lines))


def shown(text: str) -> str:
    """A piece of the file as a message quotes it: on one line and not too long."""
    quoted = repr(text)
    return quoted if len(quoted) <= 80 else f"{quoted[:70]}...{quoted[0]}"


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Says that a word is not known, with the nearest one that is."""
    words = list(known)
    near = difflib.get_close_matches(word[:80], words, n=1) or [w for w in words if w.lower() == word.lower()]
    if near:
        return f"unknown {kind} {shown(word)}; did you mean {near[0]!r}?"
    if not words:
        return f"unknown {kind} {shown(word)}; there is none that could stand here"
    return f"unknown {kind} {shown(word)}; known: {', '.join(words)}"

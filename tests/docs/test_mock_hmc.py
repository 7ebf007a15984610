"""docs/mock-hmc.md is true: its table of words is what the control interface says of itself, its commands are read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from harness.cli import _parser
from harness.hmc.control.table import WORDS, Word

PAGE = (Path(__file__).parents[2] / "docs" / "mock-hmc.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:HMC_PASSWORD=\.\.\. )?harness (hmc .+?)(?:\s+#.*)?$", PAGE, re.MULTILINE)


def row(word: Word) -> str:
    told = ", ".join(f"`{item.name}`" if item.required else f"[`{item.name}`]" for item in word.parameters)
    return f"| `{word.name}` | {told} | {word.says} |"


@pytest.mark.parametrize("word", WORDS.values(), ids=str)
def test_each_word_has_its_row(word: Word) -> None:
    assert row(word) in PAGE.splitlines(), f"write this line into docs/mock-hmc.md:\n{row(word)}"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_can_be_typed(command: str) -> None:
    line = shlex.split(command)
    assert _parser(line).parse_args(line).run


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 5

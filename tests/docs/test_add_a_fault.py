"""docs/add-a-fault.md is true: its example is a fault that is shipped."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_is_the_file_that_it_says_it_is() -> None:
    page = (ROOT / "docs" / "add-a-fault.md").read_text(encoding="utf-8")
    found = re.search(r"^`(harness/faults/\w+\.py)`.*?^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert found[2] == (ROOT / found[1]).read_text(encoding="utf-8")

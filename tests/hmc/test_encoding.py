"""Bodies in steps are the same bytes as in one go."""

from __future__ import annotations

import gzip
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.hmc.encoding import BLOCK_BYTES, LONG, as_bytes, blocks, packed
from harness.hmc.operations.operation import at_once

_SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
_LONG: st.SearchStrategy[Any] = _SCALAR.flatmap(lambda item: st.integers(0, 3 * LONG).map(lambda count: [item] * count))
_BODY = st.recursive(
    _SCALAR | _LONG,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4),
)


@given(_BODY)
def test_steps_make_what_json_makes(body: Any) -> None:
    expected = body if isinstance(body, str) else json.dumps(body)
    if expected.isascii():  # text goes as it is, and half a surrogate pair is none that UTF-8 can say
        made = as_bytes(body)
        assert (made if isinstance(made, bytes) else at_once(made)) == expected.encode()


def test_text_with_half_a_surrogate_pair_is_sent_all_the_same() -> None:
    assert as_bytes("a\ud800b") == b"a?b"


def test_a_long_array_is_made_in_steps_wherever_it_is_and_a_short_answer_in_none() -> None:
    long = [{"name": str(number)} for number in range(10 * LONG)]
    for body in (long, {"partitions": long}, [{"body": {"partitions": long}}]):
        steps = as_bytes(body)
        assert not isinstance(steps, bytes)
        assert len(list(steps)) >= 10
    assert isinstance(as_bytes({"a": [1, 2], **{str(number): number for number in range(200)}}), bytes)


def test_compressed_in_blocks_it_is_the_same_data() -> None:
    for size in (0, 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 1):
        data = bytes(number * number % 251 for number in range(size))
        assert gzip.decompress(at_once(packed(data))) == data
        assert b"".join(blocks(data)) == data

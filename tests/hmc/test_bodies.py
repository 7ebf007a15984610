"""Request bodies as they were before they were encoded."""

import gzip
import zlib

import pytest

from harness.hmc.bodies import unpack
from harness.hmc.errors import HmcError

LIMIT = 1000
PACKED = gzip.compress(b'{"a": 1}', mtime=0)


@pytest.mark.parametrize(
    ("raw", "encoding"), [(b'{"a": 1}', ""), (b'{"a": 1}', "identity"), (PACKED, "gzip"), (PACKED, " GZIP ")]
)
def test_a_body_is_as_it_was_before_it_was_packed(raw: bytes, encoding: str) -> None:
    assert unpack(raw, encoding, LIMIT) == b'{"a": 1}'


def test_no_body_is_no_body_whatever_it_says_to_be() -> None:
    assert unpack(b"", "gzip", LIMIT) == b""


@pytest.mark.parametrize(
    ("raw", "encoding", "status"),
    [
        (b"no gzip", "gzip", 400),
        (PACKED[:-1], "gzip", 400),
        (PACKED + b"more", "gzip", 400),
        (gzip.compress(b" " * (LIMIT + 1), mtime=0), "gzip", 413),
        (zlib.compress(b"{}"), "deflate", 415),
        (PACKED, "gzip, gzip", 415),
    ],
)
def test_what_is_not_packed_as_it_says_or_is_too_much_is_refused(raw: bytes, encoding: str, status: int) -> None:
    with pytest.raises(HmcError) as caught:
        unpack(raw, encoding, LIMIT)
    assert caught.value.status == status

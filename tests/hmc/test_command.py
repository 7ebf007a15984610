"""``python -m harness.hmc``: which names its certificate bears."""

import pytest

from harness.errors import BadInput
from harness.hmc.alone import Address


@pytest.mark.parametrize(
    ("listen", "reached_as", "names"),
    [
        ("127.0.0.5:6794", [], ["127.0.0.5"]),
        ("127.0.0.5:6794", ["localhost"], ["localhost", "127.0.0.5"]),
        ("127.0.0.5:6794", ["127.0.0.5"], ["127.0.0.5"]),
        ("0.0.0.0:6794", ["127.0.0.1", "localhost", "127.0.0.1"], ["127.0.0.1", "localhost"]),
        ("[::]:6794", ["::1"], ["::1"]),
    ],
)
def test_the_first_name_is_what_is_printed_and_a_wildcard_is_none(
    listen: str, reached_as: list[str], names: list[str]
) -> None:
    assert Address.parse(listen, anywhere=True).names(reached_as) == names


@pytest.mark.parametrize("listen", ["0.0.0.0:6794", "[::]:6794"])
def test_nobody_can_verify_every_address_so_one_has_to_be_named(listen: str) -> None:
    with pytest.raises(BadInput, match="--reached-as"):
        Address.parse(listen, anywhere=True).names([])

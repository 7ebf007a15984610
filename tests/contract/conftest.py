"""What is slow to start and shared by the tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.plane_world import RealNeutron


@pytest.fixture(scope="session")
def neutron() -> Iterator[RealNeutron]:
    """A real Neutron, and who speaks to it as an agent does; only tests with the marker ``neutron`` ask for it."""
    real = RealNeutron.start()
    try:
        yield real
    finally:
        real.close()

"""What the rules of the house have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.house import sources


@pytest.fixture(scope="package", autouse=True)
def trees() -> Iterator[None]:
    """The trees of all our files are a million objects, which no garbage collection of the tests after these need go through."""
    yield
    sources.modules.cache_clear()

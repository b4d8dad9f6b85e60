"""A small demo world."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.demo import life
from crm360.demo.world import World

ANCHOR = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="session")
def anchor() -> datetime:
    """The day the small world ends on."""
    return ANCHOR


@pytest.fixture(scope="session")
def small() -> World:
    """Sixty people's eighteen months."""
    return life.world(anchor=ANCHOR, count=60)


@pytest.fixture(scope="session")
def whole() -> World:
    """The world that `flask demo load` makes."""
    return life.world(anchor=ANCHOR)

"""A database file with its dialect's settings, for what stands below every room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from crm360.kernel import dialects


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.sqlite3"


@pytest.fixture
def on_file(file: Path) -> Iterator[Engine]:
    """An engine on `file`, as the application prepares it."""
    made = create_engine(f"sqlite:///{file}")
    dialects.prepare_engine(made)
    yield made
    made.dispose()

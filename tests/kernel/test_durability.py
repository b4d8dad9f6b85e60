"""How surely a commit outlives a power cut."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text

from crm360.kernel import dialects

FULL, NORMAL = 2, 1


def test_haste_ends_with_its_block(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    dialects.prepare_engine(engine)

    def durability() -> int:
        with engine.begin() as connection:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one())

    assert durability() == FULL
    with dialects.hasty():
        assert durability() == NORMAL
    assert durability() == FULL
    engine.dispose()

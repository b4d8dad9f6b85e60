"""How surely a commit outlives a power cut."""

from __future__ import annotations

from sqlalchemy import Engine, text

from crm360.kernel import dialects

FULL, NORMAL = 2, 1


def test_haste_ends_with_its_block(on_file: Engine) -> None:
    def durability() -> int:
        with on_file.begin() as connection:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one())

    assert durability() == FULL
    with dialects.hasty():
        assert durability() == NORMAL
    assert durability() == FULL

"""What was deleted is in no file of the database any more, or nobody says it was swept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from crm360.kernel import dialects, sweeping


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "swept.sqlite3"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{file}")
    dialects.prepare_engine(made)
    event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=10"))
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE person (name TEXT)"))
        connection.execute(text("INSERT INTO person VALUES ('Grażyna')"))
    with made.begin() as connection:
        connection.execute(text("DELETE FROM person"))
    yield made
    made.dispose()


def remains(file: Path) -> bool:
    return any("Grażyna".encode() in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


def test_nothing_remains(file: Path, engine: Engine) -> None:
    assert remains(file)
    sweeping.sweep(engine, ["person"])
    assert not remains(file)


def test_a_reader_of_what_was_before_is_in_the_way_and_the_sweep_can_be_done_again(
    file: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "_TRIES", 2)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM person").fetchall()
        with pytest.raises(sweeping.InTheWay):
            sweeping.sweep(engine, ["person"])
        reader.execute("COMMIT")
    sweeping.sweep(engine, ["person"])
    assert not remains(file)

"""What was deleted is in no file of the database any more, or nobody says it was swept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from crm360.kernel import sweeping


@pytest.fixture
def engine(on_file: Engine) -> Engine:
    event.listen(on_file, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=10"))
    with on_file.begin() as connection:
        connection.execute(text("CREATE TABLE person (name TEXT)"))
        connection.execute(text("INSERT INTO person VALUES ('Grażyna')"))
    with on_file.begin() as connection:
        connection.execute(text("DELETE FROM person"))
    return on_file


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

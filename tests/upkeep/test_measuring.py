"""How much room everything takes, without counting what is large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm360.accounts.models import Attempt
from crm360.kernel import clock
from crm360.upkeep import measuring


def tables() -> dict[str, measuring.Table]:
    return {each.name: each for each in measuring.largest_tables(1000)}


def test_the_database_and_its_tables(session: Any, database: str) -> None:
    assert measuring.database_bytes() > 100_000
    found = tables()
    assert found["accounts_staff"][1:3] == (0, "counted")
    assert (found["accounts_staff"].bytes is None) == (database == "sqlite")
    assert len(measuring.largest_tables(5)) == 5
    sizes = [each.bytes or 0 for each in found.values()]
    assert sizes == sorted(sizes, reverse=True)


def test_a_large_table_is_estimated(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "COUNTED", 3)
    session.execute(text("CREATE TABLE numbered (id INTEGER PRIMARY KEY)"))
    session.execute(text("INSERT INTO numbered (id) VALUES (1), (2), (3), (4), (900)"))
    session.add_all([Attempt(key=str(each), attempts=1, expires_at=clock.now()) for each in range(3)])
    session.flush()
    found = tables()
    assert found["accounts_attempt"].how == "counted"
    assert found["numbered"].how == ("about" if session.get_bind().dialect.name == "sqlite" else "more")
    assert found["numbered"].rows in (900, 3)


def test_folders_and_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, elsewhere = tmp_path / "instance", tmp_path / "elsewhere"
    (inside / "imports/deep").mkdir(parents=True)
    elsewhere.mkdir()
    (inside / "imports/deep/list.csv").write_bytes(b"x" * 5000)
    (inside / "secret_key").write_bytes(b"x" * 40)
    (inside / "elsewhere").symlink_to(elsewhere)
    (elsewhere / "backup.zip").write_bytes(b"x" * 700)
    found = {each.path.name: each[1:] for each in measuring.folders(inside, elsewhere, tmp_path / "absent")}
    assert found == {"imports": (1, 5000, True), "elsewhere": (1, 700, True), "instance": (1, 40, True)}
    (inside / "imports/another.csv").write_bytes(b"x")
    monkeypatch.setattr(measuring, "FILES", 1)
    assert measuring.folder(inside / "imports").whole is False
    (disk,) = measuring.disks([inside, elsewhere / "not/there"])
    assert 0 < disk.free < disk.total
    assert disk.folders == [inside, elsewhere / "not/there"]

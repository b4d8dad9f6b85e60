"""The folder of backups, the archive, and PostgreSQL's own programs: what is refused, found out, and thrown away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

import config
from crm360.consents.ledger import signer_of
from crm360.upkeep import folder, making, manifest, restoring
from crm360.upkeep import postgresql_tools as tools
from crm360.upkeep.errors import BackupFailed, BackupUnderWay, CannotRestore, DamagedBackup, NoSuchBackup
from crm360.upkeep.folder import Backup

Make = Callable[..., Backup]


@pytest.fixture
def place(tmp_path: Path) -> config.Settings:
    """An installation with a small database."""
    with closing(sqlite3.connect(tmp_path / "small.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO thing (name) VALUES (?)", [("x" * 200,)] * 200)
        connection.commit()
    return config.load({"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'small.sqlite3'}"})


@pytest.fixture
def make(place: config.Settings, now: datetime) -> Make:
    def made(at: datetime = now) -> Backup:
        return making.create(place=place, by="Ola", signer=signer_of("http://x", place.ledger_key), now=at)[0]

    return made


def looked_at(backup: Backup, place: config.Settings) -> making.Report:
    return making.verify(backup=backup, place=place, verifier=signer_of("http://x", place.ledger_key).verifier)


def test_a_backup_says_what_it_holds_and_what_it_does_not(make: Make, place: config.Settings, now: datetime):
    made = make()
    told = made.manifest
    assert told is not None
    assert (told.rows, told.made_at, told.made_by, told.dialect) == ({"thing": 200}, now, "Ola", "sqlite")
    assert "TOMBSTONE_FILE" in str(told.left_out)
    assert place.secret_key not in made.file.read_bytes().decode("latin-1")
    report = looked_at(made, place)
    assert (report.faults, report.signed, report.remarks) == ([], True, [])
    assert made.file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("where", [0.1, 0.2])
def test_a_changed_byte_is_found(make: Make, place: config.Settings, where: float):
    made = make()
    raw = bytearray(made.file.read_bytes())
    raw[int(len(raw) * where)] ^= 1
    made.file.write_bytes(raw)
    assert looked_at(made, place).faults
    with pytest.raises(DamagedBackup):
        restoring.drill(backup=made, place=place, prove=lambda _: {}, by="Ola", now=made.made_at)


def test_a_file_cut_short_is_listed_as_damaged(make: Make, place: config.Settings):
    made = make()
    made.file.write_bytes(made.file.read_bytes()[:1000])
    assert [each.manifest for each in folder.all_backups(place.backup_dir)] == [None]
    with pytest.raises(DamagedBackup, match="damaged"):
        looked_at(made, place)


def test_a_stranger_s_signature_does_not_count(make: Make, place: config.Settings):
    other = signer_of("http://x", b"another key of thirty-two bytes!").verifier
    assert not making.verify(backup=make(), place=place, verifier=other).signed


def test_old_backups_go_but_never_the_last_readable_one(make: Make, place: config.Settings, now: datetime):
    days = (45, 33, 29, 3, 2, 1)
    made = [make(now - timedelta(days=each)).name for each in days]
    left = [each.name for each in folder.all_backups(place.backup_dir)]
    assert left == made[:1:-1], "making one deletes those over BACKUP_KEEP_DAYS"
    assert folder.prune(place.backup_dir, keep=3, days=30, now=now) == made[2:3]
    later = now + timedelta(days=100)
    folder.all_backups(place.backup_dir)[0].file.write_bytes(b"broken")
    assert folder.prune(place.backup_dir, keep=3, days=30, now=later) == [made[5], made[3]]
    assert [each.name for each in folder.all_backups(place.backup_dir)] == [made[4]]


def test_two_in_a_second_have_two_names(make: Make):
    assert [make().name[-3:], make().name[-3:]] == ["00Z", "Z-2"]


@pytest.mark.parametrize(
    "name", ["../small", "crm360-20260302T103000Z/../../small", "small.sqlite3", "", "/etc/passwd"]
)
def test_a_name_leads_nowhere_else(place: config.Settings, name: str):
    with pytest.raises(NoSuchBackup):
        folder.here(place.backup_dir, name)


def test_one_at_a_time(make: Make, place: config.Settings):
    with folder.at_work(place.backup_dir), pytest.raises(BackupUnderWay):
        make()


def refused(backup: Backup, place: config.Settings, **given: object) -> str:
    asked = {"known": True, "running": "", "yes": True, "other_keys": False} | given
    with pytest.raises(CannotRestore) as told:
        restoring.refuse_if_unfit(backup=backup, place=place, **asked)  # type: ignore[arg-type]
    return told.value.message


def test_what_speaks_against_a_restore(make: Make, place: config.Settings, tmp_path: Path):
    made = make()
    assert "--yes" in refused(made, place, yes=False)
    assert "newer crm360" in refused(made, place, known=False)
    assert "answers" in refused(made, place, running="something answers")
    with closing(sqlite3.connect(tmp_path / "small.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert "somebody writes" in refused(made, place)
    (tmp_path / "suppression_key").write_text("another key, long enough to be taken for one")
    elsewhere = config.load({"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": place.database_url})
    assert "erased people would not be known again" in refused(made, elsewhere)
    assert manifest.missing_keys(made.manifest, elsewhere) == ["SUPPRESSION_KEY_FILE"]  # type: ignore[arg-type]
    restoring.refuse_if_unfit(backup=made, place=elsewhere, known=True, running="", yes=True, other_keys=True)


def test_a_restore_that_is_not_proved_changes_nothing(make: Make, place: config.Settings, tmp_path: Path):
    made, before = make(), (tmp_path / "small.sqlite3").read_bytes()

    def prove(_url: str) -> dict[str, object]:
        raise CannotRestore("no")

    with pytest.raises(CannotRestore):
        restoring.restore(backup=made, place=place, prove=prove, now=made.made_at)
    assert (tmp_path / "small.sqlite3").read_bytes() == before
    assert not list(tmp_path.glob("small.sqlite3.*"))


def test_programs_of_postgresql_must_be_there_and_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match=r"pg_dump is not installed.*postgresql-client-17"):
        tools.program("pg_dump", 17)
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)'\n")
    program.chmod(0o755)
    with pytest.raises(BackupFailed, match="version 15, older than the server's 17"):
        tools.program("pg_dump", 17)
    assert tools.program("pg_dump", 15) == str(program)


def test_a_password_is_in_no_command_line():
    seen = tools.environment(make_url("postgresql+psycopg://ola:s%40cret@db.example:5433/shop?sslmode=require"))
    told = {name: value for name, value in seen.items() if name.startswith("PG")}
    assert told == {
        "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "ola", "PGPASSWORD": "s@cret", "PGDATABASE": "shop",
        "PGSSLMODE": "require", "PGAPPNAME": "crm360 backup",
    }  # fmt: skip

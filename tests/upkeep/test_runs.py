"""What is written down of the worker's jobs: the last run, the last that did something, failures in a row and why."""

from __future__ import annotations

import errno
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from crm360.kernel.errors import Unavailable
from crm360.upkeep import runs
from crm360.upkeep.errors import BackupFailed


def ran(folder: Path, at: datetime, **how: Any) -> runs.Run:
    given = {"name": "purge imports", "every": timedelta(hours=6), "by_hand": True, "seconds": 0.25} | how
    runs.note(folder, at=at, **given)
    found = runs.find(folder, given["name"])
    assert found is not None
    return found


def test_the_last_run_and_the_last_that_did_something(tmp_path: Path, now: datetime) -> None:
    assert runs.all_runs(tmp_path) == []
    ran(tmp_path, now, changed=3)
    later = ran(tmp_path, now + timedelta(minutes=1))
    assert (later.at, later.changed, later.worked_at, later.worked) == (now + timedelta(minutes=1), 0, now, 3)
    assert later.next_at == later.at + timedelta(hours=6)
    assert [each.name for each in runs.all_runs(tmp_path)] == ["purge imports"]


def test_looks_that_find_nothing_are_written_down_now_and_then(tmp_path: Path, now: datetime) -> None:
    ran(tmp_path, now)
    assert ran(tmp_path, now + timedelta(seconds=9)).at == now
    assert ran(tmp_path, now + timedelta(seconds=10)).at == now + timedelta(seconds=10)
    assert ran(tmp_path, now + timedelta(seconds=11), changed=1).at == now + timedelta(seconds=11)
    assert ran(tmp_path, now + timedelta(seconds=12)).changed == 0, "what it did is not shown as if it did it again"


def test_failures_in_a_row_are_counted_until_one_goes_well(tmp_path: Path, now: datetime) -> None:
    ran(tmp_path, now, error=TimeoutError())
    failing = ran(tmp_path, now + timedelta(minutes=1), error=ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    assert (failing.failures, failing.failing_since) == (2, now)
    assert failing.failure is not None
    assert (failing.failure.reason, failing.failure.kind) == ("unreachable", "ConnectionRefusedError [refused]")
    well = ran(tmp_path, now + timedelta(minutes=2))
    assert (well.failures, well.failing_since) == (0, None)
    assert well.failure == failing.failure, "the last failure can still be looked up"


class Busy(Exception):
    sqlite_errorname = "SQLITE_BUSY"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "full_disk"), (PermissionError(errno.EACCES, "denied"), "not_permitted"),
        (OperationalError("INSERT", {}, Busy()), "busy"), (OperationalError("SELECT", {}, Exception()), "database"),
        (TimeoutError(), "timeout"), (Unavailable("anna@example.com"), "told"), (KeyError("anna@example.com"), "fault"),
    ],
)  # fmt: skip
def test_why_it_failed_is_a_word_and_never_a_value(
    tmp_path: Path, now: datetime, error: Exception, reason: str
) -> None:
    failure = ran(tmp_path, now, error=error).failure
    assert failure is not None
    assert (failure.reason, failure.said) == (reason, "")
    assert "anna" not in next((tmp_path / runs.FOLDER).iterdir()).read_text()


def test_our_own_words_of_a_failed_backup_are_kept(tmp_path: Path, now: datetime) -> None:
    failure = ran(tmp_path, now, error=BackupFailed("pg_dump is missing.")).failure
    assert failure is not None
    assert (failure.reason, failure.said) == ("told", "pg_dump is missing.")


def test_the_cause_says_more_than_what_came_of_it(tmp_path: Path, now: datetime) -> None:
    error = ValueError("x")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert runs.reason_of(error) == "full_disk"


def test_a_job_is_asked_for_once_and_only_where_that_harms_nobody(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(runs.NoSuchJob):
        runs.ask(tmp_path, slug="purge-imports")
    ran(tmp_path, now)
    ran(tmp_path, now, name="keep retention rules", by_hand=False)
    runs.ask(tmp_path, slug="purge-imports")
    runs.ask(tmp_path, slug="purge-imports")
    with pytest.raises(runs.NotByHand):
        runs.ask(tmp_path, slug="keep-retention-rules")
    with pytest.raises(runs.NoSuchJob):
        runs.ask(tmp_path, slug="../secret_key")
    assert runs.take_asked(tmp_path) == ["purge imports"]
    assert runs.asked(tmp_path) == []


def test_what_another_version_wrote_is_forgotten(tmp_path: Path, now: datetime) -> None:
    ran(tmp_path, now)
    ran(tmp_path, now, name="old job")
    (tmp_path / runs.FOLDER / "broken.json").write_text("{")
    runs.begin(tmp_path, ["purge imports", "never ran"])
    assert [each.name for each in runs.all_runs(tmp_path)] == ["purge imports"]
    assert [file.name for file in (tmp_path / runs.FOLDER).iterdir()] == ["purge-imports.json"]

"""Backups asked for on a page: one at a time, claimed by one worker, and never waited for when a worker was killed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from crm360.upkeep import errands
from crm360.upkeep.errors import BackupUnderWay


def ask(folder: Path, now: datetime) -> None:
    errands.ask(folder, kind="create", by="Dana", by_id=7, now=now)


def state(folder: Path) -> str:
    seen = errands.last(folder)
    return seen.state if seen else "nothing"


def test_from_asking_to_the_end(tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "backups"
    assert (state(folder), errands.waits(folder)) == ("nothing", False)
    ask(folder, now)
    assert (state(folder), errands.waits(folder)) == ("waiting", True)
    with errands.taken(folder) as errand:
        assert errand is not None
        assert (errand.by, errand.by_id, errand.asked_at) == ("Dana", 7, now)
        assert state(folder) == "working"
        with pytest.raises(BackupUnderWay):
            ask(folder, now)
        errands.tell(folder, replace(errand, step="pack", done=3, total=9))
        seen = errands.last(folder)
        assert seen is not None
        assert (seen.state, seen.errand.step, seen.errand.done) == ("working", "pack", 3)
        errands.tell(folder, replace(errand, ended_at=now, ok=True))
    assert state(folder) == "done"
    ask(folder, now)
    assert state(folder) == "waiting"


def test_only_one_waits(tmp_path: Path, now: datetime) -> None:
    ask(tmp_path, now)
    with pytest.raises(BackupUnderWay):
        ask(tmp_path, now)


def test_a_second_worker_finds_nothing(tmp_path: Path, now: datetime) -> None:
    ask(tmp_path, now)
    with errands.taken(tmp_path) as first, errands.taken(tmp_path) as second:
        assert first is not None
        assert second is None
    with errands.taken(tmp_path) as later:
        assert later is None


def test_one_a_killed_worker_left_is_said_to_be_broken_off(tmp_path: Path, now: datetime) -> None:
    ask(tmp_path, now)
    with errands.taken(tmp_path):
        pass  # ended without a word
    assert state(tmp_path) == "interrupted"
    ask(tmp_path, now)
    assert state(tmp_path) == "waiting"


def test_what_another_version_wrote_is_nothing(tmp_path: Path) -> None:
    (tmp_path / ".errand.json").write_text('{"kind": "dance"}')
    assert state(tmp_path) == "nothing"

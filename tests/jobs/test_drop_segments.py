"""Segments in folders: whole files under their names, once a turn, whoever dies in between; only whom we may reach."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from crm360.accounts.models import AuditEntry
from crm360.flows import erased_files, refresh, segment_drops, segment_export
from crm360.jobs import drop_segments
from crm360.kernel import clock, dialects
from crm360.privacy.needles import Needles
from crm360.segments import drops, operations
from crm360.segments.models import Drop, Dropped
from tests.outreach import crowd

HOUR = timedelta(hours=1)
WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.fixture
def limits(app: Any, tmp_path: Path) -> Any:
    return replace(
        app.config["SETTINGS"],
        instance_dir=tmp_path,
        export_root=tmp_path / "exports",
        import_root=tmp_path / "watched",
    )


@pytest.fixture
def run(limits: Any) -> Callable[[], int]:
    def turn() -> int:
        dialects.set_may_write(True)
        return drop_segments.run(limits=limits, now=clock.now())

    return turn


@pytest.fixture
def segment(session: Any) -> int:
    """Three people of whom two allow offers; one is called like a formula."""
    now = clock.now() - timedelta(days=1)
    people = {"ala@example.com": "Ala", "bob@example.com": "=HYPERLINK(1)", "cyd@example.com": "Cyd"}
    # One after the other: files are in the order of customers' numbers, which many at once get in the order of their ids.
    made = [crowd.known(now, address, fields={"given_name": name}) for address, name in people.items()]
    refresh.profiles([profile for _, profile in made], now=now)
    for (contact, _), address in list(zip(made, people, strict=True))[:2]:
        crowd.say(contact, address, "given", now)
    found = operations.create(name="Wszyscy, Łódź", by="Ola", now=now)
    operations.add_members(segment_id=found.id, profile_ids=[profile for _, profile in made], by="Ola", now=now)
    session.commit()
    return found.id


@pytest.fixture
def schedule(session: Any, segment: int) -> Callable[..., Drop]:
    def make(**told: Any) -> Drop:
        said = {
            "folder": "mailing/vip",
            "purpose": "marketing",
            "channel": "email",
            "form": "csv",
            "hour": 6,
            "weekday": None,
        }
        drop = drops.create(segment_id=segment, keep_days=7, by="Ola", now=clock.now(), **{**said, **told})
        drop.due_at = clock.now() - HOUR
        session.commit()
        return drop

    return make


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_a_turn_writes_one_whole_file_of_those_who_allow_it(session: Any, limits: Any, run: Any, schedule: Any):
    drop = schedule()
    assert (run(), run()) == (1, 0)
    (name,) = names(limits.export_root)
    assert name.startswith("mailing/vip/wszyscy-lodz-")
    file = limits.export_root / name
    assert [each["name"] for each in read(file)] == ["Ala", "'=HYPERLINK(1)"]
    assert file.stat().st_mode & 0o777 == 0o640
    (turn,) = session.scalars(select(Dropped))
    assert (turn.state, turn.file, turn.rows, turn.left_out) == ("placed", name, 2, 1)
    assert drop.due_at is not None
    assert drop.due_at > clock.now()
    assert drop.due_at.astimezone(WARSAW).hour == 6
    (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "segment.exported"))
    assert (noted.actor_kind, noted.details["rows"], noted.details["left_out"]) == ("system", 2, 1)


def test_a_workbook_holds_the_same(limits: Any, run: Any, schedule: Any):
    schedule(form="xlsx")
    run()
    (name,) = names(limits.export_root)
    sheet = load_workbook(limits.export_root / name).active
    assert sheet is not None
    assert [row[1] for row in sheet.values] == ["name", "Ala", "'=HYPERLINK(1)"]


def test_who_dies_before_the_name_is_given_leaves_it_to_the_next(
    session: Any, limits: Any, run: Any, schedule: Any, monkeypatch: Any
):
    schedule()
    with monkeypatch.context() as patch:
        patch.setattr(segment_drops, "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run()
    session.rollback()
    (part,) = names(limits.export_root)
    assert part.endswith(".part")
    assert run() == 1
    (name,) = names(limits.export_root)
    assert not name.endswith(".part")
    assert len(session.scalars(select(Dropped)).all()) == 1


def test_who_dies_after_the_name_was_given_and_the_file_taken_away_writes_no_second(
    session: Any, limits: Any, run: Any, schedule: Any, monkeypatch: Any
):
    schedule()
    settle = segment_drops.settle

    def dies(root: Path, turn: Dropped) -> None:
        settle(root, turn)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(segment_drops, "settle", dies)
        with pytest.raises(KeyboardInterrupt):
            run()
    session.rollback()
    (name,) = names(limits.export_root)
    (limits.export_root / name).unlink()  # fetched
    run()
    assert names(limits.export_root) == []
    assert [each.state for each in session.scalars(select(Dropped))] == ["placed"]


def test_who_was_too_slow_keeps_nothing(session: Any, limits: Any, run: Any, schedule: Any, monkeypatch: Any):
    drop = schedule()
    rows = segment_export.rows

    def slow(**asked: Any) -> segment_export.Export:
        found = rows(**asked)
        drop_id, later = drop.id, clock.now() + 2 * drop_segments.LEASE
        monkeypatch.setattr(segment_export, "rows", rows)
        session.rollback()
        dialects.set_may_write(True)
        mine = drops.claim(now=later, lease=drop_segments.LEASE)
        assert mine is not None
        assert mine.id == drop_id
        session.commit()
        return found

    monkeypatch.setattr(segment_export, "rows", slow)
    assert run() == 0
    assert names(limits.export_root) == []
    assert not session.scalars(select(Dropped)).all()


def test_a_folder_nobody_can_write_is_told_and_tried_again(session: Any, limits: Any, run: Any, schedule: Any):
    drop = schedule()
    limits.export_root.mkdir()
    (limits.export_root / "mailing").write_text("in the way")
    assert run() == 0
    (turn,) = session.scalars(select(Dropped))
    assert turn.state == "failed"
    assert "while writing the file" in turn.problem
    assert (drop.failures, run()) == (1, 0), "it rests first"
    (limits.export_root / "mailing").unlink()
    drop.retry_at = clock.now()
    session.commit()
    assert (run(), drop.failures) == (1, 0)


def test_an_archived_segment_and_a_root_that_is_gone_are_told(session: Any, limits: Any, schedule: Any):
    drop = schedule()
    dialects.set_may_write(True)
    drop_segments.run(limits=replace(limits, export_root=limits.instance_dir / "not" / "mounted"), now=clock.now())
    operations.archive(segment_id=drop.segment_id, now=clock.now())
    drop.retry_at = None
    session.commit()
    (turn,) = session.scalars(select(Dropped))
    assert turn.problem == "EXPORT_ROOT is not there."
    drop_segments.run(limits=limits, now=clock.now())
    session.refresh(turn)
    assert turn.problem == "The segment is archived."
    assert drop.failures == 2


def test_a_file_nobody_took_away_goes(session: Any, limits: Any, run: Any, schedule: Any):
    drop = schedule()
    run()
    drops.remove(drop_id=drop.id, now=clock.now())
    (turn,) = session.scalars(select(Dropped))
    turn.remove_at = clock.now()
    session.commit()
    assert run() == 1
    assert names(limits.export_root) == []
    assert turn.state == "removed"


def test_the_erased_leave_the_files(limits: Any, run: Any, schedule: Any):
    schedule()
    run()
    (name,) = names(limits.export_root)
    part = limits.export_root / "mailing" / ".120000.half.csv.part"
    part.write_bytes((limits.export_root / name).read_bytes())
    subject: Any = SimpleNamespace(needles=Needles(["ala@example.com"]))
    gone = erased_files.lines(subject, [limits.export_root])
    assert gone["lines"] == 2
    assert [each["name"] for each in read(limits.export_root / name)] == ["'=HYPERLINK(1)"]
    assert [each["name"] for each in read(part)] == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("folder", ["", " ", "..", "../other", "/etc", "a/../..", "a\0b", "../watched/till"])
def test_nothing_is_written_outside(tmp_path: Path, folder: str):
    (tmp_path / "exports").mkdir()
    with pytest.raises(segment_drops.RefusedFolder):
        segment_drops.place(tmp_path / "exports", folder, apart_from=tmp_path / "watched")


def test_nothing_is_written_through_a_link_or_where_imports_watch(tmp_path: Path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "out").symlink_to(tmp_path)
    for folder, watched in (("out", tmp_path / "watched"), ("till", tmp_path / "exports" / "till")):
        with pytest.raises(segment_drops.RefusedFolder):
            segment_drops.place(tmp_path / "exports", folder, apart_from=watched)


@pytest.mark.parametrize(
    ("after", "hour", "weekday", "at"),
    [
        ("2026-03-02T04:59:00+00:00", 6, None, "2026-03-02T05:00:00+00:00"),
        ("2026-03-02T05:00:00+00:00", 6, None, "2026-03-03T05:00:00+00:00"),
        ("2026-03-28T12:00:00+00:00", 6, None, "2026-03-29T04:00:00+00:00"),  # summer time began that night
        ("2026-03-28T12:00:00+00:00", 2, None, "2026-03-29T01:00:00+00:00"),  # the hour that night does not have
        ("2026-10-24T12:00:00+00:00", 2, None, "2026-10-25T00:00:00+00:00"),  # twice that night: once is enough
        ("2026-03-02T23:30:00+00:00", 0, 2, "2026-03-03T23:00:00+00:00"),  # Tuesday here already
    ],
)
def test_the_hour_is_the_shops(after: str, hour: int, weekday: int | None, at: str):
    found = drops.next_turn(hour=hour, weekday=weekday, zone=WARSAW, after=datetime.fromisoformat(after))
    assert found.astimezone(UTC) == datetime.fromisoformat(at)

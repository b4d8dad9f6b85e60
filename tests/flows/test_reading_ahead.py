"""A process reads ahead of the one that stores: the same comes of it, whatever becomes of that process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import import_contacts, import_files, import_runs, reading_ahead, ready_rows
from crm360.identity.models import Contact, ContactIdentifier
from crm360.imports import operations, queries
from crm360.imports.models import Change, Run
from crm360.kernel.db import db
from crm360.privacy import tombstones
from crm360.profiles.models import WaitingTerm
from tests.flows.importing import begin, passing, write

STEP = 5
ROWS = [
    {"Nr": "", "Imię": "Anna", "E-mail": f"p{n}@example.com", "Telefon": f"601 234 {n:03}", "Zgoda": "", "Urodziny": ""}
    for n in range(23)
]
ROWS[1] |= {"Nr": "7"}
ROWS[7] |= {"Urodziny": "3.4.1988"}  # interpreted with care
ROWS[8] = ROWS[6] | {"Imię": "Hanna"}  # one customer twice in a batch
ROWS[12] = ROWS[6] | {"Telefon": "602 000 111"}  # and in another batch
ROWS[13] |= {"Zgoda": "tak"}


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "LARGE_STEP", STEP)


def stored(run: Run) -> Any:
    """All that a run has stored, without numbers the database gives."""
    refs = {
        each.id: each.external_id for each in db.session.scalars(select(Contact).where(Contact.source == run.source))
    }
    held = db.session.scalars(select(ContactIdentifier).where(ContactIdentifier.contact_id.in_(refs)))
    terms = db.session.scalars(select(WaitingTerm).where(WaitingTerm.contact_id.in_(refs)))
    changes = db.session.scalars(select(Change).where(Change.run_id == run.id))
    strip = lambda value: {name: {**each, "at": ""} for name, each in value.items()}  # noqa: E731  (a run's own moment)
    return (
        sorted((each.external_id, str(strip(each.fields)), str(strip(each.attributes)))
               for each in db.session.scalars(select(Contact).where(Contact.id.in_(refs)))),
        sorted((refs[each.contact_id], each.kind, each.normal, each.value) for each in held),
        sorted((refs[each.contact_id], each.kind, each.term) for each in terms),
        sorted((refs[each.contact_id], each.part, each.line_no, each.kind) for each in changes),
        import_runs.outcome(run),
        [(each.line_no, each.reason, each.cells) for each in queries.issues(run.id)],
    )  # fmt: skip


def steps(run: Run, folder: Path, now: datetime) -> Iterator[import_runs.Driver]:
    """Store a run, handing out its driver after each step."""
    import_runs.start(run_id=run.id, now=now)
    with import_runs.closing_driver(run.id, folder=folder / "kept", step=STEP) as driver:
        while queries.get(run.id).status == "running":
            driver.advance(now=now)
            db.session.commit()
            yield driver


def messy(folder: Path) -> Path:
    file = write(folder / "list.csv", ROWS)
    with file.open("a", encoding="utf-8") as stream:
        stream.write("too,few\n,Ewa,last@example.com,,,\n")
    return file


@pytest.mark.usefixtures("session")
def test_the_same_is_stored_as_by_one_process(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    fixes: dict[str, Any] = {"cells": {"0:15": {"Telefon": "700 100 200"}}, "values": {"Imię": {"Anna": "Joanna"}}}
    found: list[Any] = []
    for least in (STEP, STEP + 1):  # the second is too long for anything to be read ahead
        monkeypatch.setattr(import_runs, "LARGE_STEP", least)
        with passing() as folder:
            run = begin(messy(folder), now=now)
            operations.fix(run_id=run.id, **fixes)
            ahead = {driver._ahead is not None for driver in steps(run, folder, now)}
            assert (True in ahead) == (least == STEP)
            found.append(stored(queries.get(run.id)))
    assert found[0] == found[1]
    assert found[0][4] == {"created": 22, "updated": 1, "unchanged": 0, "repeated": 1, "refused": 1, "consents": 1}


@pytest.mark.usefixtures("session", "small_steps")
def test_when_the_reading_process_is_killed_the_rest_is_read_here(tmp_path: Path, now: datetime) -> None:
    run = begin(messy(tmp_path), now=now)
    for driver in steps(run, tmp_path, now):
        if driver._ahead is not None:
            driver._ahead._process.kill()
    outcome = import_runs.outcome(queries.get(run.id))
    assert (outcome["created"], outcome["updated"], outcome["refused"]) == (22, 1, 1)


@pytest.mark.usefixtures("session", "small_steps")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_step_that_was_undone_is_read_again(tmp_path: Path, now: datetime) -> None:
    run = begin(messy(tmp_path), now=now)
    import_runs.start(run_id=run.id, now=now)
    db.session.commit()
    with import_runs.closing_driver(run.id, folder=tmp_path / "kept", step=STEP) as driver:
        for number in range(20):
            if not driver.advance(now=now) or queries.get(run.id).status != "running":
                break
            db.session.rollback() if number == 2 else db.session.commit()
        db.session.commit()
    outcome = import_runs.outcome(queries.get(run.id))
    assert (outcome["created"], outcome["updated"], outcome["refused"]) == (22, 1, 1)


@pytest.mark.usefixtures("session", "small_steps")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_turns_out_unusable_stops_the_run_with_its_reason(tmp_path: Path, now: datetime) -> None:
    run = begin(messy(tmp_path), now=now)
    (tmp_path / "kept" / "gone.csv").write_text("")
    run.parts = [*run.parts, {**run.parts[0], "name": "second.csv", "stored": "gone.csv"}]
    for _ in steps(run, tmp_path, now):
        pass
    assert queries.get(run.id).status == "failed"
    assert "second.csv" in queries.get(run.id).failure
    assert queries.get(run.id).position == 5 * STEP


@pytest.mark.usefixtures("session")
def test_a_batch_told_is_the_batch_finished(tmp_path: Path, now: datetime) -> None:
    """What goes between the processes loses nothing; and the program ends when nobody listens any more."""
    run = begin(messy(tmp_path), now=now)
    order = reading_ahead.Order(
        question=import_contacts.question(run, now=now), parts=import_runs.parts_of(run), folder=str(tmp_path / "kept"),
        fixes={}, skip=2, step=10,
    )  # fmt: skip
    with closing(import_files.rows(order.parts, tmp_path / "kept")) as rows:
        every = list(rows)
    ahead = reading_ahead.Ahead(order)
    try:
        for start, count in ((2, 10), (12, 10), (22, 3)):
            batch, told = ahead.next()
            here = import_contacts.finished(run, every[start : start + 10], now=now)
            assert (told, batch.ready, batch.others) == (count, here.ready, here.others)
            assert [each._replace(raw=list(each.raw)) for each in batch.rows] == [
                each._replace(raw=list(each.raw)) for each in here.rows
            ]
        with pytest.raises(reading_ahead.Lost):
            ahead.next()
    finally:
        ahead.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_program_ends_when_nobody_listens(tmp_path: Path, now: datetime, session: Any) -> None:
    run = begin(write(tmp_path / "many.csv", ROWS * 3_000), now=now)
    order = reading_ahead.Order(
        question=import_contacts.question(run, now=now), parts=import_runs.parts_of(run), folder=str(tmp_path / "kept"),
        fixes={}, skip=0, step=10_000,
    )  # fmt: skip
    ahead = reading_ahead.Ahead(order)
    ahead.next()
    ahead._from.close()
    assert ahead._process.wait(timeout=180) == 0


def test_columns_without_some_contacts(tmp_path: Path, now: datetime, session: Any) -> None:
    run = begin(write(tmp_path / "list.csv", ROWS[:7]), now=now)
    with closing(import_files.rows(import_runs.parts_of(run), tmp_path / "kept")) as rows:
        every = list(rows)
    whole = import_contacts.finished(run, every, now=now).ready
    assert len(whole.external_id) == 7
    one = import_contacts.finished(run, every[:3], now=now).ready
    assert whole.without(whole.external_id[3:]).held_normal == one.held_normal
    assert whole.without(whole.external_id[3:]) == one
    assert whole.without(whole.external_id) == ready_rows.Ready()


@pytest.mark.usefixtures("session")
def test_the_erased_are_not_brought_back_however_often_a_list_names_them(tmp_path: Path, now: datetime) -> None:
    """By a plain row, by one read with care, and by two rows about one person."""
    gone = [("email", f"p{n}@example.com") for n in (3, 6, 7)]
    tombstones.keep(made=tombstones.marks(gone, now=now - timedelta(days=1)), case_id=None)
    run = begin(messy(tmp_path), now=now)
    for _ in steps(run, tmp_path, now):
        pass
    names = set(db.session.scalars(select(Contact.external_id)))
    assert names.isdisjoint(f"email:{address}" for _, address in gone)
    assert len(names) == 23 - 4
    unsaid = [each for each in queries.issues(run.id) if "erased" in each.reason]
    assert [(each.line_no, each.cells) for each in unsaid] == [(line, []) for line in (5, 8, 9, 10, 14)]

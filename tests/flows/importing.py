"""Lists for tests of imports: written as files, brought in as the worker does, and the whole base to compare."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from crm360.consents.models import Statement
from crm360.consents.policy import decide
from crm360.flows import import_runs
from crm360.identity.models import BlockingKey, Contact, ContactIdentifier, Edge, GroupKey, WeakValue
from crm360.imports import queries
from crm360.imports.models import Run
from crm360.kernel.db import db
from crm360.profiles.models import GoldenRecord, SearchTerm, Tag, WaitingTerm

DEFAULTS = {"region": "PL", "currency": "PLN", "timezone": "Europe/Warsaw"}
Row = Mapping[str, str]


@contextmanager
def passing() -> Iterator[Path]:
    """A folder, and a database, of which nothing is left afterwards, commits included."""
    db.session.commit()
    db.session.remove()
    point = db.engines[None].begin_nested()
    try:
        with TemporaryDirectory() as name:
            yield Path(name)
    finally:
        db.session.remove()
        point.rollback()


def write(path: Path, rows: Sequence[Row]) -> Path:
    """A CSV file of rows that may have different columns."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, headers, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def begin(path: Path, *, source: str = "list", now: datetime, **given: Any) -> Run:
    """A file taken in."""
    folder = path.parent / "kept"
    run = import_runs.begin(
        path, name=path.name, source=source, folder=folder, defaults=DEFAULTS, by="Ola", now=now, **given
    )
    db.session.commit()
    return run


def drive(run: Run, folder: Path, *, now: datetime, step: int = 7) -> Run:
    """Carry it on until it rests, committing after each step."""
    with import_runs.closing_driver(run.id, folder=folder / "kept", step=step) as driver:
        active = True
        while active:
            active = driver.advance(now=now)
            db.session.commit()
    return queries.get(run.id)


def bring_in(path: Path, *, source: str = "list", now: datetime, step: int = 7, **given: Any) -> Run:
    """A file brought in and resolved."""
    run = begin(path, source=source, now=now, **given)
    import_runs.start(run_id=run.id, now=now)
    return drive(run, path.parent, now=now, step=step)


def revert(run: Run, folder: Path, *, now: datetime) -> Run:
    """An import taken back."""
    import_runs.revert(run_id=run.id, by="Ola", now=now)
    return drive(run, folder, now=now)


def snapshot(now: datetime) -> dict[str, Any]:
    """Everything that is known, without numbers the database gives and without empty records nobody sees."""
    db.session.expire_all()
    contacts = {each.id: each for each in db.session.scalars(select(Contact)) if each.profile_id is not None}
    ref = {number: (each.source, each.external_id) for number, each in contacts.items()}
    together: dict[int, set[Any]] = {}
    for number, each in contacts.items():
        together.setdefault(each.profile_id, set()).add(ref[number])
    of = {number: min(members) for number, members in together.items()}
    return {
        "contacts": {ref[n]: _contact(each) for n, each in contacts.items()},
        "identifiers": {
            (ref[each.contact_id], each.kind, each.normal): (each.value, each.first_seen_at, each.last_seen_at)
            for each in db.session.scalars(select(ContactIdentifier))
        },
        "persons": sorted(map(sorted, together.values())),
        "keys": sorted((each.key, ref[each.contact_id]) for each in db.session.scalars(select(BlockingKey))),
        "groups": sorted((each.key, ref[each.contact_id]) for each in db.session.scalars(select(GroupKey))),
        "edges": sorted(
            (*sorted((ref[each.left_id], ref[each.right_id])), round(each.weight, 6))
            for each in db.session.scalars(select(Edge))
        ),
        "weak": sorted((each.key, each.reason) for each in db.session.scalars(select(WeakValue))),
        "golden": {
            of[each.profile_id]: (each.display_name, each.city, each.fields)
            for each in db.session.scalars(select(GoldenRecord))
        },
        "terms": sorted(
            (each.term, each.kind, ref[each.contact_id]) for each in db.session.scalars(select(SearchTerm))
        ),
        "waiting": [each.term for each in db.session.scalars(select(WaitingTerm))],
        "tags": sorted((ref[each.contact_id], each.name) for each in db.session.scalars(select(Tag))),
    }


def differing(now: datetime, known: Mapping[str, Any]) -> dict[str, Any]:
    """What is otherwise now than in a snapshot, as (then, now): only what differs of it."""
    found = {}
    for name, value in snapshot(now).items():
        before = known[name]
        if value != before and isinstance(value, dict):
            keys = sorted(value.keys() | before.keys(), key=str)
            found[name] = [
                (key, *_parted(before.get(key), value.get(key))) for key in keys if value.get(key) != before.get(key)
            ]
        elif value != before:
            found[name] = ([x for x in before if x not in value], [x for x in value if x not in before])
    return found


def _parted(then: Any, now: Any) -> tuple[Any, Any]:
    """What differs of two rows."""
    if not (isinstance(then, tuple) and isinstance(now, tuple)):
        return then, now
    different = [number for number, (one, other) in enumerate(zip(then, now, strict=True)) if one != other]
    return [then[number] for number in different], [now[number] for number in different]


def _contact(each: Contact) -> Any:
    return (
        each.fields, each.attributes, each.source_tags, each.source_tags_at, each.compared, each.anonymous,
        each.first_seen_at, each.last_seen_at,
    )  # fmt: skip


def permitted(now: datetime) -> dict[tuple[str, str], bool]:
    """(address, channel) → whether it may be used."""
    said: dict[tuple[str, str], list[Statement]] = {}
    for each in db.session.scalars(select(Statement)):
        said.setdefault((each.identifier_normal, each.channel), []).append(each)
    return {key: decide(found, now=now).permitted for key, found in said.items()}

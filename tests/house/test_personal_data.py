"""Every column says what it holds, every table how the rows about a person go or why they stay; and that is done for real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Column, Table, Text, cast, func, select

from crm360.kernel.personal_data import CATEGORIES, Whom, by_column
from crm360.models import Base
from crm360.profiles import search_spelling

#: The order in which an erasure visits the rooms: facts before the contacts they hang on.
ROOMS = (
    "privacy",
    "insights",
    "lists",
    "segments",
    "outreach",
    "commerce",
    "conversations",
    "consents",
    "push",
    "safeguards",
    "sales",
    "surveys",
    "reviews",
    "profiles",
    "outbox",
    "identity",
    "inbox",
    "imports",
    "accounts",
    "webhooks",
)
DECLARATIONS = {room: import_module(f"crm360.{room}.personal_data") for room in ROOMS}
ERASERS = {table: eraser for room in ROOMS for table, eraser in DECLARATIONS[room].ERASERS.items()}
KEEPS = {table: reason for room in ROOMS for table, reason in DECLARATIONS[room].KEEPS.items()}
COLUMNS = {table: columns for room in ROOMS for table, columns in by_column(DECLARATIONS[room].COLUMNS).items()}
ROWS = {table: rows for room in ROOMS for table, rows in DECLARATIONS[room].ROWS.items()}

#: Tables whose rows stay without the person, and the columns that said who it was.
EMPTIED = {
    "commerce_order": {"contact_id": None, "attributes": {}, "cart_id": "", "cancel_reason": ""},
    "commerce_refund": {"reason": ""},
    "consents_suppression": {"payload_id": None},
    "identity_decision": {"context": {}, "reason": ""},
    "lists_action": {"title": ""},
    "imports_run": {"fixes": {}, "preview": {}},
    "surveys_answer": {"contact_id": None, "invitation_id": None, "body": "", "subject": "", "external_id": None},
    "reviews_review": {
        "contact_id": None,
        "external_id": None,
        "url": "",
        "title": "",
        "body": "",
        "author": "",
        "answer": "",
        "reason": "",
    },
    "safeguards_hold": {"ground": "", "legal_ref": "", "release_reason": ""},
    "privacy_case": {"contact_id": None, "identifiers": [], "details": {}, "payload_id": None},
}


def test_every_table_says_how_a_person_is_forgotten():
    assert set(ERASERS) | set(KEEPS) == set(Base.metadata.tables)
    assert not set(ERASERS) & set(KEEPS)
    assert all(len(reason) > 10 for reason in KEEPS.values())


def test_every_column_has_a_category():
    """In the table `COLUMNS` of the room's personal_data.py; `kernel/personal_data.py` has the list of categories."""
    there = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert there - {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns} == set()
    assert {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns} - there == set()


def test_what_is_erased_can_be_shown_and_counted_before():
    """A table with an eraser says in `ROWS` which rows are a person's; one with none holds nothing personal to show."""
    assert set(ERASERS) - set(ROWS) == set()
    told = {
        table
        for table in KEEPS
        for category in COLUMNS[table].values()
        if CATEGORIES[category].told and CATEGORIES[category].personal
    }
    assert told - {"accounts_attempt"} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_speaks_of_its_own_tables_only(room: str):
    here = DECLARATIONS[room]
    declared = [*here.ERASERS, *here.KEEPS, *here.COLUMNS, *here.ROWS]
    assert [table for table in declared if not table.startswith(f"{room}_")] == []


def test_an_erasure_takes_one_person_from_every_table_and_leaves_the_other(session: Any, now: datetime):
    anna, piotr = (fill(session, person, now) for person in ("anna", "piotr"))
    whom = Whom((anna["identity_contact"]["id"],), (anna["inbox_payload"]["id"],), ("anna",))
    for name, rows in ROWS.items():
        table = Base.metadata.tables[name]
        found = session.execute(select(*table.primary_key.columns).where(rows(whom))).all()
        assert found == [tuple(anna[name][column.name] for column in table.primary_key.columns)], name
    for eraser in ERASERS.values():
        eraser(whom)
    session.flush()
    for name in ERASERS:
        table = Base.metadata.tables[name]
        if name in EMPTIED:
            assert shown(session, table, anna[name]) == EMPTIED[name], name
            assert shown(session, table, piotr[name]) != EMPTIED[name], name
        else:
            assert session.scalar(select(func.count()).select_from(table)) == 1, name
            assert session.execute(select(table).where(*same_row(table, piotr[name]))).one(), name
    assert [
        f"{name}.{column}"
        for name, columns in COLUMNS.items()
        for column, category in columns.items()
        if name in ERASERS and CATEGORIES[category].personal and category not in ("pseudonym", "link")
        for (text,) in session.execute(select(cast(Base.metadata.tables[name].c[column], Text)))
        if "anna" in str(text)
    ] == []


def test_a_thread_in_which_another_person_wrote_last_becomes_theirs(session: Any, now: datetime):
    anna, piotr = (fill(session, person, now) for person in ("anna", "piotr"))
    tables = Base.metadata.tables
    message = piotr["conversations_message"] | {"id": 77, "external_id": "his answer in her thread"}
    message["conversation_id"] = anna["conversations_conversation"]["id"]
    session.execute(tables["conversations_message"].insert().values(message))
    for eraser in DECLARATIONS["conversations"].ERASERS.values():
        eraser(Whom((anna["identity_contact"]["id"],)))
    kept = session.execute(select(tables["conversations_conversation"].c["id", "contact_id"])).all()
    his = piotr["identity_contact"]["id"]
    assert sorted(kept) == sorted([(message["conversation_id"], his), (piotr["conversations_conversation"]["id"], his)])


def fill(session: Any, person: str, now: datetime) -> dict[str, dict[str, Any]]:
    """One row in every table that has erasers or is needed by them; returns what was written, by table."""
    rows: dict[str, dict[str, Any]] = {}
    for table in Base.metadata.sorted_tables:
        rows[table.name] = dict(values(table, person, rows, now))
        session.execute(table.insert().values(rows[table.name]))
    return rows


def values(table: Table, person: str, rows: dict[str, dict[str, Any]], now: datetime) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        foreign = next(iter(column.foreign_keys), None)
        if foreign is not None:
            yield column.name, rows[foreign.column.table.name][foreign.column.name]
        else:
            yield column.name, value(column, table, person, now)


def value(column: Column[Any], table: Table, person: str, now: datetime) -> Any:
    """Something that fits the column and says whose it is."""
    number = {"anna": 41, "piotr": 42}[person]
    fitting = {
        bool: False,
        int: number,
        float: number,
        datetime: now,
        date: now.date(),
        bytes: person.encode(),
        dict: {"of": person},
    }
    special = {
        "consents_tenure.kind": f"{person} in consents_statement",
        "consents_tenure.normal": f"{person} in consents_statement",
        "identity_value_rule.key": f"{person} in identity_identifier:{person} in identity_identifier",
        "identity_value_rule.rule": "personal",
        "profiles_search_term.term": f"{person}searched",
        "profiles_search_term.kind": "name",
        "profiles_search_variant.word": f"{person}searched",
        "profiles_search_variant.variant": min(search_spelling.variants(f"{person}searched")),
    }
    text = special.get(f"{table.name}.{column.name}", f"{person} in {table.name}")
    return fitting.get(getattr(column.type, "impl_instance", column.type).python_type, text)


def shown(session: Any, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    columns = [table.c[name] for name in EMPTIED[table.name]]
    return dict(session.execute(select(*columns).where(*same_row(table, row))).mappings().one())


def same_row(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]

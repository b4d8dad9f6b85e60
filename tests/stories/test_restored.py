"""A backup older than an erasure is put back: the erased are gone before anybody is answered, and a list does not bring them back."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from crm360.app import create_app
from crm360.consents.models import Suppression
from crm360.flows import by_staff, erasing
from crm360.flows.by_staff import Written
from crm360.identity.models import Contact, ContactIdentifier
from crm360.jobs import work_cases
from crm360.kernel.db import db
from crm360.privacy import handling
from tests import databases
from tests.processes import Instance, Process, wait_until

pytestmark = pytest.mark.server
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
#: PostgreSQL's rows are swept when no older transaction of the whole server sees them, other tests' included.
SWEEPS = 5
ANNA, PIOTR = "anna@example.com", "piotr@example.com"


@contextmanager
def house(instance: Instance) -> Iterator[Any]:
    """The application on this installation, for what a test does and looks at."""
    app = create_app(instance.settings())
    with app.app_context():
        try:
            yield app
        finally:  # a connection left open by a test that fails would fail whichever comes after it
            db.session.remove()
            db.engine.dispose()


@contextmanager
def copied(instance: Instance) -> Iterator[Instance]:
    """The same installation on a copy of its database, as a backup would bring it back."""
    if instance.database_url.startswith("sqlite"):
        copy = instance.folder / "restored.sqlite3"
        with closing(sqlite3.connect(instance.database_url.removeprefix("sqlite:///"))) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        yield replace(instance, database_url=f"sqlite:///{copy}")
        return
    server, _, name = instance.database_url.rpartition("/")
    with (
        psycopg.connect(f"{server}/postgres", autocommit=True) as admin,
        databases.copied_postgresql(admin, f"{name}_back", name),
    ):
        yield replace(instance, database_url=f"{instance.database_url}_back")


def known() -> set[str]:
    return set(db.session.scalars(select(ContactIdentifier.normal)))


def erase_anna(instance: Instance) -> None:
    with house(instance) as app:
        anna = db.session.scalar(select(Contact.id).join(ContactIdentifier).where(ContactIdentifier.normal == ANNA))
        case = handling.open_by_staff(
            right="erasure", contact_id=anna, via="letter", received_on=NOW, number="1", by="Charlie", country="PL", now=NOW,
        )  # fmt: skip
        handling.verify(case=case, method="code", level=1, by="Charlie", now=NOW)
        erasing.begin(case=case, by="Charlie", now=NOW)
        db.session.commit()
        for _ in range(SWEEPS):
            work_cases.run(limits=app.config["SETTINGS"], now=NOW)
            if case.status == "done":
                break
        assert case.status == "done", [(step.name, step.failure) for step in handling.steps_of(case.id)]
        assert known() == {PIOTR}


def start(restored: Instance) -> Process:
    """The operator's own command, until it says where it is."""
    process = Process("serve", [sys.executable, "-m", "crm360.cli.serve"], restored).start()
    wait_until(lambda: "crm360 is running" in process.log.read_text() or not process.alive(), what="a start")
    assert process.alive(), process.log.read_text()
    return process


def test_the_erased_are_gone_before_the_door_opens(instance: Instance) -> None:
    with house(instance):
        for name, address in (("Anna", ANNA), ("Piotr", PIOTR)):
            by_staff.create(written=Written(fields={"given_name": name}, email=address), by="Ola", now=NOW)
        db.session.commit()
    with copied(instance) as restored:
        erase_anna(instance)
        with house(restored):
            assert known() == {ANNA, PIOTR}
        process = start(restored)
        try:
            told = process.log.read_text()
            assert told.index("erased again: 1 contacts") < told.index("crm360 is running")
        finally:
            process.end()
        listed = restored.folder / "list.csv"
        listed.write_text(f"email,first_name\n{ANNA},Anna\nzoe@example.com,Zoe\n")
        restored.flask("import", "contacts", str(listed), "--source", "newsletter")
        with house(restored):
            assert known() == {PIOTR, "zoe@example.com"}
            assert db.session.scalar(select(Suppression.reason)) == "forgotten"
        if restored.database_url.startswith("sqlite"):
            assert ANNA.encode() not in Path(restored.database_url.removeprefix("sqlite:///")).read_bytes()
        assert restored.json("privacy", "erase-again") == {"contacts": 0}

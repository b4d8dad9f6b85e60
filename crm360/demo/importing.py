"""Brings the demo's files in by the flow that `flask import` uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from crm360.demo import payloads_csv, payloads_mail, shop
from crm360.demo.world import World
from crm360.flows import import_receipts, import_runs, imports
from crm360.flows.imports import Step
from crm360.imports import queries as imported
from crm360.inbox import operations as inbox
from crm360.kernel.db import db

#: What the files do not say of themselves.
_DEFAULTS = {"currency": "PLN", "timezone": "Europe/Warsaw", "region": "PL"}
_CHANNELS = {"contacts": "contacts_csv", "receipts": "pos_csv", "mailbox": "mailbox"}


@dataclass(frozen=True, slots=True)
class File:
    """A file under the name its system gives it, and the source it is kept under."""

    name: str
    source: str
    kind: Literal["contacts", "receipts", "mailbox"]
    write: Callable[[World], bytes]


FILES = (
    File("karty_stalego_klienta.csv", shop.LOYALTY, "contacts", payloads_csv.loyalty_cards),
    File("subscribed_members_export.csv", shop.NEWSLETTER, "contacts", payloads_csv.subscribed),
    File("unsubscribed_members_export.csv", shop.NEWSLETTER, "contacts", payloads_csv.unsubscribed),
    File("kontrahenci.csv", shop.COMPANIES, "contacts", payloads_csv.companies),
    File("paragony.csv", shop.TILLS, "receipts", payloads_csv.receipts),
    File("hello.mbox", shop.MAILBOX, "mailbox", payloads_mail.mbox),
)


class FileRefused(RuntimeError):
    """Rows of a demo file were refused: the demo and the importer have come apart."""


class Written(NamedTuple):
    """A file's content and how many documents it holds."""

    file: File
    content: bytes
    documents: int


def prepare(world: World) -> list[Written]:
    """Write every file, in memory."""
    contents = [(file, file.write(world)) for file in FILES]
    return [Written(file, content, _documents(file, content)) for file, content in contents]


def _documents(file: File, content: bytes) -> int:
    if file.kind == "mailbox":
        return content.count(b"\nMessage-ID: ")
    if file.kind == "receipts":
        return len({line.partition(b";")[0] for line in content.splitlines()[1:]})
    return len(content.splitlines()) - 1


def import_all(files: Sequence[Written], *, now: datetime, done: Callable[[int], None]) -> None:
    """Import every file, committing after each step, and tell `done` how many documents. Raises FileRefused."""
    with TemporaryDirectory() as folder:
        for file, content, documents in files:
            path = Path(folder) / file.name
            path.write_bytes(content)
            if file.kind == "contacts":
                _import_list(file, path, now)
                done(documents)
                continue
            for step in _steps(file, path, now):
                db.session.commit()
                db.session.expunge_all()
                if step.refused:
                    raise FileRefused(f"{file.name}, line {step.refused[0].line_no}: {step.refused[0].reason}")
                done(step.new + step.repeated)


def _import_list(file: File, path: Path, now: datetime) -> None:
    """A customer list by the wizard's engine, resolved at once."""
    folder = path.parent / "kept"
    run = import_runs.begin(
        path, name=file.name, source=file.source, folder=folder, defaults=_DEFAULTS, by="demo", now=now
    )
    import_runs.start(run_id=run.id, now=now)
    with import_runs.closing_driver(run.id, folder=folder, name="demo") as driver:
        import_runs.drive_as(run, "demo", now=now)
        while driver.advance(now=now):
            db.session.commit()
    if problem := next(iter(imported.issues(run.id, limit=1)), None):
        raise FileRefused(f"{file.name}, line {problem.line_no}: {problem.reason}")
    db.session.commit()
    db.session.expunge_all()


def _steps(file: File, path: Path, now: datetime) -> Iterator[Step]:
    source = inbox.ensure_source(name=file.source, channel=_CHANNELS[file.kind], now=now)
    if file.kind == "mailbox":
        return imports.mailbox(path=path, own_addresses=payloads_mail.OWN_ADDRESS, source=source, now=now)
    plan = imports.plan(path, kind="receipts", defaults=_DEFAULTS)
    return import_receipts.receipts(plan=plan, source=source, now=now)

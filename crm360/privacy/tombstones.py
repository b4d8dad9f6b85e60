"""Digests by which the erased are known again, in the database and in a file outside it."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from crm360.consents.digests import digest, key_id
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.privacy.models import Tombstone

Pair = tuple[str, str]


class Mark(NamedTuple):
    """One digest, under which key it was made, and since when its person is erased."""

    digest: str
    key_id: str
    erased_at: datetime


def marks(pairs: Iterable[Pair], *, now: datetime) -> list[Mark]:
    """Tombstones of records (source, id) and addresses (kind, normal), under the key in force."""
    key = dialects.suppression_keys(db.session)[0]
    return [Mark(digest(key, "\0".join(pair)), key_id(key), now) for pair in sorted(set(pairs))]


def keep(*, made: Collection[Mark], case_id: int | None) -> int:
    """Put tombstones into the database; returns how many were new."""
    rows = [{**mark._asdict(), "case_id": case_id} for mark in made]
    return dialects.insert_new(db.session, table_of(Tombstone), rows, ["digest"])


def any_there() -> bool:
    """Whether anybody was ever erased: nothing needs to be digested while not."""
    return db.session.scalar(select(Tombstone.digest).limit(1)) is not None


def erased(pairs: Iterable[Pair]) -> dict[Pair, datetime]:
    """Of these records and addresses, those of the erased, with the moment."""
    by_digest = {made: pair for pair, each in digests(set(pairs)).items() for made in each}
    found: dict[Pair, datetime] = {}
    for some in chunked(by_digest):
        query = select(Tombstone.digest, Tombstone.erased_at).where(Tombstone.digest.in_(some))
        found.update((by_digest[made], at) for made, at in db.session.execute(query))
    return found


def digests(pairs: Iterable[Pair]) -> dict[Pair, set[str]]:
    """The digests of records and addresses, under every key."""
    keys = dialects.suppression_keys(db.session)
    return {pair: {digest(key, "\0".join(pair)) for key in keys} for pair in pairs}


def all_marks() -> list[Mark]:
    """Every tombstone of the database."""
    columns = select(Tombstone.digest, Tombstone.key_id, Tombstone.erased_at)
    return [Mark(*row) for row in db.session.execute(columns.order_by(Tombstone.digest))]


def missing(file: Path, asked: Connection | None = None) -> list[Mark]:
    """Tombstones of the file that are not in the database (`asked`; else the session's): it is older than they are."""
    told, ask = read(file), asked or db.session
    there: set[str] = set()
    for some in chunked([mark.digest for mark in told]):
        there.update(ask.scalars(select(Tombstone.digest).where(Tombstone.digest.in_(some))))
    return [mark for mark in told if mark.digest not in there]


def write(file: Path, made: Collection[Mark]) -> None:
    """Add tombstones to the file, on the disk before this returns. Those it has already are left out."""
    there = {mark.digest for mark in read(file)}
    lines = [_line(mark) for mark in made if mark.digest not in there]
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())


def read(file: Path) -> list[Mark]:
    """Every tombstone of the file; a line cut short by a crash is left out: its erasure is done again."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="ascii").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        found.append(Mark(told["digest"], told["key_id"], datetime.fromisoformat(told["erased_at"])))
    return found


def _line(mark: Mark) -> str:
    at = mark.erased_at.astimezone(UTC).isoformat()
    return json.dumps({"digest": mark.digest, "key_id": mark.key_id, "erased_at": at}) + "\n"

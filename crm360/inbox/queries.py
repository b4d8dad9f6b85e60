"""What waits in the inbox, what is in quarantine, and which sources there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select

from crm360.inbox.models import Payload, Source
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import NotFound

# Written out, not bound: only then do both databases use the partial index that holds just these rows.
WAITING = Payload.state == literal_column("'waiting'")
QUARANTINED = Payload.state == literal_column("'quarantined'")


class PayloadNotFound(NotFound):
    """No payload has this id."""


class SourceNotFound(NotFound):
    """No source has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How full the inbox is."""

    waiting: int
    quarantined: int


class Waiting(NamedTuple):
    """What processing needs of a payload; rows of this kind cost a fraction of mapped objects."""

    id: int
    source_id: int
    channel: str
    dedup_key: str
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes


_COLUMNS = tuple(getattr(Payload, name) for name in Waiting._fields)


def waiting(*, limit: int) -> list[Waiting]:
    """The payloads to process next, in the order they came, locked for this transaction (others skip them)."""
    query = select(*_COLUMNS).where(WAITING).order_by(Payload.id).limit(limit)
    return [Waiting(*row) for row in db.session.execute(query.with_for_update(**dialects.skip_locked(db.session)))]


def waiting_of(*, source_id: int, dedup_keys: Sequence[str]) -> list[Waiting]:
    """Those of a source's payloads that still wait, in the order they came, locked for this transaction."""
    found: list[Waiting] = []
    for keys in chunked(dedup_keys):
        query = select(*_COLUMNS).where(Payload.source_id == source_id, Payload.dedup_key.in_(keys), WAITING)
        query = query.order_by(Payload.id).with_for_update(**dialects.skip_locked(db.session))
        found.extend(Waiting(*row) for row in db.session.execute(query))
    return found


def known(*, source_id: int, dedup_keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Those of a source's payloads that are kept already: key → id, state."""
    found: dict[str, tuple[int, str]] = {}
    for keys in chunked(dedup_keys):
        query = select(Payload.dedup_key, Payload.id, Payload.state)
        query = query.where(Payload.source_id == source_id, Payload.dedup_key.in_(keys))
        found.update((key, (row_id, state)) for key, row_id, state in db.session.execute(query))
    return found


def anything_waiting() -> bool:
    """Whether there is a payload to process."""
    return db.session.scalar(select(Payload.id).where(WAITING).limit(1)) is not None


def quarantined(*, source: str = "", before: int | None = None, limit: int = 50) -> list[Payload]:
    """Unreadable payloads with their reasons, the latest first. `before`: the id of the last one already seen."""
    query = select(Payload).where(QUARANTINED)
    if source:
        query = query.where(Payload.source_id.in_(select(Source.id).where(Source.name == source)))
    if before is not None:
        query = query.where(Payload.id < before)
    return list(db.session.scalars(query.order_by(Payload.id.desc()).limit(limit)))


def counts() -> Counts:
    """How many payloads wait and how many are in quarantine."""
    return Counts(waiting=_count(WAITING), quarantined=_count(QUARANTINED))


def get_payload(payload_id: int) -> Payload:
    """Raises PayloadNotFound."""
    payload: Payload | None = db.session.get(Payload, payload_id)
    if payload is None:
        raise PayloadNotFound(f"There is no payload {payload_id}.")
    return payload


def find_source(name: str) -> Source | None:
    if not name.isprintable():
        return None  # no database column holds such a name
    found: Source | None = db.session.scalar(select(Source).where(Source.name == name))
    return found


class Sender(NamedTuple):
    """What a door must know of a source to check who speaks."""

    id: int
    channel: str
    secret: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]


_SENDER = select(*(getattr(table_of(Source).c, name) for name in Sender._fields)).where(
    table_of(Source).c.name == bindparam("name")
)


def sender(name: str) -> Sender | None:
    """The source of this name as a webhook's door needs it; asked with every delivery, so no object is mapped."""
    row = db.session.connection().execute(_SENDER, {"name": name}).first() if name.isprintable() else None
    return Sender(*row) if row else None


class Awaited(NamedTuple):
    """What a sender waits for: an address to be fetched, or a certificate; "" where it does not."""

    source_id: int
    confirm_url: str
    certificate_url: str


def awaited() -> list[Awaited]:
    """Senders that wait for something to be fetched."""
    rows = db.session.execute(select(Source.id, Source.settings))
    found = [Awaited(row_id, said.get("confirm_url", ""), said.get("certificate_wanted", "")) for row_id, said in rows]
    return [each for each in found if each.confirm_url or each.certificate_url]


def get_source(name: str) -> Source:
    """Raises SourceNotFound."""
    source = find_source(name)
    if source is None:
        raise SourceNotFound(f"There is no source {name!r}.")
    return source


def all_sources() -> list[Source]:
    """Every source by name."""
    return list(db.session.scalars(select(Source).order_by(Source.name)))


def sources_of(ids: set[int]) -> dict[int, Source]:
    """Source id → source."""
    return {source.id: source for source in db.session.scalars(select(Source).where(Source.id.in_(ids)))}


def source_names(ids: set[int]) -> dict[int, str]:
    """Source id → name."""
    rows = db.session.execute(select(Source.id, Source.name).where(Source.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _count(in_state: ColumnElement[bool]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(Payload).where(in_state)))

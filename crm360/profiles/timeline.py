"""The one event log: rooms write a line per thing that happened to a contact, readers page through a customer's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, tuple_

from crm360.identity.models import Contact
from crm360.kernel import bulk, dialects, paging
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.profiles import feed, tones
from crm360.profiles.models import TimelineEntry

MOST_PER_PAGE = 500
#: So many lines a search looks through before it shows what it has.
MOST_LOOKED_THROUGH = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to write. `subject` ("order:17") names the row that holds the structure: one line each, the last counts."""

    contact_id: int
    kind: str
    occurred_at: datetime
    title: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    payload_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A line as read. `home_profile_id` is the profile its contact was in first: another one means "merged in"."""

    id: int
    contact_id: int
    kind: str
    occurred_at: datetime
    title: str
    properties: Mapping[str, Any]
    subject: str | None
    payload_id: int | None
    source: str
    home_profile_id: int | None

    @property
    def group(self) -> str:
        """What a reader filters by: the kind before its dot."""
        return self.kind.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next_cursor` is None on the last page."""

    entries: list[Event]
    next_cursor: str | None


def note(*, entries: Sequence[Entry], now: datetime) -> None:
    """Write lines. A line whose subject is there already overwrites it, so the same fact again changes nothing."""
    plain = [_row(entry, now) for entry in entries if entry.subject is None]
    named = {entry.subject: _row(entry, now) for entry in entries if entry.subject is not None}
    tones.stand(list(named.values()))
    bulk.insert_rows(db.session, table_of(TimelineEntry), plain)
    dialects.upsert(db.session, table_of(TimelineEntry), list(named.values()), ["subject"])
    spoken = {entry.contact_id for entry in entries if entry.kind.startswith("consent.")}
    feed.mark_contacts(spoken, now=now, cause="consent")
    feed.mark_contacts({entry.contact_id for entry in entries} - spoken, now=now)


def forget(*, subjects: Collection[str], now: datetime) -> None:
    """Lines of what was taken back, by their subjects; whoever they were of is looked at again."""
    for some in chunked(subjects):
        of = TimelineEntry.subject.in_(some)
        feed.mark_contacts(db.session.scalars(select(TimelineEntry.contact_id).where(of)).all(), now=now)
        db.session.execute(delete(TimelineEntry).where(of))


def page(
    *,
    profile_id: int,
    groups: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of everything that happened to a profile's contacts, newest first.

    `groups` ("order") and `kinds` ("message.in") widen each other; none of either means all. `since` is inclusive,
    `until` exclusive; `before` is the previous page's `next_cursor`. Raises BadCursor.
    """
    limit = max(1, min(limit, MOST_PER_PAGE))
    wanted = [*_of_profile(profile_id), *_kind_filter(groups, kinds), *_time_filter(since, until, before)]
    found = db.session.execute(_page_statement(wanted, limit + 1)).all()
    events = [Event(*row) for row in found[:limit]]
    more = len(found) > limit
    return Page(events, paging.encode(events[-1].occurred_at, events[-1].id) if more else None)


def search(
    *,
    profile_id: int,
    matches: Callable[[Event], bool],
    groups: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the lines that `matches` holds of, newest first, of MOST_LOOKED_THROUGH; the next goes on behind the last one."""
    found: list[Event] = []
    for _ in range(MOST_LOOKED_THROUGH // MOST_PER_PAGE):
        seen = page(profile_id=profile_id, groups=groups, since=since, until=until, before=before, limit=MOST_PER_PAGE)
        for event in seen.entries:
            if matches(event):
                found.append(event)
                if len(found) == limit:
                    return Page(found, paging.encode(event.occurred_at, event.id))
        before = seen.next_cursor
        if before is None:
            break
    return Page(found, before)


def counts(profile_id: int) -> dict[str, int]:
    """How many lines a profile has in each group."""
    statement = select(TimelineEntry.kind, func.count()).where(*_of_profile(profile_id)).group_by(TimelineEntry.kind)
    per_group: Counter[str] = Counter()
    for kind, count in db.session.execute(statement):
        per_group[kind.partition(".")[0]] += count
    return dict(per_group)


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "contact_id": entry.contact_id,
        "kind": entry.kind,
        "occurred_at": entry.occurred_at,
        "recorded_at": now,
        "title": entry.title,
        "properties": entry.properties,
        "subject": entry.subject,
        "payload_id": entry.payload_id,
    }


def _page_statement(wanted: list[ColumnElement[bool]], limit: int) -> Any:
    """The ids come from the index alone; only the rows shown are read."""
    newest = (TimelineEntry.occurred_at.desc(), TimelineEntry.id.desc())
    ids = select(TimelineEntry.id).where(*wanted).order_by(*newest).limit(limit).subquery()
    columns = (
        TimelineEntry.id,
        TimelineEntry.contact_id,
        TimelineEntry.kind,
        TimelineEntry.occurred_at,
        TimelineEntry.title,
        TimelineEntry.properties,
        TimelineEntry.subject,
        TimelineEntry.payload_id,
        Contact.source,
        Contact.home_profile_id,
    )
    joined = select(*columns).join(ids, ids.c.id == TimelineEntry.id)
    return joined.join(Contact, Contact.id == TimelineEntry.contact_id).order_by(*newest)


def _of_profile(profile_id: int) -> list[ColumnElement[bool]]:
    return [TimelineEntry.contact_id.in_(select(Contact.id).where(Contact.profile_id == profile_id))]


def _kind_filter(groups: Sequence[str], kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [TimelineEntry.kind.startswith(f"{group}.", autoescape=True) for group in groups]
    if kinds:
        asked.append(TimelineEntry.kind.in_(kinds))
    return [or_(*asked)] if asked else []


def _time_filter(since: datetime | None, until: datetime | None, before: str | None) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if since:
        asked.append(TimelineEntry.occurred_at >= since)
    if until:
        asked.append(TimelineEntry.occurred_at < until)
    if before:
        at, row_id = paging.moment(before)
        asked.append(tuple_(TimelineEntry.occurred_at, TimelineEntry.id) < tuple_(at, row_id))
    return asked

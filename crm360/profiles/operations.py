"""Keeps golden records and the search index true to the contacts; notes, tags and pins people add."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.errors import Invalid
from crm360.normalise import text
from crm360.profiles import (
    collating,
    composing,
    feed,
    pinning,
    queries,
    search_index,
    search_terms,
    survivorship,
    tagging,
    timeline,
)
from crm360.profiles.models import GoldenRecord, Note, Pin, Tag, TimelineEntry
from crm360.profiles.statements import Known, Told

_BATCH = 500
LONGEST_NOTE = 20_000
_TITLE = 120


class BadNote(Invalid):
    """The text cannot be a note."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"body": [reason]})


def refresh(*, profile_ids: Collection[int], now: datetime, trust: Sequence[str] | None = None) -> None:
    """Recompute golden records and search terms of these profiles; drop those of profiles without contacts.

    `trust` names sources, the most trusted first, for fields that ask whom to believe; None: as this installation's
    setting TRUSTED_SOURCES says.
    """
    ordered = sorted(set(profile_ids))
    trust = dialects.trusted_sources(db.session) if trust is None else trust
    for start in range(0, len(ordered), _BATCH):
        _refresh(ordered[start : start + _BATCH], now, trust)


def add_note(*, profile_id: int, body: str, by: str, now: datetime) -> Note:
    """Write a note about a customer, and its line on the timeline. Raises BadNote, ProfileNotFound."""
    note = Note(contact_id=identity.anchor(profile_id), body=_note_body(body), written_at=now, written_by=by)
    db.session.add(note)
    db.session.flush()
    _note_line(note, now)
    return note


def change_note(*, note_id: int, body: str, now: datetime) -> Note:
    """Give a note another text; who wrote it and when stays. Raises BadNote, NoSuchNote."""
    note = queries.get_note(note_id)
    note.body = _note_body(body)
    db.session.flush()
    _note_line(note, now)
    return note


def remove_note(*, note_id: int) -> None:
    """Delete a note and its line on the timeline. Raises NoSuchNote."""
    db.session.delete(queries.get_note(note_id))
    db.session.execute(delete(TimelineEntry).where(TimelineEntry.subject == f"note:{note_id}"))
    db.session.flush()


def set_tag(*, profile_id: int, name: str, by: str, now: datetime) -> Tag:
    """Put a tag on a customer; the one they have in any spelling stays as it is. Raises BadTag, ProfileNotFound."""
    contact_id = identity.anchor(profile_id)
    written = tagging.written(name, existing=db.session.scalars(select(Tag.name).distinct().order_by(Tag.name)))
    for tag in queries.tags(profile_id):
        if tagging.same(tag.name, written):
            return tag
    tag = Tag(contact_id=contact_id, name=written, set_at=now, set_by=by)
    db.session.add(tag)
    db.session.flush()
    properties = {"tag": written, "by": by}
    timeline.note(
        # no subject: SQLite gives the number of a tag taken off to the next one, whose line would take the place of the old
        entries=[timeline.Entry(contact_id, "tag.set", now, written, properties)],
        now=now,
    )
    return tag


def remove_tag(*, profile_id: int, name: str, by: str, now: datetime, only_of: str = "") -> bool:
    """Take a tag, in any spelling, off all contacts of a customer; whether there was one. `only_of`: put by them."""
    contact_ids = select(Contact.id).where(Contact.profile_id == profile_id)
    found = db.session.scalars(select(Tag).where(Tag.contact_id.in_(contact_ids))).all()
    gone = [tag for tag in found if tagging.same(tag.name, name) and only_of in ("", tag.set_by)]
    for tag in gone:
        db.session.delete(tag)
    db.session.flush()
    properties = {"tag": name, "by": by}
    lines = [timeline.Entry(tag.contact_id, "tag.removed", now, tag.name, properties) for tag in gone]
    timeline.note(entries=lines, now=now)
    return bool(gone)


def pin(*, profile_id: int, field: str, value: str, by: str, now: datetime) -> str:
    """Let `value` stand for a field, whatever sources say; returns it as kept. Raises BadPin, ProfileNotFound."""
    kept = pinning.written(field, value)
    _pin(profile_id, field, kept, by, now)
    return kept


def unpin(*, profile_id: int, field: str, by: str, now: datetime) -> bool:
    """Let sources be heard again on a field; whether it was pinned. Raises BadPin, ProfileNotFound."""
    pinning.check_field(field)
    pinned = field in queries.pins([profile_id]).get(profile_id, {})
    if pinned:
        _pin(profile_id, field, "", by, now)
    return pinned


def _pin(profile_id: int, field: str, value: str, by: str, now: datetime) -> None:
    anchor = identity.anchor(profile_id)
    db.session.add(Pin(contact_id=anchor, field=field, value=value, pinned_at=now, pinned_by=by))
    db.session.flush()
    refresh(profile_ids=[profile_id], now=now)
    feed.mark([profile_id], now=now)


def _note_body(body: str) -> str:
    cleaned = body.replace("\r\n", "\n").strip()
    if not cleaned:
        raise BadNote("A note needs some text.")
    if len(cleaned) > LONGEST_NOTE:
        raise BadNote(f"A note has at most {LONGEST_NOTE} characters.")
    return cleaned


def _note_line(note: Note, now: datetime) -> None:
    title = note.body.partition("\n")[0][:_TITLE]
    properties = {"by": note.written_by}
    line = timeline.Entry(note.contact_id, "note.written", note.written_at, title, properties, f"note:{note.id}")
    timeline.note(entries=[line], now=now)


def _refresh(profile_ids: list[int], now: datetime, trust: Sequence[str]) -> None:
    held = composing.held(profile_ids)
    pins, rules = queries.pins(profile_ids), composing.rules_in_force()
    rows = []
    for profile_id in held.contacts:
        record = held.record(profile_id, trust=trust, pins=pins.get(profile_id, {}), rules=rules)
        keys = {
            "name_key": collating.name_key(record), "city_key": text.fold(record.city),
            "country_key": collating.country_of_fields(record.fields),
        }  # fmt: skip
        rows.append({"profile_id": profile_id, **record._asdict(), **keys, "refreshed_at": now})
    dialects.upsert(db.session, GoldenRecord.__table__, rows, ["profile_id"])
    _drop(set(profile_ids) - held.contacts.keys())
    _index((told for group in held.contacts.values() for told in group), held.identifiers, pins.values())


def _drop(profile_ids: set[int]) -> None:
    if profile_ids:
        db.session.execute(delete(GoldenRecord).where(GoldenRecord.profile_id.in_(profile_ids)))


def _index(
    contacts: Iterable[Told], known: Mapping[int, list[Known]], pins: Iterable[Mapping[str, survivorship.Pinned]]
) -> None:
    terms = {
        contact.contact_id: search_terms.of_contact(
            contact.fields, ((each.kind, each.value, each.normal) for each in known.get(contact.contact_id, ()))
        )
        for contact in contacts
    }
    for pinned in pins:
        for field, pin in pinned.items():
            terms[pin.contact_id] |= search_terms.of_contact({field: {"value": pin.value}}, ())
    search_index.set_terms(terms)

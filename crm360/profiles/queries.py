"""Golden records, notes and tags as pages ask for them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select

from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.normalise import text
from crm360.profiles import composing
from crm360.profiles.models import GoldenRecord, Note, Pin, Tag
from crm360.profiles.survivorship import Pinned


class NoSuchNote(NotFound):
    """The note is gone, or was never there."""

    def __init__(self, note_id: int) -> None:
        super().__init__(f"There is no note {note_id}.")


def golden(profile_ids: Collection[int]) -> dict[int, GoldenRecord]:
    """Golden records by profile id, made for the moment where the refresh is still to come; ids of nobody are left out."""
    found = db.session.scalars(select(GoldenRecord).where(GoldenRecord.profile_id.in_(profile_ids)))
    records = {record.profile_id: record for record in found}
    missing = composing.records(set(profile_ids) - records.keys())
    return records | {number: GoldenRecord(profile_id=number, **record._asdict()) for number, record in missing.items()}


def contested(profile_ids: Collection[int]) -> set[int]:
    """Those of whose golden record some field could show another value."""
    found: set[int] = set()
    for some in chunked(profile_ids):
        query = select(GoldenRecord.profile_id, GoldenRecord.fields).where(GoldenRecord.profile_id.in_(some))
        found |= {each for each, fields in db.session.execute(query) if any(told["others"] for told in fields.values())}
    return found


def values(profile_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """profile → field → value, of those that have a golden record, as it stands in the database now."""
    found: dict[int, dict[str, str]] = {}
    for some in chunked(profile_ids):
        query = select(GoldenRecord.profile_id, GoldenRecord.fields).where(GoldenRecord.profile_id.in_(some))
        for profile_id, fields in db.session.execute(query):
            found[profile_id] = {name: told["value"] for name, told in fields.items()}
    return found


def notes(profile_id: int) -> list[Note]:
    """A customer's notes, the latest first."""
    statement = select(Note).where(Note.contact_id.in_(_contact_ids(profile_id)))
    return list(db.session.scalars(statement.order_by(Note.written_at.desc(), Note.id.desc())))


def tags(profile_id: int) -> list[Tag]:
    """A customer's tags by name; one set on several of their contacts counts once, as set first."""
    statement = select(Tag).where(Tag.contact_id.in_(_contact_ids(profile_id))).order_by(Tag.set_at, Tag.id)
    first: dict[str, Tag] = {}
    for tag in db.session.scalars(statement):
        first.setdefault(tag.name.casefold(), tag)
    return sorted(first.values(), key=lambda tag: (text.fold(tag.name), tag.name))


def pins(profile_ids: Collection[int]) -> dict[int, dict[str, Pinned]]:
    """What staff pinned, by profile and field: of a field pinned several times, or on several contacts, the latest."""
    newest_last = select(Contact.profile_id, Pin).join(Contact, Contact.id == Pin.contact_id)
    statement = newest_last.where(Contact.profile_id.in_(profile_ids)).order_by(Pin.pinned_at, Pin.id)
    found: dict[int, dict[str, Pinned]] = {}
    for profile_id, pin in db.session.execute(statement):
        found.setdefault(profile_id, {})[pin.field] = Pinned(pin.value, pin.contact_id, pin.pinned_at, pin.pinned_by)
    return {of: {field: pin for field, pin in fields.items() if pin.value} for of, fields in found.items()}


def tag_names(*, beginning: str = "", limit: int = 20) -> list[str]:
    """Names of tags in use of which some word begins so, the most used first; diacritics do not matter."""
    statement = select(Tag.name, func.count()).group_by(Tag.name).order_by(func.count().desc(), Tag.name)
    sought = text.fold(beginning)
    named = (name for name, _ in db.session.execute(statement))
    return [name for name in named if f" {text.fold(name)}".find(f" {sought}") >= 0][:limit]


def all_tag_names() -> list[str]:
    """Names of tags in use, in every spelling there is."""
    return list(db.session.scalars(select(Tag.name).distinct().order_by(Tag.name)))


def tags_of(profile_ids: Collection[int]) -> dict[int, list[str]]:
    """profile → names of its tags, each once; profiles without any are left out."""
    query = select(Contact.profile_id, Tag.name).join(Tag, Tag.contact_id == Contact.id)
    found: dict[int, dict[str, str]] = {}
    for profile_id, name in db.session.execute(
        query.where(Contact.profile_id.in_(profile_ids)).order_by(Tag.set_at, Tag.id)
    ):
        found.setdefault(profile_id, {}).setdefault(name.casefold(), name)
    return {profile_id: sorted(names.values(), key=text.fold) for profile_id, names in found.items()}


def get_note(note_id: int) -> Note:
    """A note. Raises NoSuchNote."""
    note = db.session.get(Note, note_id)
    if note is None:
        raise NoSuchNote(note_id)
    return note


def _contact_ids(profile_id: int) -> Select[int]:
    return select(Contact.id).where(Contact.profile_id == profile_id)

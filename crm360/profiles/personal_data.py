"""How what people read about a person goes."""

from __future__ import annotations

from sqlalchemy import delete, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom
from crm360.profiles import search_index
from crm360.profiles.models import GoldenRecord, Note, Pin, Tag, TimelineEntry, WaitingTerm


def erase_golden_records(whom: Whom) -> None:
    """Derived, so a profile that keeps other contacts gets a new one at the next refresh."""
    profiles = select(Contact.profile_id).where(Contact.id.in_(whom.contact_ids), Contact.profile_id.is_not(None))
    db.session.execute(delete(GoldenRecord).where(GoldenRecord.profile_id.in_(profiles)))


def erase_search_terms(whom: Whom) -> None:
    """The words go, and the misspellings of words that nobody else bears."""
    search_index.forget(whom.contact_ids)


def erase_waiting_terms(whom: Whom) -> None:
    db.session.execute(delete(WaitingTerm).where(WaitingTerm.contact_id.in_(whom.contact_ids)))


def erase_timeline(whom: Whom) -> None:
    db.session.execute(delete(TimelineEntry).where(TimelineEntry.contact_id.in_(whom.contact_ids)))


def erase_tags(whom: Whom) -> None:
    db.session.execute(delete(Tag).where(Tag.contact_id.in_(whom.contact_ids)))


def erase_notes(whom: Whom) -> None:
    db.session.execute(delete(Note).where(Note.contact_id.in_(whom.contact_ids)))


def erase_pins(whom: Whom) -> None:
    db.session.execute(delete(Pin).where(Pin.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {
    "profiles_golden_record": erase_golden_records,
    "profiles_search_term": erase_search_terms,
    "profiles_search_variant": erase_search_terms,
    "profiles_waiting_term": erase_waiting_terms,
    "profiles_timeline_entry": erase_timeline,
    "profiles_tag": erase_tags,
    "profiles_note": erase_notes,
    "profiles_pin": erase_pins,
}
KEEPS: Keeps = {"profiles_field_rule": "how a field is chosen; says nothing of anybody"}

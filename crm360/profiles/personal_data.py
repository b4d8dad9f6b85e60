"""How what people read about a person goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.profiles import search_index
from crm360.profiles.models import (
    GoldenRecord,
    Mark,
    Note,
    Pin,
    SearchTerm,
    SearchVariant,
    Tag,
    TimelineEntry,
    Tone,
    WaitingTerm,
)


def erase_golden_records(whom: Whom) -> None:
    """Derived, so a profile that keeps other contacts gets a new one at the next refresh."""
    db.session.execute(delete(GoldenRecord).where(GoldenRecord.profile_id.in_(_profiles(whom))))


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


def erase_tones(whom: Whom) -> None:
    db.session.execute(delete(Tone).where(Tone.contact_id.in_(whom.contact_ids)))


def erase_pins(whom: Whom) -> None:
    db.session.execute(delete(Pin).where(Pin.contact_id.in_(whom.contact_ids)))


def erase_marks(whom: Whom) -> None:
    db.session.execute(delete(Mark).where(Mark.profile_id.in_(_profiles(whom))))


ERASERS: Erasers = {
    "profiles_golden_record": erase_golden_records,
    "profiles_search_term": erase_search_terms,
    "profiles_search_variant": erase_search_terms,
    "profiles_waiting_term": erase_waiting_terms,
    "profiles_timeline_entry": erase_timeline,
    "profiles_tag": erase_tags,
    "profiles_note": erase_notes,
    "profiles_tone": erase_tones,
    "profiles_pin": erase_pins,
    "profiles_mark": erase_marks,
}
KEEPS: Keeps = {"profiles_field_rule": "how a field is chosen; says nothing of anybody"}
COLUMNS: Columns = {
    "profiles_golden_record": {
        "link": "profile_id",
        "identity": "display_name city name_key city_key country_key fields",
        "time": "refreshed_at",
    },
    "profiles_timeline_entry": {
        "link": "id contact_id payload_id subject",
        "behaviour": "title properties",
        "kind": "kind",
        "time": "occurred_at recorded_at",
    },
    "profiles_tag": {"link": "id contact_id", "conclusions": "name", "time": "set_at", "staff": "set_by"},
    "profiles_tone": {"link": "subject contact_id", "remarks": "tone", "time": "said_at", "staff": "said_by"},
    "profiles_note": {"link": "id contact_id", "remarks": "body", "time": "written_at", "staff": "written_by"},
    "profiles_pin": {
        "link": "id contact_id",
        "identity": "value",
        "kind": "field",
        "time": "pinned_at",
        "staff": "pinned_by",
    },
    "profiles_mark": {"link": "id profile_id", "kind": "cause", "time": "at"},
    "profiles_field_rule": {"settings": "field rule set_at applied_at", "staff": "set_by"},
    "profiles_search_term": {"conclusions": "term", "kind": "kind", "link": "contact_id"},
    "profiles_search_variant": {"conclusions": "variant word"},
    "profiles_waiting_term": {"conclusions": "term", "kind": "kind segment", "link": "contact_id"},
}


def _profiles(whom: Whom) -> Any:
    return select(Contact.profile_id).where(Contact.id.in_(whom.contact_ids), Contact.profile_id.is_not(None))


def _words(whom: Whom) -> Any:
    return select(SearchTerm.term).where(SearchTerm.contact_id.in_(whom.contact_ids))


ROWS: Rows = {
    "profiles_golden_record": lambda whom: GoldenRecord.profile_id.in_(_profiles(whom)),
    "profiles_timeline_entry": lambda whom: TimelineEntry.contact_id.in_(whom.contact_ids),
    "profiles_tag": lambda whom: Tag.contact_id.in_(whom.contact_ids),
    "profiles_tone": lambda whom: Tone.contact_id.in_(whom.contact_ids),
    "profiles_note": lambda whom: Note.contact_id.in_(whom.contact_ids),
    "profiles_pin": lambda whom: Pin.contact_id.in_(whom.contact_ids),
    "profiles_mark": lambda whom: Mark.profile_id.in_(_profiles(whom)),
    "profiles_search_term": lambda whom: SearchTerm.contact_id.in_(whom.contact_ids),
    "profiles_search_variant": lambda whom: SearchVariant.word.in_(_words(whom)),
    "profiles_waiting_term": lambda whom: WaitingTerm.contact_id.in_(whom.contact_ids),
}

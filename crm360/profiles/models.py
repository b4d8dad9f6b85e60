"""Tables of the customer as people read it. All but notes, tags and pins can be dropped and rebuilt from facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class GoldenRecord(Base):
    """One value per field chosen from a profile's contacts, each with where it came from. Derived."""

    __tablename__ = "profiles_golden_record"
    __table_args__ = (Index(None, "name_key", "profile_id"), Index(None, "city_key"), Index(None, "country_key"))

    profile_id: Mapped[int] = mapped_column(ForeignKey("identity_profile.id"), primary_key=True, autoincrement=False)
    display_name: Mapped[str] = mapped_column(String, default="")
    city: Mapped[str] = mapped_column(String, default="")
    #: What lists are ordered by (see `collating`), the city without accents and capitals, and the country (see `collating.country_key`).
    name_key: Mapped[str] = mapped_column(
        String(collation="C").with_variant(String(), "sqlite"), default="", server_default=""
    )
    city_key: Mapped[str] = mapped_column(String, default="", server_default="")
    country_key: Mapped[str] = mapped_column(String, default="", server_default="")
    #: field name → {"value", "source", "contact_id", "at", "rule", "others": [{"value", "source", "contact_id", "at"}]};
    #: of a pinned value `source` is "staff", and "by" says who.
    fields: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TimelineEntry(Base):
    """Something that happened to a contact: one append-only row per event, read by timeline, segments, insights."""

    __tablename__ = "profiles_timeline_entry"
    __table_args__ = (
        Index(None, "contact_id", "occurred_at", "id"),
        Index(None, "kind", "occurred_at", "contact_id"),  # grows at the end of each kind; segments read nothing else
        UniqueConstraint("subject", name="uq_profiles_timeline_entry_subject"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"))
    #: Dotted: the part before the dot is the group a reader filters by (order, cart, message, consent, page, …).
    kind: Mapped[str] = mapped_column(String)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str] = mapped_column(String, default="")
    properties: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: "<kind>:<id>" of the row that holds the structure ("order:17"), one entry each; None for plain behaviour.
    subject: Mapped[str | None] = mapped_column(String)
    #: The raw payload it came from.
    payload_id: Mapped[int | None] = mapped_column(BigId)


class Tag(Base):
    """A label a person put on a customer. Hangs on a contact, so an undone merge gives it back."""

    __tablename__ = "profiles_tag"
    __table_args__ = (UniqueConstraint("contact_id", "name"), Index(None, "name"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"))
    name: Mapped[str] = mapped_column(String)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)


class Note(Base):
    """What a person wrote about a customer. Hangs on a contact, so an undone merge gives it back."""

    __tablename__ = "profiles_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    body: Mapped[str] = mapped_column(String)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by: Mapped[str] = mapped_column(String)


class Tone(Base):
    """What a colleague said a line of the timeline sounds like, whatever was guessed; by what the line is of."""

    __tablename__ = "profiles_tone"

    #: As in TimelineEntry: "message:17".
    subject: Mapped[str] = mapped_column(String, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: negative, neutral, positive
    tone: Mapped[str] = mapped_column(String)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    said_by: Mapped[str] = mapped_column(String)


class Pin(Base):
    """A value a person chose for a field. Hangs on a contact, so an undone merge gives it back; the newest row counts."""

    __tablename__ = "profiles_pin"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    field: Mapped[str] = mapped_column(String)
    #: Empty: unpinned, what sources say counts again.
    value: Mapped[str] = mapped_column(String)
    pinned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pinned_by: Mapped[str] = mapped_column(String)


class FieldRule(Base):
    """How the value of a field is chosen among sources, where an administrator said otherwise than is usual."""

    __tablename__ = "profiles_field_rule"

    field: Mapped[str] = mapped_column(String, primary_key=True)
    rule: Mapped[str] = mapped_column(String)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)
    #: When every golden record had been chosen by it; None while that waits.
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SearchTerm(Base):
    """A folded word, number or address by which a contact is found; a fragment finds it by prefix. Derived."""

    __tablename__ = "profiles_search_term"
    __table_args__ = (Index(None, "contact_id", "term"), {"sqlite_with_rowid": False})

    term: Mapped[str] = mapped_column(String(collation="C").with_variant(String(), "sqlite"), primary_key=True)
    #: name, city, company, email, phone (national digits), card, order, id; phone_tail, card_tail … are reversed.
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False)


class SearchVariant(Base):
    """A name word with letters left out → the word, so that a misspelt word still finds it. Derived."""

    __tablename__ = "profiles_search_variant"
    __table_args__ = ({"sqlite_with_rowid": False},)

    variant: Mapped[str] = mapped_column(String(collation="C").with_variant(String(), "sqlite"), primary_key=True)
    word: Mapped[str] = mapped_column(String, primary_key=True)


class WaitingTerm(Base):
    """The same of contacts that wait to be resolved, until they have been; written and dropped by the segment. Derived.

    Rows only ever come at the end: terms in their own order would touch the whole index with each batch.
    """

    __tablename__ = "profiles_waiting_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    segment: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    term: Mapped[str] = mapped_column(String(collation="C").with_variant(String(), "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class Mark(Base):
    """A customer something happened to, for whoever derives from it (see `feed`); gone when worked off."""

    __tablename__ = "profiles_mark"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    profile_id: Mapped[int] = mapped_column(BigId)
    #: data, consent
    cause: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

"""The consent ledger: append-only statements, one per act or claim; and the addresses nobody may write to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Statement(Base):
    """What was said about one address, one purpose, one channel. Keyed by the address, never by the profile."""

    __tablename__ = "consents_statement"
    __table_args__ = (
        UniqueConstraint("source", "statement_id"),
        Index(None, "identifier_kind", "identifier_normal"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    identifier_kind: Mapped[str] = mapped_column(String)
    identifier_value: Mapped[str] = mapped_column(String)
    identifier_normal: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String)
    #: The source's own id of the act, or a digest of the statement; makes repeats harmless.
    statement_id: Mapped[str] = mapped_column(String)
    method: Mapped[str] = mapped_column(String, default="")
    evidence_grade: Mapped[str] = mapped_column(String, default="D")
    notice: Mapped[str] = mapped_column(String, default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    payload_id: Mapped[int | None] = mapped_column(BigId)
    #: State "invalidated": the statement that counts no more.
    invalidates_id: Mapped[int | None] = mapped_column(BigId)


class Suppression(Base):
    """An address nobody may write to any more, kept as a keyed digest: it outlives the person it was of."""

    __tablename__ = "consents_suppression"
    __table_args__ = (UniqueConstraint("digest", "key_id", "channel", "reason", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: HMAC-SHA-256 of the normalised address, in hex.
    digest: Mapped[str] = mapped_column(String)
    #: Which key made the digest.
    key_id: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    #: complained, hard_bounced, unsubscribed
    reason: Mapped[str] = mapped_column(String)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String, default="")
    payload_id: Mapped[int | None] = mapped_column(BigId, index=True)


class PurposeVersion(Base):
    """One version of a purpose, final once written; the highest that is in effect counts. Fields as in `purposes`."""

    __tablename__ = "consents_purpose"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String)
    version: Mapped[int] = mapped_column()
    #: names, basis, channels, categories, recipients, retention, … (see purposes.Purpose)
    definition: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    effective_from: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)


class Notice(Base):
    """One version of a text people are shown when they are asked, in one language; final once written."""

    __tablename__ = "consents_notice"
    __table_args__ = (UniqueConstraint("code", "version", "locale"), Index(None, "text_sha256"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String)
    version: Mapped[int] = mapped_column()
    locale: Mapped[str] = mapped_column(String)
    purposes: Mapped[list[str]] = mapped_column(JsonValue)
    text: Mapped[str] = mapped_column(String)
    text_sha256: Mapped[str] = mapped_column(String)
    controller: Mapped[str] = mapped_column(String, default="")
    withdrawal: Mapped[str] = mapped_column(String, default="")
    policy_url: Mapped[str] = mapped_column(String, default="")
    effective_from: Mapped[datetime] = mapped_column(UtcDateTime)
    effective_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    approved_by: Mapped[str] = mapped_column(String, default="")


class Stop(Base):
    """What keeps us from using an address or from speaking to a person at all, whatever they consented to.

    Of a person it hangs on one of their contacts, so after a merge every stop of both counts and after a split each
    keeps its own. Final once written; lifted by a row.
    """

    __tablename__ = "consents_stop"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: restriction, objection_marketing, objection_interests, minor, deceased, erased, conflict
    kind: Mapped[str] = mapped_column(String)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ground: Mapped[str] = mapped_column(String, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(String)


class StopLifted(Base):
    """A stop that counts no more, and on whose word."""

    __tablename__ = "consents_stop_lifted"

    stop_id: Mapped[int] = mapped_column(ForeignKey("consents_stop.id"), primary_key=True, autoincrement=False)
    lifted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")


class Checkpoint(Base):
    """The tree over the ledger as it stood: how many statements, their root, signed. Kept for ever."""

    __tablename__ = "consents_checkpoint"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String)
    #: Roots of the perfect subtrees in hex: what the next checkpoint goes on from.
    peaks: Mapped[list[str]] = mapped_column(JsonValue)
    note: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Tenure(Base):
    """Whose an address was, and when: one holder after another, each under a pseudonym of its own.

    A number that passes to another person begins a new tenure; what was said in an earlier one counts no more.
    """

    __tablename__ = "consents_tenure"
    __table_args__ = (
        Index("uq_consents_tenure_current", "kind", "normal", unique=True, sqlite_where=text("until IS NULL"),
              postgresql_where=text("until IS NULL")),
    )  # fmt: skip

    #: 128 random bits in hex; the ledger knows the holder of an address by nothing else.
    subject_key: Mapped[str] = mapped_column(String, primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    normal: Mapped[str] = mapped_column(String)
    #: None: since we know of the address.
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String, default="")
    #: A contact of whom the address passed to; None: nobody we know yet, or the first holder.
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    noted_by: Mapped[str] = mapped_column(String, default="")


class Leaf(Base):
    """What stays of a statement for ever: its header without personal data, and a commitment to the rest.

    Neither changed nor deleted, not even by an erasure. `tree_index` counts from 0 without a gap.
    """

    __tablename__ = "consents_leaf"

    tree_index: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    header: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    #: SHA-256 in hex of the header and of the salted personal part (see `commitments`).
    header_hash: Mapped[str] = mapped_column(String)
    commitment: Mapped[str] = mapped_column(String)


class Opening(Base):
    """What opens the commitment of a statement: goes with the statement when the person is erased."""

    __tablename__ = "consents_opening"

    statement_id: Mapped[int] = mapped_column(
        ForeignKey("consents_statement.id"), primary_key=True, autoincrement=False
    )
    tree_index: Mapped[int] = mapped_column(BigId, unique=True)
    salt: Mapped[str] = mapped_column(String)


class Attachment(Base):
    """A paper or a recording that proves what staff wrote down; its digest is in the statement, the file goes with the person."""

    __tablename__ = "consents_attachment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    name: Mapped[str] = mapped_column(String)
    content_type: Mapped[str] = mapped_column(String)
    sha256: Mapped[str] = mapped_column(String, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_by: Mapped[str] = mapped_column(String)

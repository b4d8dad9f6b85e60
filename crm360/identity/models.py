"""Tables of who is who. Facts elsewhere point at a contact; only `Contact.profile_id` says which profile that is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Profile(Base):
    """The id of one unified customer: a set of contacts, and nothing that could not be computed from them."""

    __tablename__ = "identity_profile"
    __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never given twice

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Redirect(Base):
    """A profile id that is out of use, and where its customer is now. Removed when an undo brings the id back."""

    __tablename__ = "identity_redirect"

    profile_id: Mapped[int] = mapped_column(ForeignKey("identity_profile.id"), primary_key=True, autoincrement=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("identity_profile.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Contact(Base):
    """One source's view of one customer (a source record). `fields` as the source wrote them, with the time of each."""

    __tablename__ = "identity_contact"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(None, "id", "profile_id"),  # whose a fact is, without reading the record: segments ask it of every event
        Index(None, "profile_id", "anonymous"),  # a profile's records by it alone
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String)
    external_id: Mapped[str] = mapped_column(String)
    #: None: an anonymous visitor whom no evidence names yet.
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("identity_profile.id"))
    #: The first profile it ever was in; an undo brings that id back.
    home_profile_id: Mapped[int | None] = mapped_column(ForeignKey("identity_profile.id"))
    anonymous: Mapped[bool] = mapped_column(default=False)
    #: field name → {"value": str, "at": ISO time of the statement, "said": which statement of that moment}
    fields: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: What the source itself calls this customer (tags of a shop, groups of a mailing list).
    source_tags: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    source_tags_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Normalised fields and identifiers as compared; derived from the two above.
    compared: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Unresolved(Base):
    """A contact whose fields are newer than its compared form: it waits to be resolved. Gone when it has been."""

    __tablename__ = "identity_unresolved"

    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False)


class ContactIdentifier(Base):
    """An e-mail, phone, card or id a contact came with. `normal` is the form compared; `value` the form shown."""

    __tablename__ = "identity_identifier"
    __table_args__ = (
        UniqueConstraint("kind", "normal", "contact_id"),  # who carries a value is read from it alone
        # Whether somebody has an address of a kind; by the contact alone, SQLite read everybody's addresses of the kind instead.
        Index(None, "contact_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"))
    kind: Mapped[str] = mapped_column(String)
    value: Mapped[str] = mapped_column(String)
    normal: Mapped[str] = mapped_column(String)
    verified: Mapped[bool] = mapped_column(default=False)
    #: Until a source shows another as current: a customer's earlier address stays findable and stays evidence.
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockingKey(Base):
    """Contacts that share a key are compared. Derived from `Contact.compared` by the rules of the model in force.

    No foreign key, and numbers for keys: a dozen rows are written for each arriving contact.
    """

    __tablename__ = "identity_blocking_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    #: 64 bits of a hash of the rule and the values.
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class GroupKey(Base):
    """Customers who share a key may be of one company or household (see `grouping`). Derived from contacts."""

    __tablename__ = "identity_group_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(String, primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False, index=True
    )


class WeakValue(Base):
    """An identifier value that belongs to too many to tell people apart. Derived from the whole base."""

    __tablename__ = "identity_weak_value"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    reason: Mapped[str] = mapped_column(String)
    #: Up to the limit counted: distinct names seen with an identifier, or contacts in a block.
    count: Mapped[int] = mapped_column()


class Edge(Base):
    """Two contacts whose comparison reached the review threshold, and its weight in bits. Derived.

    The evidence is computed from the two contacts when somebody asks (`evidence`). No foreign keys: half a dozen rows are
    written for each arriving contact.
    """

    __tablename__ = "identity_edge"
    __table_args__ = (
        Index(None, "right_id", "left_id", "weight", "barred"),  # all of a contact's pairs without reading the table
        {"sqlite_with_rowid": False},
    )

    left_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    right_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    weight: Mapped[float] = mapped_column()
    #: Something keeps the two apart whatever the weight (see `guards.conflict`); staff alone can join them.
    barred: Mapped[bool] = mapped_column(default=False)


class Decision(Base):
    """What was decided of who is who: merge, split, different by staff, same by a source. Undone by a row, never deleted."""

    __tablename__ = "identity_decision"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")
    #: What the deciding person saw: profile ids and names before, for the history page.
    context: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class SourceLink(Base):
    """A source said that its record `contact_id` is whom it formerly called `former`; obeyed once both are known."""

    __tablename__ = "identity_source_link"
    __table_args__ = (UniqueConstraint("source", "former", "contact_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    source: Mapped[str] = mapped_column(String)
    #: External id of the other record, of the same source.
    former: Mapped[str] = mapped_column(String)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The decision it became. Once made it is never made again: what staff undid stays undone.
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("identity_decision.id"))


class DecisionUndone(Base):
    """A decision taken back: from then on the partition is computed without it."""

    __tablename__ = "identity_decision_undone"

    decision_id: Mapped[int] = mapped_column(ForeignKey("identity_decision.id"), primary_key=True, autoincrement=False)
    undone_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")


class DecisionLink(Base):
    """One pair a decision speaks of: must be one person (`same`) or must not (`not same`)."""

    __tablename__ = "identity_decision_link"

    decision_id: Mapped[int] = mapped_column(ForeignKey("identity_decision.id"), primary_key=True, autoincrement=False)
    left_id: Mapped[int] = mapped_column(
        ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False, index=True
    )
    right_id: Mapped[int] = mapped_column(
        ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False, index=True
    )
    same: Mapped[bool] = mapped_column()


class Lineage(Base):
    """A contact moved from one profile to another: when, why, by whose decision. Append-only."""

    __tablename__ = "identity_lineage"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    from_profile_id: Mapped[int | None] = mapped_column(BigId, index=True)
    to_profile_id: Mapped[int | None] = mapped_column(BigId, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("identity_decision.id"))


class MatchingModel(Base):
    """A version of the matching model: the whole document, what it learned from, who made it. Never changed."""

    __tablename__ = "identity_model"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String, unique=True)
    #: SHA-256 of the document: the same document is one version.
    fingerprint: Mapped[str] = mapped_column(String, unique=True)
    #: Plain JSON on either database: its fields stand in an order for readers.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: {"rows": int, "fields": [str], "trained_on": ISO date, …}: what it was trained on, as its document says
    trained_on: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)


class ModelActivation(Base):
    """A version asked to be in force; it is from `effective_at` on, until a later one takes effect."""

    __tablename__ = "identity_model_activation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("identity_model.id"), index=True)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")
    #: None until everybody has been resolved by it, in the same transaction.
    effective_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ValueRule(Base):
    """What a person says of an identifier's value: "blocked" joins nobody, "personal" is one person's whoever is seen with it."""

    __tablename__ = "identity_value_rule"
    __table_args__ = (Index(None, "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: `<kind>:<normal>`, as a blocking key is written.
    key: Mapped[str] = mapped_column(String)
    #: As it was typed.
    value: Mapped[str] = mapped_column(String)
    rule: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String)


class ValueRuleLifted(Base):
    """A rule of a value taken back: from then on the value counts again as the whole base says."""

    __tablename__ = "identity_value_rule_lifted"

    rule_id: Mapped[int] = mapped_column(ForeignKey("identity_value_rule.id"), primary_key=True, autoincrement=False)
    lifted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str] = mapped_column(String)


class Limit(Base):
    """How many values of a kind one profile collects by evidence alone, where that differs from what is usual."""

    __tablename__ = "identity_limit"

    kind: Mapped[str] = mapped_column(String, primary_key=True)
    #: 0: any number.
    most: Mapped[int] = mapped_column()
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)
    #: When every profile had been held against it; None while that waits.
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Study(Base):
    """A question about models that takes a while: what another one would change, or one learned from our own customers."""

    __tablename__ = "identity_study"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: what-if or training
    kind: Mapped[str] = mapped_column(String)
    #: {"model_id", "join", "review"} of a what-if
    question: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Numbers and examples (ids of contacts only), or the number of the model that was learned.
    answer: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: Why there is no answer; empty when there is one.
    failure: Mapped[str] = mapped_column(String, default="")

"""Tables of outreach: templates and their versions, campaigns, everybody each campaign considered, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Template(Base):
    """A message that can be sent again and again; what it says is in its versions."""

    __tablename__ = "outreach_template"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TemplateVersion(Base):
    """What a template said from one moment on, final once written; the highest version counts."""

    __tablename__ = "outreach_template_version"
    __table_args__ = (UniqueConstraint("template_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("outreach_template.id"))
    version: Mapped[int] = mapped_column()
    #: language → {"subject", "preheader", "text", "html"}
    contents: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by: Mapped[str] = mapped_column(String)


class Block(Base):
    """A piece many templates share: `{% render 'footer' %}`. Campaigns keep what it said when they were launched."""

    __tablename__ = "outreach_block"

    code: Mapped[str] = mapped_column(String, primary_key=True)
    #: language → {"text", "html"}
    contents: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String)


class SpokenTo(Base):
    """How staff say that people of a given name are spoken to; overrules the rules of Polish."""

    __tablename__ = "outreach_spoken_to"

    #: The given name in small letters, of everybody who bears it.
    name: Mapped[str] = mapped_column(String, primary_key=True)
    vocative: Mapped[str] = mapped_column(String)
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_by: Mapped[str] = mapped_column(String)


class Campaign(Base):
    """A message to many: what, to whom, when, and how it is measured.

    draft → scheduled → running ⇄ paused → finished, or cancelled. Its audience is frozen when it starts to run.
    """

    __tablename__ = "outreach_campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String, default="marketing")
    channel: Mapped[str] = mapped_column(String, default="email")
    #: {"kind": "segment", "segment_id"} or {"kind": "profiles", "profile_ids"} or {"kind": "everybody"}
    audience: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    #: [{"key": "A", "template_id": 3}], in the order of the letters
    variants: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    #: See `settings.Settings`.
    settings: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    state: Mapped[str] = mapped_column(String, default="draft", index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    scheduled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    launched_by: Mapped[str] = mapped_column(String, default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What was frozen at launch: {"contents": {variant: {language: parts}}, "blocks": {language: {code: parts}}}
    frozen: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: The waterfall as it was promised at launch: step → how many were left behind there.
    promised: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: {"variant", "decided_at", "figures", "p_value", "significant"} once the winner of an A/B test is known
    winner: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class Recipient(Base):
    """One customer a campaign considered, and the one outcome it has for them.

    skipped (with the step and reason), control (left out on purpose), waiting → handed (a letter is promised) → sent,
    refused, unknown, stopped (permitted at launch, not any more when it was to leave), cancelled.
    """

    __tablename__ = "outreach_recipient"
    __table_args__ = (
        UniqueConstraint("campaign_id", "profile_id"),
        Index(None, "campaign_id", "state", "due_at"),
        Index(None, "contact_id", "settled_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("outreach_campaign.id"))
    #: The customer as known at launch; merges since then are found through the contact.
    profile_id: Mapped[int] = mapped_column(BigId)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"))
    #: The address chosen, by its row among the identifiers.
    identifier_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String)
    #: Where the waterfall left them: a step of `audience.STEPS`.
    step: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String, default="")
    #: Ids of the consent statements the decision rests on.
    evidence: Mapped[list[int]] = mapped_column(JsonValue, default=list)
    variant: Mapped[str] = mapped_column(String, default="")
    locale: Mapped[str] = mapped_column(String, default="")
    considered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: How often a letter was promised: once, and again after each pause.
    tries: Mapped[int] = mapped_column(default=0)
    letter_id: Mapped[int | None] = mapped_column(BigId, index=True)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Link(Base):
    """A web address a campaign's messages lead to. Clicks lead to stored addresses only."""

    __tablename__ = "outreach_link"
    __table_args__ = (UniqueConstraint("campaign_id", "url"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("outreach_campaign.id"))
    url: Mapped[str] = mapped_column(String)


class Happening(Base):
    """What a recipient, or a machine on the way, did with a message."""

    __tablename__ = "outreach_happening"
    __table_args__ = (Index(None, "recipient_id", "kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Makes the same event told twice one row.
    key: Mapped[str] = mapped_column(String, unique=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("outreach_recipient.id"))
    #: delivered, soft_bounced, hard_bounced, blocked, complained, opened, clicked, unsubscribed
    kind: Mapped[str] = mapped_column(String)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Done by a machine: a privacy proxy, a scanner.
    automatic: Mapped[bool] = mapped_column(default=False)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("outreach_link.id"))

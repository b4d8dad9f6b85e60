"""How a person goes from campaigns. What was promised and sent stays counted in the campaign's own figures."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.outreach.models import Happening, Recipient


def erase_happenings(whom: Whom) -> None:
    db.session.execute(delete(Happening).where(_happenings(whom)))


def erase_recipients(whom: Whom) -> None:
    db.session.execute(delete(Recipient).where(Recipient.contact_id.in_(whom.contact_ids)))


def _happenings(whom: Whom) -> ColumnElement[bool]:
    return Happening.recipient_id.in_(select(Recipient.id).where(Recipient.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"outreach_happening": erase_happenings, "outreach_recipient": erase_recipients}
KEEPS: Keeps = {
    "outreach_template": "What the shop writes, with placeholders where a person's data goes.",
    "outreach_template_version": "What the shop writes, with placeholders where a person's data goes.",
    "outreach_block": "Pieces of what the shop writes.",
    "outreach_spoken_to": "How a given name is declined, whoever bears it.",
    "outreach_campaign": "What the shop did and how many it reached.",
    "outreach_link": "Addresses of the shop's own pages.",
}
COLUMNS: Columns = {
    "outreach_template": {
        "link": "id",
        "settings": "name",
        "staff": "created_by",
        "time": "created_at archived_at",
    },
    "outreach_template_version": {
        "link": "id template_id",
        "settings": "version contents",
        "staff": "written_by",
        "time": "written_at",
    },
    "outreach_block": {"settings": "code contents", "staff": "changed_by", "time": "changed_at"},
    "outreach_spoken_to": {"settings": "name vocative", "staff": "corrected_by", "time": "corrected_at"},
    "outreach_campaign": {
        "link": "id",
        "settings": "name audience variants settings frozen promised winner",
        "kind": "purpose channel state",
        "staff": "created_by launched_by",
        "time": "created_at scheduled_at launched_at ended_at",
    },
    "outreach_recipient": {
        "link": "id campaign_id profile_id contact_id identifier_id letter_id evidence",
        "kind": "state step variant locale",
        "consents": "reason",
        "time": "considered_at due_at settled_at",
        "settings": "tries",
    },
    "outreach_link": {"link": "id campaign_id", "settings": "url"},
    "outreach_happening": {
        "link": "id key recipient_id link_id",
        "behaviour": "kind automatic",
        "time": "occurred_at",
    },
}
ROWS: Rows = {
    "outreach_happening": _happenings,
    "outreach_recipient": lambda whom: Recipient.contact_id.in_(whom.contact_ids),
}

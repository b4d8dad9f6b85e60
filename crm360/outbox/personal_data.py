"""How letters to a person go."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, or_, select

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.outbox.models import Letter, Permit


def erase_permits(whom: Whom) -> None:
    db.session.execute(delete(Permit).where(_permits(whom)).execution_options(synchronize_session=False))


def _permits(whom: Whom) -> ColumnElement[bool]:
    return Permit.letter_id.in_(select(Letter.id).where(_letters(whom)))


def _letters(whom: Whom) -> ColumnElement[bool]:
    """To their contacts, and to their addresses before we knew whose they were."""
    addresses = [value.lower() for value in whom.values if "@" in value]
    return or_(Letter.contact_id.in_(whom.contact_ids), func.lower(Letter.to_address).in_(addresses))


def erase_letters(whom: Whom) -> None:
    db.session.execute(delete(Letter).where(_letters(whom)).execution_options(synchronize_session=False))


ERASERS: Erasers = {"outbox_permit": erase_permits, "outbox_letter": erase_letters}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "outbox_letter": {
        "link": "id dedup_key subject_of contact_id message_id",
        "contact": "to_address",
        "messages": "sender_name reply_to subject text html headers reason",
        "kind": "purpose state",
        "time": "created_at due_at settled_at",
        "settings": "claimed_until attempts",
    },
    "outbox_permit": {"link": "id letter_id evidence", "consents": "permitted reason", "time": "decided_at"},
}
ROWS: Rows = {
    "outbox_permit": _permits,
    "outbox_letter": _letters,
}

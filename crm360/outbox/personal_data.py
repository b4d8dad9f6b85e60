"""How letters to a person go."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.outbox.models import Letter


def erase_letters(whom: Whom) -> None:
    db.session.execute(delete(Letter).where(Letter.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"outbox_letter": erase_letters}
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
}
ROWS: Rows = {"outbox_letter": lambda whom: Letter.contact_id.in_(whom.contact_ids)}

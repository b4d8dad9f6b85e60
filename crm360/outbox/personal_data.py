"""How letters to a person go."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom
from crm360.outbox.models import Letter


def erase_letters(whom: Whom) -> None:
    db.session.execute(delete(Letter).where(Letter.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"outbox_letter": erase_letters}
KEEPS: Keeps = {}

"""How a person's consent statements go."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.consents.models import Statement
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


def erase_statements(whom: Whom) -> None:
    db.session.execute(delete(Statement).where(Statement.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"consents_statement": erase_statements}
KEEPS: Keeps = {}

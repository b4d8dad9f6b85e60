"""How a person's consent statements go; a suppressed address stays, as a digest."""

from __future__ import annotations

from sqlalchemy import delete, update

from crm360.consents.models import Statement, Suppression
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


def erase_statements(whom: Whom) -> None:
    db.session.execute(delete(Statement).where(Statement.contact_id.in_(whom.contact_ids)))


def unlink_suppressions(whom: Whom) -> None:
    """The digest must outlive the person, or the next import would write to them again; what it came from goes."""
    theirs = Suppression.payload_id.in_(whom.payload_ids)
    db.session.execute(update(Suppression).where(theirs).values(payload_id=None))


ERASERS: Erasers = {"consents_statement": erase_statements, "consents_suppression": unlink_suppressions}
KEEPS: Keeps = {}

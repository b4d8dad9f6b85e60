"""How what an import remembers of a person goes."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.imports.models import Change
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


def erase_changes(whom: Whom) -> None:
    """What was before an import must not bring a person back."""
    db.session.execute(delete(Change).where(Change.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"imports_change": erase_changes}
KEEPS: Keeps = {
    "imports_run": "names a file and counts its rows; examples in its dry run go with the file after 30 days",
    "imports_issue": "rows nobody became a customer by; they go with the file after 30 days",
}

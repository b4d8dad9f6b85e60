"""How a person goes from the cases about them."""

from __future__ import annotations

from sqlalchemy import update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.privacy.models import Case


def empty_cases(whom: Whom) -> None:
    """That a request came and when stays, as proof that it was met; who it was about goes."""
    about = Case.contact_id.in_(whom.contact_ids)
    db.session.execute(update(Case).where(about).values(contact_id=None, identifiers=[], details={}, payload_id=None))


ERASERS: Erasers = {"privacy_case": empty_cases}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "privacy_case": {
        "link": "id contact_id payload_id external_id",
        "contact": "identifiers details",
        "kind": "right status received_via source",
        "time": "received_at due_on opened_at",
    },
}
ROWS: Rows = {"privacy_case": lambda whom: Case.contact_id.in_(whom.contact_ids)}

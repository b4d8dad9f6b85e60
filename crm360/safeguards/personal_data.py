"""How a person goes from holds; rules, runs and breaches count people and name none."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.safeguards.models import HeldContact, Hold


def _only_theirs(whom: Whom) -> ColumnElement[bool]:
    """Holds over nobody but this person."""
    over = select(HeldContact.hold_id).where(HeldContact.hold_id == Hold.id)
    theirs = HeldContact.contact_id.in_(whom.contact_ids)
    return over.where(theirs).exists() & ~over.where(~theirs).exists()


def empty_holds(whom: Whom) -> None:
    """That there was a hold, who approved it and when it ended stays; its ground may name the person."""
    values = {"ground": "", "legal_ref": "", "release_reason": ""}
    changed = update(Hold).where(_only_theirs(whom)).values(values)
    db.session.execute(changed.execution_options(synchronize_session=False))


def erase_held_contacts(whom: Whom) -> None:
    db.session.execute(delete(HeldContact).where(HeldContact.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"safeguards_hold": empty_holds, "safeguards_held_contact": erase_held_contacts}
KEEPS: Keeps = {
    "safeguards_retention_rule": "how long data is kept, nothing about customers",
    "safeguards_retention_run": "how many rows a rule met, never whose",
    "safeguards_breach": "the register of Art. 33(5): what happened and how many people it was about",
}
COLUMNS: Columns = {
    "safeguards_hold": {
        "link": "id",
        "remarks": "ground legal_ref release_reason",
        "staff": "requested_by_id requested_by approved_by released_by",
        "time": "requested_at review_on approved_at released_at",
    },
    "safeguards_held_contact": {"link": "hold_id contact_id"},
    "safeguards_retention_rule": {
        "settings": "id kind months legal_ref",
        "time": "set_at",
        "staff": "set_by",
    },
    "safeguards_retention_run": {
        "settings": "id rule_id before rehearsed due done held",
        "time": "at",
        "staff": "by",
    },
    "safeguards_breach": {
        "settings": "id title nature scope people risk consequences measures reason",
        "time": "began_at ended_at known_at authority_told_at people_told_at closed_at recorded_at",
        "staff": "recorded_by",
    },
}
ROWS: Rows = {
    "safeguards_hold": _only_theirs,
    "safeguards_held_contact": lambda whom: HeldContact.contact_id.in_(whom.contact_ids),
}

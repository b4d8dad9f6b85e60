"""Lists ask about customers and name none; of what was done to many at once, each one's line goes with them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.lists.models import Action, Target


def erase_titles(whom: Whom) -> None:
    """What was to be done for them and others may name them; whether a task is still as it was, its mark tells."""
    db.session.execute(update(Action).where(_actions(whom)).values(title=""))


def erase_targets(whom: Whom) -> None:
    """Undoing the rest of an action goes on without them."""
    db.session.execute(delete(Target).where(Target.contact_id.in_(whom.contact_ids)))


def _actions(whom: Whom) -> Any:
    return Action.id.in_(select(Target.action_id).where(Target.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"lists_action": erase_titles, "lists_target": erase_targets}
KEEPS: Keeps = {"lists_saved": "what a colleague's list asks for; names no customer"}
COLUMNS: Columns = {
    "lists_saved": {"settings": "id name shared asked made_at changed_at", "staff": "owner_id"},
    "lists_action": {
        "settings": "id deed said asked total changed same left undone kept state position problem made_at finished_at undone_at",
        "remarks": "title",
        "staff": "staff_id made_by undone_by",
    },
    "lists_target": {"link": "action_id number contact_id", "kind": "state", "conclusions": "did"},
}
ROWS: Rows = {"lists_action": _actions, "lists_target": lambda whom: Target.contact_id.in_(whom.contact_ids)}

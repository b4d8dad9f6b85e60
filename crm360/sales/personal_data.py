"""How what colleagues do for a person is forgotten."""

from __future__ import annotations

from sqlalchemy import delete, select

from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom
from crm360.profiles.models import Note
from crm360.sales.models import Call, Deal, DealMove, Mention, Ownership, Task


def erase_mentions(whom: Whom) -> None:
    """Before the notes they stand in."""
    notes = select(Note.id).where(Note.contact_id.in_(whom.contact_ids))
    db.session.execute(delete(Mention).where(Mention.note_id.in_(notes)))


def erase_deal_moves(whom: Whom) -> None:
    deals = select(Deal.id).where(Deal.contact_id.in_(whom.contact_ids))
    db.session.execute(delete(DealMove).where(DealMove.deal_id.in_(deals)))


def erase_deals(whom: Whom) -> None:
    db.session.execute(delete(Deal).where(Deal.contact_id.in_(whom.contact_ids)))


def erase_tasks(whom: Whom) -> None:
    db.session.execute(delete(Task).where(Task.contact_id.in_(whom.contact_ids)))


def erase_calls(whom: Whom) -> None:
    db.session.execute(delete(Call).where(Call.contact_id.in_(whom.contact_ids)))


def erase_ownerships(whom: Whom) -> None:
    db.session.execute(delete(Ownership).where(Ownership.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {
    "sales_mention": erase_mentions,
    "sales_deal_move": erase_deal_moves,
    "sales_deal": erase_deals,
    "sales_task": erase_tasks,
    "sales_call": erase_calls,
    "sales_ownership": erase_ownerships,
}
KEEPS: Keeps = {}

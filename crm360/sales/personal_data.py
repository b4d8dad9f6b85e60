"""How what colleagues do for a person is forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.profiles.models import Note
from crm360.sales.models import Call, Deal, DealMove, Mention, Ownership, Suggestion, Task


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


def erase_suggestions(whom: Whom) -> None:
    db.session.execute(delete(Suggestion).where(Suggestion.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {
    "sales_mention": erase_mentions,
    "sales_deal_move": erase_deal_moves,
    "sales_deal": erase_deals,
    "sales_task": erase_tasks,
    "sales_call": erase_calls,
    "sales_ownership": erase_ownerships,
    "sales_suggestion": erase_suggestions,
}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "sales_task": {
        "link": "id contact_id origin",
        "remarks": "title",
        "time": "due_at created_at done_at",
        "kind": "whole_day",
        "staff": "owner_id created_by done_by",
    },
    "sales_call": {
        "link": "id contact_id",
        "remarks": "body",
        "kind": "direction outcome",
        "time": "at",
        "staff": "staff_id",
    },
    "sales_ownership": {"link": "id contact_id", "time": "set_at", "staff": "staff_id set_by"},
    "sales_deal": {
        "link": "id contact_id",
        "remarks": "title value_minor currency next_step reason",
        "kind": "stage",
        "time": "next_on opened_at moved_at",
        "staff": "owner_id",
    },
    "sales_deal_move": {"link": "id deal_id", "kind": "stage", "time": "moved_at", "staff": "moved_by"},
    "sales_suggestion": {
        "link": "id contact_id subject",
        "remarks": "about why",
        "kind": "rule answer",
        "time": "answered_at withdrawn_at",
        "staff": "answered_by withdrawn_by",
    },
    "sales_mention": {"link": "id note_id", "time": "seen_at", "staff": "staff_id"},
}


def _deals(whom: Whom) -> Any:
    return select(Deal.id).where(Deal.contact_id.in_(whom.contact_ids))


def _notes(whom: Whom) -> Any:
    return select(Note.id).where(Note.contact_id.in_(whom.contact_ids))


ROWS: Rows = {
    "sales_task": lambda whom: Task.contact_id.in_(whom.contact_ids),
    "sales_call": lambda whom: Call.contact_id.in_(whom.contact_ids),
    "sales_ownership": lambda whom: Ownership.contact_id.in_(whom.contact_ids),
    "sales_suggestion": lambda whom: Suggestion.contact_id.in_(whom.contact_ids),
    "sales_deal": lambda whom: Deal.contact_id.in_(whom.contact_ids),
    "sales_deal_move": lambda whom: DealMove.deal_id.in_(_deals(whom)),
    "sales_mention": lambda whom: Mention.note_id.in_(_notes(whom)),
}

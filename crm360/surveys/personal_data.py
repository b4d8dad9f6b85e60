"""What surveys know of a person. Their answers stay as numbers of nobody: a score of last year must not change."""

from __future__ import annotations

from sqlalchemy import delete, update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.surveys.models import Answer, Invitation


def erase_answers(whom: Whom) -> None:
    """The words go, and whose they were."""
    theirs = update(Answer).where(Answer.contact_id.in_(whom.contact_ids))
    nobodys = {"contact_id": None, "invitation_id": None, "body": "", "subject": "", "external_id": None}
    db.session.execute(theirs.values(**nobodys))


def erase_invitations(whom: Whom) -> None:
    """After the answers that lead to them."""
    db.session.execute(delete(Invitation).where(Invitation.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"surveys_answer": erase_answers, "surveys_invitation": erase_invitations}
KEEPS: Keeps = {"surveys_survey": "what is asked and when; says nothing of anybody"}
COLUMNS: Columns = {
    "surveys_survey": {
        "link": "id",
        "settings": "code name kind purpose question_en question_pl trigger event_kind segment_id delay_hours cooldown_days valid_days "
        "again_days seen_order_id seen_entry_id",
        "staff": "owner_id",
        "time": "created_at active_since seen_until",
    },
    "surveys_invitation": {
        "link": "id survey_id contact_id subject",
        "kind": "state reason",
        "time": "ask_at asked_at expires_at answered_at",
    },
    "surveys_answer": {
        "link": "id survey_id invitation_id contact_id subject external_id",
        "messages": "body",
        "books": "score",
        "kind": "locale channel store source",
        "staff": "agent",
        "time": "answered_at recorded_at",
    },
}
ROWS: Rows = {
    "surveys_answer": lambda whom: Answer.contact_id.in_(whom.contact_ids),
    "surveys_invitation": lambda whom: Invitation.contact_id.in_(whom.contact_ids),
}

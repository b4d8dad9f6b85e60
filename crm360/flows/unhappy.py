"""How long a colleague has for an unhappy customer, and how work and questions about an answer name it."""

from __future__ import annotations

from datetime import timedelta

from crm360.commerce.models import CustomerValue
from crm360.kernel.db import db

#: One who is worth more than the usual customer comes sooner.
SOON, USUAL = timedelta(days=1), timedelta(days=3)
#: What a task came from, and what a second question is about: followed by the number of the answer.
ANSWER, AGAIN = "answer:", "again:"
_WORTH_MORE = 4


def patience(profile_id: int | None) -> timedelta:
    """The time until somebody must have looked after this customer, by the money at stake; None is nobody known."""
    value = db.session.get(CustomerValue, profile_id) if profile_id is not None else None
    usual = value is None or value.monetary_score is None or value.monetary_score < _WORTH_MORE
    return USUAL if usual else SOON

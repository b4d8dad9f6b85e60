"""What reviews know of a person. The stars stay as a number of nobody: a product's mean of last year must not change."""

from __future__ import annotations

from sqlalchemy import update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.reviews.models import Review


def erase_reviews(whom: Whom) -> None:
    """The words go, what was answered to them, and whose they were."""
    theirs = update(Review).where(Review.contact_id.in_(whom.contact_ids))
    nobodys = {"contact_id": None, "external_id": None, "url": ""}
    words = {"title": "", "body": "", "author": "", "answer": "", "reason": ""}
    db.session.execute(theirs.values(**nobodys, **words))


ERASERS: Erasers = {"reviews_review": erase_reviews}
KEEPS: Keeps = {"reviews_desk": "which colleague looks after reviews; says nothing of any customer"}
COLUMNS: Columns = {
    "reviews_review": {
        "link": "id contact_id external_id",
        "messages": "title body author url answer reason",
        "books": "rating",
        "kind": "source product_id product verified state handled",
        "staff": "handled_by",
        "time": "handled_at written_at version_at recorded_at",
    },
    "reviews_desk": {"link": "id", "staff": "owner_id set_by", "time": "set_at"},
}
ROWS: Rows = {"reviews_review": lambda whom: Review.contact_id.in_(whom.contact_ids)}

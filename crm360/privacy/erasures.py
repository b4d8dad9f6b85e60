"""What is still known of somebody erased: that they were, by which case, and how many digests keep them out."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select

from crm360.kernel.db import db
from crm360.kernel.expressions import JsonNumber
from crm360.privacy.models import Case, Tombstone


class Erased(NamedTuple):
    """The case that erased a customer, and its tombstones."""

    case: Case
    tombstones: int


def of_profile(profile_id: int) -> Erased | None:
    """The last erasure of a customer of this number; None when there was none."""
    query = select(Case).where(Case.right == "erasure", JsonNumber(Case.plan, "profile_id") == profile_id)
    done = next((case for case in db.session.scalars(query.order_by(Case.id.desc())) if case.certificate), None)
    if done is None:
        return None
    count = select(func.count()).select_from(Tombstone).where(Tombstone.case_id == done.id)
    return Erased(done, int(db.session.scalar(count) or 0))

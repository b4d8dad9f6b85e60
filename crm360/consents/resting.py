"""How many permissions rest on a text: what a change of it leaves behind on the old version. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from crm360.consents import asking
from crm360.consents.models import Notice, Statement
from crm360.consents.policy import Verdict
from crm360.kernel.db import db


def permissions_on(notices: Sequence[Notice], *, now: datetime) -> Counter[tuple[str, int]]:
    """(code, version) → addresses, purposes and channels permitted now by a consent to that text."""
    names = {f"{notice.code}@{notice.version}": (notice.code, notice.version) for notice in notices}
    names |= {notice.text_sha256: (notice.code, notice.version) for notice in notices}
    given = select(Statement).where(Statement.state == "given", or_(Statement.notice.in_(list(names))))
    said = {row.id: row for row in db.session.scalars(given)}
    questions = list(
        dict.fromkeys(
            asking.Question(row.contact_id, row.identifier_kind, row.identifier_normal, row.purpose, row.channel)
            for row in said.values()
        )
    )
    found: Counter[tuple[str, int]] = Counter()
    seen: set[tuple[str, ...]] = set()
    for question, verdict in zip(questions, asking.ask(questions, now=now), strict=True):
        row = _resting(verdict, said)
        if row is not None and question[1:] not in seen:
            seen.add(question[1:])
            found[names[row.notice]] += 1
    return found


def _resting(verdict: Verdict, said: dict[int, Statement]) -> Statement | None:
    return next((said[each] for each in verdict.evidence if each in said), None) if verdict.permitted else None

"""Opening cases. Idempotent: a request told again opens no second case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm360.facts import PrivacyRequested, Received
from crm360.identity import queries as identity
from crm360.identity.models import ContactIdentifier
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.normalise import identifiers
from crm360.privacy import deadlines
from crm360.privacy.models import Case
from crm360.profiles import timeline

_TITLES = {
    "access": ("privacy.data_requested", "Asked for a copy of their data"),
    "erasure": ("privacy.redaction_requested", "Asked for erasure"),
}


def open_cases(*, received: Sequence[Received[PrivacyRequested]], now: datetime) -> None:
    """A case for each request, whoever it names: also for somebody nobody here knows."""
    rows = [_row(item, now) for item in received]
    dialects.insert_new(db.session, table_of(Case), rows, ["source", "external_id"])
    entries = [
        timeline.Entry(
            contact_id=row["contact_id"],
            kind=_TITLES[row["right"]][0],
            occurred_at=row["received_at"],
            title=_TITLES[row["right"]][1],
            subject=f"privacy:{row['source']}:{row['external_id']}",
            payload_id=row["payload_id"],
        )
        for row in rows
        if row["contact_id"] is not None and row["right"] in _TITLES
    ]
    timeline.note(entries=entries, now=now)


def _row(item: Received[PrivacyRequested], now: datetime) -> dict[str, Any]:
    fact = item.fact
    # By the clock of UTC: a request of the small hours is due a day earlier rather than a day late.
    received_on = fact.occurred_at.date()
    free_days = deadlines.public_holidays(item.region, received_on.year)
    return {
        "right": fact.right,
        "status": "open",
        "received_at": fact.occurred_at,
        "received_via": fact.via,
        "source": fact.source,
        "external_id": fact.request_id,
        "due_on": deadlines.due_on(received_on, free_days=free_days),
        "contact_id": _subject(fact, item.region),
        "identifiers": [{"kind": each.kind, "value": each.value} for each in fact.identifiers],
        "details": dict(fact.details),
        "payload_id": item.payload_id,
        "opened_at": now,
    }


def _subject(fact: PrivacyRequested, region: str) -> int | None:
    """The contact of the source's own id, else the oldest one with an identifier the request names."""
    if fact.about is not None and (contact := identity.find(fact.about)) is not None:
        return int(contact.id)
    for each in fact.identifiers:
        normal = identifiers.normal(each.kind, each.value, region=region)
        if normal is None or identifiers.is_placeholder(each.kind, normal):
            continue
        same = (ContactIdentifier.kind == each.kind) & (ContactIdentifier.normal == normal)
        query = select(ContactIdentifier.contact_id).where(same).order_by(ContactIdentifier.contact_id).limit(1)
        found = db.session.scalar(query)
        if found is not None:
            return int(found)
    return None

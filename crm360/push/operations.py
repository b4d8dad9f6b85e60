"""Browsers come, go, and turn out to be gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import or_, select, update

from crm360.facts import PushEnded, PushSubscribed, Received
from crm360.kernel import dialects, signing
from crm360.kernel.db import db, table_of
from crm360.push.models import Subscription

Outcome = Literal["sent", "gone", "refused", "unreachable"]


def record_subscriptions(*, received: Sequence[Received[PushSubscribed]], now: datetime) -> None:
    """Keep what browsers said; the newest word on an address counts, whatever the order. `now` is unused by rule."""
    newest: dict[str, dict[str, Any]] = {}
    for item in received:
        if item.contact_id is not None:
            row = _row(item.fact, item.contact_id)
            known = newest.get(row["endpoint_digest"])
            if known is None or known["subscribed_at"] <= row["subscribed_at"]:
                newest[row["endpoint_digest"]] = row
    kept = _standing(newest)
    fresh = [row for digest, row in newest.items() if digest not in kept or kept[digest] < row["subscribed_at"]]
    dialects.upsert(db.session, table_of(Subscription), fresh, ["endpoint_digest"])


def record_endings(*, received: Sequence[Received[PushEnded]], now: datetime) -> None:
    """Browsers took it back; a subscription made later than that stays. `now` is unused by rule."""
    for item in received:
        digest = signing.digest(item.fact.endpoint)
        before = Subscription.subscribed_at <= item.fact.occurred_at
        _end(Subscription.endpoint_digest == digest, before, reason="unsubscribed", at=item.fact.occurred_at)


def end(*, subscription_id: int, reason: str, now: datetime) -> bool:
    """No message goes there any more; False when none went before."""
    return _end(Subscription.id == subscription_id, reason=reason, at=now) > 0


def settle(*, subscription_id: int, outcome: Outcome, now: datetime) -> None:
    """What became of a message: an address its push service no longer knows is ended."""
    mine = Subscription.id == subscription_id
    if outcome == "gone":
        _end(mine, reason="gone", at=now)
    values: dict[str, Any] = (
        {"sent_at": now, "failures": 0} if outcome == "sent" else {"failures": Subscription.failures + 1}
    )
    db.session.execute(update(Subscription).where(mine).values(values).execution_options(synchronize_session=False))


def _row(fact: PushSubscribed, contact_id: int) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "device": fact.device,
        "source": fact.ref.source,
        "endpoint_digest": signing.digest(fact.endpoint),
        "endpoint": fact.endpoint,
        "p256dh": fact.p256dh,
        "auth": fact.auth,
        "user_agent": fact.user_agent,
        "subscribed_at": fact.occurred_at,
        "ended_at": None,
        "ended_reason": "",
    }


def _standing(digests: dict[str, Any]) -> dict[str, datetime]:
    """Address → its last word, the end included."""
    columns = (
        Subscription.endpoint_digest,
        Subscription.subscribed_at,
        Subscription.ended_at,
        Subscription.ended_reason,
    )
    rows = db.session.execute(select(*columns).where(Subscription.endpoint_digest.in_(digests)))
    return {row[0]: max(row[1], row[2]) if row[2] and row[3] == "unsubscribed" else row[1] for row in rows}


def _end(*which: Any, reason: str, at: datetime) -> int:
    live = or_(Subscription.ended_at.is_(None), Subscription.ended_at > at)
    ended = update(Subscription).where(*which, live).values(ended_at=at, ended_reason=reason)
    return int(db.session.execute(ended.execution_options(synchronize_session=False)).rowcount)

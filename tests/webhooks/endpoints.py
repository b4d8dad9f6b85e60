"""Endpoints and events for tests, in few words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from crm360.kernel import sealing, signing
from crm360.kernel.db import db
from crm360.webhooks import delivering, kinds, operations, outbox, queries
from crm360.webhooks.delivering import Claimed, Outcome
from crm360.webhooks.kinds import Happened

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
KEY = "only for tests: nothing is protected by this"
OK, BAD, NO_ANSWER = Outcome(status=204), Outcome(status=500, excerpt="oops"), Outcome(symbol="timeout")


def endpoint(*wanted: str, url: str = "https://erp.example/hooks", secret: str = "", now: datetime = NOW) -> int:
    """An endpoint for kinds (all when none is named); its id."""
    sealed = sealing.seal(secret or signing.new_webhook_secret(), key=KEY)
    return operations.create(url=url, sealed_secret=sealed, kinds=wanted, now=now).id


def happened(*profiles: int, kind: str = kinds.UPDATED, now: datetime = NOW, **data: Any) -> None:
    """One event per profile, in this order."""
    told = data or ({"changed": ["city"]} if kind == kinds.UPDATED else {})
    outbox.record(events=[Happened(kind, profile, told) for profile in profiles], now=now)


def claim(at: datetime = NOW, *, most: int = 100) -> list[Claimed]:
    return delivering.claim(per_endpoint=most, now=at)


def settle(claimed: Claimed, outcome: Outcome = OK, at: datetime = NOW) -> str:
    return delivering.settle(claimed=claimed, outcome=outcome, now=at)


def profiles_of(taken: list[Claimed]) -> list[int]:
    """Whom the claimed events speak of."""
    return [json.loads(claimed.body)["data"]["profile_id"] for claimed in taken]


def states(endpoint_id: int) -> list[str]:
    """States of an endpoint's deliveries, the oldest first."""
    db.session.expire_all()
    return [line.delivery.state for line in reversed(queries.log(endpoint_id=endpoint_id))]


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)

"""What may be done to endpoints and their deliveries. Secrets come sealed; only a door can open them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from crm360.kernel import sealing, signing, urls
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid
from crm360.webhooks import kinds as vocabulary
from crm360.webhooks import outbox, queries
from crm360.webhooks.models import Attempt, Delivery, Endpoint, Event, Pause, Secret

OVERLAP = timedelta(hours=24)
#: How long events and their log are kept.
KEPT = timedelta(days=30)
LONGEST_DESCRIPTION = 200

BY_HAND, GONE, FAILING = "by_hand", "gone", "failing"


class UnusableEndpoint(Invalid):
    """The address or description cannot be accepted."""


class IsPaused(Conflict):
    """Nothing is sent to an endpoint that is paused."""


def create(
    *, url: str, sealed_secret: str, kinds: Sequence[str] = (), description: str = "", now: datetime
) -> Endpoint:
    """A new endpoint, sent everything of `kinds` (all when none is named) from now on. Raises UnusableEndpoint."""
    endpoint = Endpoint(
        url=_url(url), description=_description(description), kinds=vocabulary.checked(list(kinds)), created_at=now
    )
    db.session.add(endpoint)
    db.session.flush()
    db.session.add(Secret(endpoint_id=endpoint.id, sealed=sealed_secret, created_at=now))
    db.session.flush()
    return endpoint


def open_endpoint(
    *, url: str, kinds: Sequence[str] = (), description: str = "", key: str, now: datetime
) -> tuple[Endpoint, str]:
    """A new endpoint and its signing secret, to be shown once; `key` (SECRET_KEY) seals it. Raises UnusableEndpoint."""
    secret = signing.new_webhook_secret()
    sealed = sealing.seal(secret, key=key)
    return create(url=url, sealed_secret=sealed, kinds=kinds, description=description, now=now), secret


def new_secret(*, endpoint_id: int, key: str, now: datetime) -> str:
    """Rotate to a new secret, to be shown once. Raises EndpointNotFound."""
    secret = signing.new_webhook_secret()
    rotate(endpoint_id=endpoint_id, sealed_secret=sealing.seal(secret, key=key), now=now)
    return secret


def change(
    *, endpoint_id: int, url: str | None = None, kinds: Sequence[str] | None = None, description: str | None = None
) -> Endpoint:
    """Give an endpoint another address, other kinds, another description. Raises UnusableEndpoint, EndpointNotFound."""
    endpoint = queries.get_endpoint(endpoint_id)
    if url is not None:
        endpoint.url = _url(url)
    if kinds is not None:
        endpoint.kinds = vocabulary.checked(list(kinds))
    if description is not None:
        endpoint.description = _description(description)
    db.session.flush()
    return endpoint


def remove(*, endpoint_id: int) -> None:
    """Forget an endpoint, what waited for it, and its log. Raises EndpointNotFound."""
    endpoint = queries.get_endpoint(endpoint_id)
    deliveries = select(Delivery.id).where(Delivery.endpoint_id == endpoint_id)
    db.session.execute(delete(Attempt).where(Attempt.delivery_id.in_(deliveries)))
    for table in (Delivery, Secret, Pause):
        db.session.execute(delete(table).where(table.endpoint_id == endpoint_id))
    db.session.delete(endpoint)
    db.session.flush()


def rotate(*, endpoint_id: int, sealed_secret: str, overlap: timedelta = OVERLAP, now: datetime) -> None:
    """Sign with another secret; until `overlap` has passed the one before signs too. Raises EndpointNotFound."""
    queries.get_endpoint(endpoint_id)
    mine = Secret.endpoint_id == endpoint_id
    db.session.execute(delete(Secret).where(mine, Secret.retires_at <= now))
    db.session.execute(update(Secret).where(mine, Secret.retires_at.is_(None)).values(retires_at=now + overlap))
    db.session.add(Secret(endpoint_id=endpoint_id, sealed=sealed_secret, created_at=now))
    db.session.flush()


def pause(*, endpoint_id: int, by: str, reason: str = BY_HAND, now: datetime) -> bool:
    """Send nothing until it is resumed; what happens meanwhile waits. Whether it was not paused yet."""
    queries.get_endpoint(endpoint_id)
    if queries.pause_of(endpoint_id) is not None:
        return False
    db.session.add(Pause(endpoint_id=endpoint_id, reason=reason, paused_at=now, paused_by=by))
    db.session.flush()
    return True


def resume(*, endpoint_id: int, by: str, now: datetime) -> bool:
    """Send again, first what waited. Whether it was paused."""
    endpoint = queries.get_endpoint(endpoint_id)
    paused = queries.pause_of(endpoint_id)
    if paused is None:
        return False
    paused.resumed_at, paused.resumed_by = now, by
    endpoint.failing_since = endpoint.quiet_until = None
    waiting = update(Delivery).where(Delivery.endpoint_id == endpoint_id, Delivery.state == "waiting")
    db.session.execute(waiting.values(due_at=now))
    db.session.flush()
    return True


def send_test(*, endpoint_id: int, now: datetime) -> int:
    """Queue an event that says nothing; the delivery's id. Raises EndpointNotFound, IsPaused."""
    queries.get_endpoint(endpoint_id)
    _refuse_paused(endpoint_id)
    return outbox.record_test(endpoint_id=endpoint_id, now=now)


def redeliver(*, delivery_id: int, now: datetime) -> Delivery:
    """Send one event again, under its own id, with every attempt of the schedule. Raises DeliveryNotFound, IsPaused."""
    found = queries.get_delivery(delivery_id)
    _refuse_paused(found.endpoint_id)
    found.state, found.attempts, found.due_at = "waiting", 0, now
    found.claimed_until = found.settled_at = None
    db.session.flush()
    return found


def redeliver_failed(*, endpoint_id: int, since: datetime, now: datetime) -> int:
    """Send again, in their order, events since then that were given up; how many. Raises EndpointNotFound, IsPaused."""
    queries.get_endpoint(endpoint_id)
    _refuse_paused(endpoint_id)
    late = select(Event.id).where(Event.occurred_at >= since)
    given_up = update(Delivery).where(Delivery.endpoint_id == endpoint_id, Delivery.state == "given_up")
    again = {"state": "waiting", "attempts": 0, "due_at": now, "claimed_until": None, "settled_at": None}
    return int(db.session.execute(given_up.where(Delivery.event_id.in_(late)).values(**again)).rowcount)


def purge(*, before: datetime, limit: int = 5000) -> int:
    """Forget events older than that, delivered or not, with their log; returns how many, at most `limit`."""
    ids = list(db.session.scalars(select(Event.id).where(Event.occurred_at < before).order_by(Event.id).limit(limit)))
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        deliveries = select(Delivery.id).where(Delivery.event_id.in_(some))
        db.session.execute(delete(Attempt).where(Attempt.delivery_id.in_(deliveries)))
        db.session.execute(delete(Delivery).where(Delivery.event_id.in_(some)))
        db.session.execute(delete(Event).where(Event.id.in_(some)))
    return len(ids)


def _refuse_paused(endpoint_id: int) -> None:
    if queries.pause_of(endpoint_id) is not None:
        raise IsPaused("This endpoint is paused. Resume it first.")


def _url(text: str) -> str:
    url = text.strip()
    if not urls.is_web_address(url):
        reason = "An address such as https://erp.example/hooks is needed, without a name or password in it."
        raise UnusableEndpoint(reason, errors={"url": [reason]})
    return url


def _description(text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST_DESCRIPTION or not said.isprintable():
        reason = f"A description has at most {LONGEST_DESCRIPTION} printable characters."
        raise UnusableEndpoint(reason, errors={"description": [reason]})
    return said

"""A push message to one customer: to which browsers it may go, and what became of it. Who speaks commits in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crm360.consents import asking
from crm360.identity import queries as identity
from crm360.kernel import webpush
from crm360.kernel.errors import Forbidden, Invalid, NotFound
from crm360.normalise import identifiers
from crm360.push import operations, queries
from crm360.push.models import Subscription
from crm360.push.operations import Outcome

#: A push service keeps a message this long for a browser that is not running.
WAITS = timedelta(days=1)


class NoBrowser(NotFound):
    """The customer has no browser that takes push messages."""


class NotAllowed(Forbidden):
    """Nothing permits a push message for this purpose."""


class TooLong(Invalid):
    """The message holds more than push services take."""


class Ready(NamedTuple):
    """A message for one browser, to be spoken outside any transaction."""

    subscription_id: int
    url: str
    message: webpush.Message


def prepare(
    *, profile_id: int, purpose: str, title: str, body: str, url: str, key: str, contact: str, now: datetime
) -> list[Ready]:
    """The message for each of the customer's browsers that may have it. Raises NoBrowser, NotAllowed, TooLong."""
    live = [each for each in queries.subscriptions_of(identity.current(profile_id)) if each.ended_at is None]
    if not live:
        raise NoBrowser(f"Customer {profile_id} has no browser that takes push messages.")
    permitted = _permitted(live, purpose, now)
    if not permitted:
        raise NotAllowed(f"No browser of customer {profile_id} may be sent push messages for {purpose!r}.")
    said = json.dumps({"title": title, "body": body, "url": url}, ensure_ascii=False).encode()
    if len(said) > webpush.LONGEST_PAYLOAD:
        raise TooLong(f"A push message holds at most {webpush.LONGEST_PAYLOAD} bytes.")
    return [_ready(each, said, key, contact, now) for each in permitted]


def settle(*, outcomes: Sequence[tuple[Ready, Outcome]], now: datetime) -> None:
    """Write down what became of each; browsers that are gone get no more."""
    for ready, outcome in outcomes:
        operations.settle(subscription_id=ready.subscription_id, outcome=outcome, now=now)


def outcome_of(status: int) -> Outcome:
    """What a push service's answer means."""
    if 200 <= status < 300:
        return "sent"
    return "gone" if status in (404, 410) else "refused"


def _permitted(live: Sequence[Subscription], purpose: str, now: datetime) -> list[Subscription]:
    questions = [
        asking.Question(
            each.contact_id, "device", identifiers.normal("device", each.device) or each.device, purpose, "push"
        )
        for each in live
    ]
    verdicts = asking.ask(questions, now=now)
    return [each for each, verdict in zip(live, verdicts, strict=True) if verdict.permitted]


def _ready(each: Subscription, said: bytes, key: str, contact: str, now: datetime) -> Ready:
    message = webpush.message(
        endpoint=each.endpoint, p256dh=each.p256dh, auth=each.auth, payload=said, key=key, contact=contact, now=now,
        seconds=int(WAITS.total_seconds()),
    )  # fmt: skip
    return Ready(each.id, each.endpoint, message)

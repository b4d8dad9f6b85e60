"""What became of mail we sent: a line in the timeline, and for an address that must be left alone a suppression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from crm360.consents.digests import digest, key_id
from crm360.consents.models import Suppression
from crm360.consents.policy import SUPPRESSIONS
from crm360.facts import MailingEvent, Received
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Unavailable
from crm360.normalise import identifiers
from crm360.profiles import timeline

_KINDS = {"email": "email", "sms": "phone"}
#: Kind of identifier → the channels it is reached on.
CHANNELS_OF = {"email": ("email",), "phone": ("sms", "phone"), "device": ("push", "web")}
_UNIQUE = ["digest", "key_id", "channel", "reason", "since"]


class NoKey(Unavailable):
    """No key to keep suppressed addresses under."""

    def __init__(self) -> None:
        super().__init__("There is no key for suppressed addresses: see SUPPRESSION_KEY_FILE.")


class Standing(NamedTuple):
    """A suppression of an address, as the policy asks for it."""

    channel: str
    reason: str
    since: datetime


def record_mailings(*, received: Sequence[Received[MailingEvent]], now: datetime) -> None:
    """Note what became of messages; a hard bounce, a complaint and an unsubscription suppress their address.

    The same event again changes nothing. Raises NoKey.
    """
    told = [(item, item.contact_id) for item in received if item.contact_id is not None]
    _suppress([item for item, _ in told if item.fact.kind in SUPPRESSIONS], now)
    entries = [_entry(item.fact, contact_id, item.payload_id, now) for item, contact_id in told]
    timeline.note(entries=entries, now=now)


def leave_alone(*, addresses: Mapping[tuple[str, str], str], now: datetime) -> int:
    """Keep digests of addresses (kind, normal) under a reason of SUPPRESSIONS; returns how many rows. Raises NoKey."""
    keys = dialects.suppression_keys(db.session)
    if addresses and not keys:
        raise NoKey
    rows = [
        {
            "digest": digest(keys[0], normal), "key_id": key_id(keys[0]), "channel": channel, "reason": reason,
            "since": now, "recorded_at": now, "source": "erasure", "payload_id": None,
        }
        for (kind, normal), reason in sorted(addresses.items())
        for channel in CHANNELS_OF.get(kind, ())
    ]  # fmt: skip
    return dialects.insert_new(db.session, table_of(Suppression), rows, _UNIQUE)


def _suppress(items: Sequence[Received[MailingEvent]], now: datetime) -> None:
    if not items:
        return
    keys = dialects.suppression_keys(db.session)
    if not keys:
        raise NoKey
    # One row per event, in whatever order they come: who unsubscribes again after subscribing anew is heard again.
    rows = [_row(item, keys[0], now) for item in items]
    dialects.insert_new(db.session, table_of(Suppression), rows, _UNIQUE)


def _row(item: Received[MailingEvent], key: str, now: datetime) -> dict[str, Any]:
    fact = item.fact
    return {
        "digest": digest(key, _normal(fact, item.region)),
        "key_id": key_id(key),
        "channel": fact.channel,
        "reason": fact.kind,
        "since": min(fact.occurred_at, now),
        "recorded_at": now,
        "source": fact.source,
        "payload_id": item.payload_id,
    }


def _normal(fact: MailingEvent, region: str) -> str:
    kind: Any = _KINDS[fact.channel]
    return identifiers.normal(kind, fact.address, region=region) or fact.address.strip().lower()


def _entry(fact: MailingEvent, contact_id: int, payload_id: int | None, now: datetime) -> timeline.Entry:
    said = {
        "address": fact.address,
        "channel": fact.channel,
        "source": fact.source,
        "message_id": fact.message_id,
        "campaign": fact.campaign,
        "status": fact.status,
        "reason": fact.reason,
        "url": fact.url,
        "automatic": fact.automatic,
    }
    kind = f"email.{fact.kind}" if fact.channel == "email" else f"sms.{fact.kind}"
    known = fact.event_id or (fact.address, fact.kind, fact.occurred_at.isoformat(), fact.message_id, fact.url)
    subject = f"mailing:{blake2b(repr((fact.source, known, fact.address)).encode(), digest_size=12).hexdigest()}"
    title = fact.campaign or fact.url or fact.reason or fact.address
    given = {name: value for name, value in said.items() if value not in ("", False)}
    return timeline.Entry(contact_id, kind, min(fact.occurred_at, now), title[:300], given, subject, payload_id)

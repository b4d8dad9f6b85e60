"""Standard Webhooks (also sent by Svix under names of its own): HMAC-SHA256 of `id.timestamp.body`, in base64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.kernel import signing
from crm360.sources.channel import Delivery

TOLERANCE_SECONDS = 300


def signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """Whether one of the signatures given ("v1,…", parted by blanks) is right and no older than five minutes.

    `secret` is "whsec_" and the key in base64.
    """
    for prefix in ("webhook-", "svix-"):
        message_id, stamp, given = (
            delivery.headers.get(prefix + name, "") for name in ("id", "timestamp", "signature")
        )
        if message_id and given:
            return recent(stamp, delivery) and _right(delivery.body, secret, message_id, stamp, given)
    return False


def sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    """The delivery as its sender would sign it. Raises ValueError when `secret` holds no key."""
    stamp = str(int(delivery.received_at.timestamp()))
    signature = signing.standard_webhook(secret, message_id="a-test", timestamp=stamp, body=delivery.body)
    return delivery.having({"webhook-id": "a-test", "webhook-timestamp": stamp, "webhook-signature": signature})


def delivery_id(delivery: Delivery) -> str:
    """The sender's id of this delivery: the same when it is tried again."""
    return delivery.headers.get("webhook-id") or delivery.headers.get("svix-id", "")


def recent(stamp: str, delivery: Delivery) -> bool:
    """Whether Unix seconds lie within five minutes of the arrival."""
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    return abs(delivery.received_at.timestamp() - int(stamp)) <= TOLERANCE_SECONDS


def _right(body: bytes, secret: str, message_id: str, stamp: str, given: str) -> bool:
    try:
        expected = signing.standard_webhook(secret, message_id=message_id, timestamp=stamp, body=body)
    except ValueError:
        return False
    return any(signing.same(each, expected) for each in given.split(" "))

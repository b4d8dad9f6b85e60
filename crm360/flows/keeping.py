"""What a channel took out of a delivery or an answer, as payloads the inbox keeps once."""

from __future__ import annotations

from crm360.inbox.operations import NewPayload, content_key, senders_key
from crm360.sources.channel import Item


def payload_of(item: Item) -> NewPayload:
    """Known by the sender's key, else by all it says."""
    if item.key:
        return NewPayload(senders_key(item.key), item.body, item.headers)
    named = (f"{name}:{value}".encode() for name, value in sorted(item.headers.items()))
    return NewPayload(content_key(*named, item.body), item.body, item.headers)

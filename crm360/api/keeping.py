"""Keeps what integrators send: each statement once, and only what its reader understands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm360.api.door import NotAccepted
from crm360.api.policy import key
from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload, content_key, senders_key
from crm360.kernel import clock
from crm360.kernel.errors import Conflict
from crm360.sources import api_events
from crm360.sources.base import Payload, Unreadable


class SourceTaken(Conflict):
    """Another channel speaks under this name already."""


def keep_contact(contact: dict[str, Any], *, source: str, call: str) -> dict[str, int]:
    """One statement of a contact. Raises NotAccepted, SourceTaken."""
    now, stated = clock.now(), contact.get("occurred_at")
    # Without a time the same words may be a new statement: A, then B, then A again must end with A.
    fallback = call or ("" if stated else f"{now.isoformat()} {key().id}")
    return _keep([contact], kind="contact", source=source, keys=[_key("contact", contact, fallback)], now=now)


def keep_events(events: Sequence[dict[str, Any]], *, source: str, call: str) -> dict[str, int]:
    """Events, all or none. Raises NotAccepted, SourceTaken."""
    for index, event in enumerate(events):
        if not (event.get("event_id") or event.get("occurred_at") or call):
            text = "Give an event_id, an occurred_at or an Idempotency-Key: else a repeat could not be told."
            raise NotAccepted(text, errors={f"events.{index}.event_id": [text]})
    keys = [_key("event", event, call and f"{call} {index}") for index, event in enumerate(events)]
    return _keep(events, kind="event", source=source, keys=keys, now=clock.now())


def _key(kind: str, said: Mapping[str, Any], fallback: str) -> str:
    """The sender's id of the statement, else of the call, else what it says."""
    if said.get("event_id"):
        return senders_key(f"{kind} {said['event_id'].strip()}")
    if fallback:
        return senders_key(f"{kind} call {fallback}")
    return content_key(kind.encode(), json.dumps(said, sort_keys=True).encode())


def _keep(
    said: Sequence[Mapping[str, Any]], *, kind: str, source: str, keys: Sequence[str], now: datetime
) -> dict[str, int]:
    name = source.strip() or key().name
    headers = {"type": kind, "key": key().name}
    payloads = [
        NewPayload(dedup_key, json.dumps(each, ensure_ascii=False).encode(), headers)
        for dedup_key, each in zip(keys, said, strict=True)
    ]
    _check(payloads, name, now)
    inlet = inbox.ensure_source(name=name, channel=api_events.CHANNEL, now=now)
    if inlet.channel != api_events.CHANNEL:
        text = f"The source {name!r} belongs to another channel ({inlet.channel}); choose a name of your own."
        raise SourceTaken(text, errors={"source": [text]})
    kept = inbox.keep(source_id=inlet.id, channel=api_events.CHANNEL, items=payloads, now=now)
    return {"received": kept.new, "repeated": kept.repeated}


def _check(payloads: Sequence[NewPayload], source: str, now: datetime) -> None:
    """What the worker could not read is refused while the sender listens."""
    faults: dict[str, list[str]] = {}
    for index, payload in enumerate(payloads):
        raw = Payload(source=source, received_at=now, body=payload.body, headers=payload.headers)
        try:
            api_events.read(raw)
        except Unreadable as error:
            faults["body" if payload.headers["type"] == "contact" else f"events.{index}"] = [str(error)]
    if faults:
        raise NotAccepted("Some statements cannot be understood; `errors` says which and why.", errors=faults)

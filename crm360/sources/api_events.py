"""Contacts and events of integrators, one JSON object per payload, as the REST interface describes them.

The header `type` says "contact" where the path did; an event names its own type and holds an object of that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints

from crm360.facts import (
    ActivityNoted,
    CartChanged,
    ConsentStated,
    ContactSeen,
    Fact,
    Identifier,
    MessageExchanged,
)
from crm360.sources import api_contact, api_orders, product_reviews
from crm360.sources import json_fields as read_json
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.instants import instant

CHANNEL = "api"
#: Clocks differ; what lies further ahead is a mistake.
MOST_AHEAD = timedelta(days=1)
ACTIVITY_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}(\.[a-z0-9_-]{1,40}){1,3}")
#: Lines of the timeline that belong to rooms; an activity cannot pose as one.
RESERVED_GROUPS = (
    "order", "cart", "message", "conversation", "consent", "identity", "note", "tag", "review", "survey", "task", "deal",
    "owner",
)  # fmt: skip
_ADDRESS_OF = {"email": "email", "sms": "phone", "phone": "phone", "push": "device"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event read as far as every type has it; `part` is the object named after its type."""

    part: JsonObject
    contact: ContactSeen
    source: str
    event_id: str
    occurred_at: datetime


def read(payload: Payload) -> Sequence[Fact]:
    """The contact, then what it did. Raises Unreadable."""
    raw = read_json.load(payload.body)
    kind = read_json.text(raw.get("type")) or payload.headers.get("type", "")
    if kind != "contact" and kind not in _ARMS:
        raise Unreadable(f"Unknown type {kind[:40]!r}; expected one of contact, {', '.join(_ARMS)}.")
    occurred_at = _occurred_at(raw, payload.received_at)
    contact = api_contact.seen(raw, payload.source, occurred_at)
    facts: list[Fact] = [contact, *api_contact.tags(raw, contact)]
    if kind == "contact":
        return facts
    said = Said(
        part=read_json.obj(raw.get(kind)),
        contact=contact,
        source=payload.source,
        event_id=read_json.identity(raw, "event_id"),
        occurred_at=occurred_at,
    )
    return [*facts, *_ARMS[kind](said)]


def _occurred_at(raw: JsonObject, received_at: datetime) -> datetime:
    if raw.get("occurred_at") is None:
        return received_at
    found = instant(raw["occurred_at"])
    if found is None:
        raise Unreadable("occurred_at is no time of the years 1970 to 2200 in ISO 8601.")
    if found > received_at + MOST_AHEAD:
        raise Unreadable("occurred_at lies more than a day in the future.")
    return found


def _choice(kind: type[Any], field: str, part: JsonObject, default: str = "") -> Any:
    """The value of a field that knows a few words only. Raises Unreadable on any other."""
    value = read_json.text(part.get(field)) or default
    allowed = get_args(get_type_hints(kind)[field])
    if value not in allowed:
        raise Unreadable(f"{field} must be one of {', '.join(allowed)}, not {value[:40]!r}.")
    return value


def _order(said: Said) -> Sequence[Fact]:
    return api_orders.order(said.part, said.contact.ref, said.source, said.occurred_at)


def _cart(said: Said) -> Sequence[Fact]:
    part, currency = said.part, read_json.currency_of(said.part, "")
    return [
        CartChanged(
            ref=said.contact.ref,
            action=_choice(CartChanged, "action", part),
            occurred_at=said.occurred_at,
            product_id=read_json.first_text(part, "product_id"),
            sku=read_json.first_text(part, "sku"),
            name=read_json.first_text(part, "name"),
            category=read_json.first_text(part, "category"),
            quantity=read_json.number(part.get("quantity"), 1.0),
            unit_price_minor=read_json.minor(part.get("unit_price"), currency),
            currency=currency,
            cart_id=read_json.first_text(part, "cart_id"),
            url=read_json.first_text(part, "url"),
        )
    ]


def _message(said: Said) -> Sequence[Fact]:
    part = said.part
    message_id = read_json.identity(part, "message_id") or said.event_id
    if not message_id:
        raise Unreadable("A message needs a message_id, or the event an event_id.")
    return [
        MessageExchanged(
            ref=said.contact.ref,
            source=said.source,
            channel=_choice(MessageExchanged, "channel", part),
            conversation_id=read_json.identity(part, "conversation_id") or message_id,
            message_id=message_id,
            direction=_choice(MessageExchanged, "direction", part),
            occurred_at=said.occurred_at,
            subject=read_json.first_text(part, "subject"),
            body=read_json.text(part.get("body"), 200_000),
            author=read_json.first_text(part, "author"),
            automatic=part.get("automatic") is True,
        )
    ]


def _consent(said: Said) -> Sequence[Fact]:
    part, channel = said.part, _choice(ConsentStated, "channel", said.part)
    purpose = read_json.text(part.get("purpose"), 60)
    if not purpose:
        raise Unreadable("A consent needs a purpose.")
    return [
        ConsentStated(
            ref=said.contact.ref,
            identifier=_address(said, channel),
            purpose=purpose,
            channel=channel,
            state=_choice(ConsentStated, "state", part),
            occurred_at=said.occurred_at,
            source=said.source,
            method=read_json.text(part.get("method"), 60) or "api",
            evidence_grade=_choice(ConsentStated, "evidence_grade", part, "D"),
            notice=read_json.first_text(part, "notice"),
            statement_id=said.event_id,
            evidence=read_json.obj(part.get("evidence")),
        )
    ]


def _address(said: Said, channel: str) -> Identifier:
    """The address a consent is about: the one it names, else the event's first of the channel's kind."""
    if named := read_json.obj(said.part.get("identifier")):
        return api_contact.identifier(named, said.source)
    fitting = [each for each in said.contact.identifiers if each.kind == _ADDRESS_OF.get(channel)]
    if not fitting:
        raise Unreadable(f"A consent for the channel {channel} needs the identifier it is about.")
    return fitting[0]


def _activity(said: Said) -> Sequence[Fact]:
    kind = read_json.text(said.part.get("kind"))
    if not ACTIVITY_KIND.fullmatch(kind) or kind.partition(".")[0] in RESERVED_GROUPS:
        groups = ", ".join(RESERVED_GROUPS)
        raise Unreadable(f"kind must be dotted lower-case words such as quiz.finished, none beginning with {groups}.")
    return [
        ActivityNoted(
            ref=said.contact.ref,
            kind=kind,
            occurred_at=said.occurred_at,
            title=read_json.text(said.part.get("title"), 300),
            properties=read_json.obj(said.part.get("properties")),
        )
    ]


def _review(said: Said) -> Sequence[Fact]:
    part = said.part
    number = read_json.identity(part, "id") or said.event_id
    if not number:
        raise Unreadable("A review needs an id, or the event an event_id.")
    written = instant(part.get("written_at")) or said.occurred_at
    return [
        product_reviews.written_review(
            part, ref=said.contact.ref, source=said.source, number=number, written=min(written, said.occurred_at),
            changed=said.occurred_at,
        )
    ]  # fmt: skip


_ARMS: dict[str, Callable[[Said], Sequence[Fact]]] = {
    "order": _order,
    "cart": _cart,
    "message": _message,
    "consent": _consent,
    "activity": _activity,
    "review": _review,
}
TYPES = tuple(_ARMS)

"""One call of the tracking specification, read as far as every type of call has it: who, when, which one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm360.facts import ActivityNoted, ContactRef, ContactSeen, Identifier
from crm360.sources import json_fields as read
from crm360.sources import tracking_merge, tracking_names, tracking_traits
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.contact_keys import email_key, phone_key
from crm360.sources.instants import corrected_time, instant

_KEYS: Mapping[str, Callable[[str], str]] = {
    "email": email_key, "phone": phone_key, "customer_id": "user:{}".format, "device": "anon:{}".format,
}  # fmt: skip
#: What must not be said twice in a call, and how it stands in the body.
_ONCE = frozenset(
    {"userId", "user_id", "anonymousId", "anonymous_id", "messageId", "message_id", "previousId", "type", "event"}
)
_NAMES = tuple(f'"{name}"'.encode() for name in sorted(_ONCE))
TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias", "merge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`name` is the canonical event name of a track call; `message_id` the sender's, or a digest of the body."""

    type: str
    source: str
    ref: ContactRef
    user_id: str
    anonymous_id: str
    occurred_at: datetime
    message_id: str
    name: str
    written_name: str
    properties: JsonObject
    traits: JsonObject
    context: JsonObject
    raw: JsonObject
    default_currency: str
    #: The browser sends Global Privacy Control with every request.
    gpc: bool = False

    def of_user(self, user_id: str) -> Event:
        """The same event, by somebody whose id is known after all."""
        return replace(self, user_id=user_id, ref=ContactRef(self.source, f"user:{user_id}"))

    def activity(self, kind: str, title: str = "", said: Mapping[str, Any] | None = None) -> ActivityNoted:
        """This event as a line on the timeline, with the page and campaign it happened on.

        `said` stands in for its properties.
        """
        properties = dict(self.properties if said is None else said)
        if campaign := read.obj(self.context.get("campaign")):
            properties.setdefault("campaign", campaign)
        if url := read.first_text(read.obj(self.context.get("page")), "url"):
            properties.setdefault("url", url)
        return ActivityNoted(
            ref=self.ref, kind=kind, occurred_at=self.occurred_at, title=title[:300], properties=properties
        )


def parse(payload: Payload) -> Event:
    """Raises Unreadable when the type is unknown, a track call has no event name, or nobody is named."""
    raw = read.load(payload.body)
    _refuse_two_names(payload.body)
    kind = (read.text(raw.get("type")) or payload.headers.get("type", "")).lower()
    if kind not in TYPES:
        raise Unreadable(f"Unknown type of call {kind[:40]!r}; expected one of {', '.join(sorted(TYPES))}.")
    raw["type"] = kind
    context = read.obj(raw.get("context"))
    traits = tracking_traits.merged_traits(raw)
    written_name = read.first_text(raw, "event", "action") if kind == "track" else ""
    if kind == "track" and not written_name:
        raise Unreadable("A track call needs an event name in `event`.")
    name = tracking_names.canonical(written_name)
    user_id = read.identity(raw, "userId", "user_id")
    anonymous_id = read.identity(raw, "anonymousId", "anonymous_id")
    return Event(
        type=kind,
        source=payload.source,
        ref=_ref(payload.source, user_id, anonymous_id, _otherwise_known(raw, name, traits)),
        user_id=user_id,
        anonymous_id=anonymous_id,
        occurred_at=_occurred_at(raw, payload.received_at),
        message_id=read.first_text(raw, "messageId", "message_id") or read.digest(payload.body),
        name=name,
        written_name=written_name,
        properties=read.obj(raw.get("properties")),
        traits=traits,
        context=context,
        raw=raw,
        default_currency=payload.headers.get("currency", ""),
        gpc=payload.headers.get("gpc") == "1" or context.get("gpc") is True,
    )


def _refuse_two_names(body: bytes) -> None:
    """JSON may say a name twice and means the last; of an id that would be a guess at who is meant. Raises Unreadable."""
    if any(body.count(name) > 1 for name in _NAMES):
        repeated = read.repeated(body) & _ONCE
        if repeated:
            raise Unreadable(f"The call names {', '.join(sorted(repeated))} twice.")


def _otherwise_known(raw: JsonObject, name: str, traits: JsonObject) -> str:
    """How somebody is called whom the call gives no id: the recipient of a mail, whoever a merge is about."""
    if name in tracking_names.EMAIL_EVENTS and (recipient := tracking_traits.email_of(traits)):
        return email_key(recipient)
    if raw["type"] == "merge":
        for kind, value in tracking_merge.properties(raw):
            if kind in _KEYS:
                return _KEYS[kind](value)
    return ""


def _ref(source: str, user_id: str, anonymous_id: str, otherwise: str) -> ContactRef:
    if user_id:
        return ContactRef(source, f"user:{user_id}")
    if anonymous_id:
        return ContactRef(source, f"anon:{anonymous_id}")
    if otherwise:
        return ContactRef(source, otherwise)
    raise Unreadable("The call names nobody: it needs a userId or an anonymousId.")


def _occurred_at(raw: JsonObject, received_at: datetime) -> datetime:
    original = instant(raw.get("originalTimestamp"))
    given = instant(raw.get("timestamp"))
    if given is not None and instant(raw.get("receivedAt")) is not None:
        # Another collector received it before us and has corrected `timestamp` already.
        return corrected_time(received_at=received_at, sent_at=None, original=given)
    return corrected_time(
        received_at=received_at, sent_at=instant(raw.get("sentAt")), original=given if original is None else original
    )


def contact(event: Event) -> ContactSeen:
    """Whom the event shows: an anonymous device, unless an id or a trait of a person comes with it."""
    found = tracking_traits.identifiers(event.traits)
    fields = tracking_traits.fields(event.traits)
    attributes = tracking_traits.attributes(event.traits)
    if event.anonymous_id:
        found = (Identifier("device", event.anonymous_id), *found)
    if event.user_id:
        found = (Identifier("customer_id", f"{event.source}:{event.user_id}"), *found)
    anonymous = not any(identifier.kind != "device" for identifier in found)
    locale = read.first_text(event.context, "locale")
    if locale and not anonymous:
        fields.setdefault("locale", locale)
    return ContactSeen(
        ref=event.ref,
        occurred_at=event.occurred_at,
        fields=fields,
        identifiers=found,
        attributes=attributes,
        anonymous=anonymous,
    )

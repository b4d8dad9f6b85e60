"""One call of the tracking specification, read as far as every type of call has it: who, when, which one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm360.facts import ActivityNoted, ContactRef, ContactSeen, Identifier
from crm360.sources import json_fields as read
from crm360.sources import tracking_names, tracking_traits
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.contact_keys import email_key
from crm360.sources.instants import corrected_time, instant

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

    def activity(self, kind: str, title: str = "") -> ActivityNoted:
        """This event as a line on the timeline, with the page and campaign it happened on."""
        properties = dict(self.properties)
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
        ref=_ref(payload.source, user_id, anonymous_id, _recipient(name, traits)),
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
    )


def _recipient(name: str, traits: JsonObject) -> str:
    return tracking_traits.email_of(traits) if name in tracking_names.EMAIL_EVENTS else ""


def _ref(source: str, user_id: str, anonymous_id: str, recipient: str) -> ContactRef:
    if user_id:
        return ContactRef(source, f"user:{user_id}")
    if anonymous_id:
        return ContactRef(source, f"anon:{anonymous_id}")
    if recipient:
        return ContactRef(source, email_key(recipient))
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

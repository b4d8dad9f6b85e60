"""Shop and site events by the Segment and RudderStack tracking specification: one call per payload.

The door has merged a batch's `context`, `integrations` and `sentAt` into the call, and names in the header `type` what
the path said. The optional header `currency` is that of events which name none.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier
from crm360.sources import json_fields, tracking_ecommerce, tracking_messages, tracking_names
from crm360.sources.base import Payload, Unreadable
from crm360.sources.tracking_consents import consents
from crm360.sources.tracking_event import Event, contact, parse

CHANNEL = "tracking"


def read(payload: Payload) -> Sequence[Fact]:
    """One call → the contact it shows, then what it did. Raises Unreadable."""
    event = parse(payload)
    if event.type == "alias":
        return _alias(event)
    if event.type == "merge":
        return [_merge(event)]
    seen = contact(event)
    match event.type:
        case "identify":
            return [seen, *consents(event)]
        case "page" | "screen":
            return [seen, event.activity(f"{event.type}.viewed", _page_title(event))]
        case "group":
            return _group(event, seen)
        case _:
            return [seen, *_tracked(event)]


def _tracked(event: Event) -> Sequence[Fact]:
    for specification in (tracking_ecommerce, tracking_messages):
        found = specification.facts(event)
        if found is not None:
            return found
    return [event.activity(tracking_names.custom_kind(event.written_name), event.written_name)]


def _page_title(event: Event) -> str:
    page = json_fields.obj(event.context.get("page"))
    return (
        json_fields.first_text(event.raw, "name")
        or json_fields.first_text(event.properties, "title", "name")
        or json_fields.first_text(page, "title", "path", "url")
        or json_fields.first_text(event.properties, "path", "url")
    )


def _group(event: Event, seen: ContactSeen) -> Sequence[Fact]:
    company = json_fields.obj(event.raw.get("traits"))
    name, group_id = json_fields.first_text(company, "name"), json_fields.first_text(event.raw, "groupId", "group_id")
    fields = {**seen.fields, "company": name} if name else dict(seen.fields)
    attributes = {**seen.attributes, "group_id": group_id} if group_id else dict(seen.attributes)
    member = ContactSeen(
        ref=seen.ref,
        occurred_at=seen.occurred_at,
        fields=fields,
        identifiers=seen.identifiers,
        attributes=attributes,
        anonymous=seen.anonymous,
    )
    return [member, event.activity("group.joined", name or group_id)]


def _alias(event: Event) -> Sequence[Fact]:
    """The same person under two ids. The former may have been a device's or a user's, so it is stated as both."""
    former = json_fields.identity(event.raw, "previousId", "previous_id")
    if not event.user_id or not former:
        raise Unreadable("An alias call needs both userId and previousId.")
    if former == event.user_id:
        return []
    source = event.source
    identifiers = [Identifier("customer_id", f"{source}:{event.user_id}"), Identifier("device", former)]
    if event.anonymous_id and event.anonymous_id != former:
        identifiers.append(Identifier("device", event.anonymous_id))
    identifiers.append(Identifier("customer_id", f"{source}:{former}"))
    ref = ContactRef(source, f"user:{event.user_id}")
    return [ContactSeen(ref=ref, occurred_at=event.occurred_at, identifiers=tuple(identifiers))]


def _merge(event: Event) -> ContactSeen:
    """RudderStack's merge: `mergeProperties` name further identifiers of the same person."""
    seen = contact(event)
    further = [
        found for stated in json_fields.objects(event.raw.get("mergeProperties")) if (found := _merged(event, stated))
    ]
    identifiers = tuple(dict.fromkeys((*seen.identifiers, *further)))
    anonymous = not any(identifier.kind != "device" for identifier in identifiers)
    return ContactSeen(ref=seen.ref, occurred_at=seen.occurred_at, identifiers=identifiers, anonymous=anonymous)


def _merged(event: Event, stated: dict[str, object]) -> Identifier | None:
    value = json_fields.identity(stated, "value")
    match json_fields.first_text(stated, "type").lower().replace("_", "") if value else "":
        case "email":
            return Identifier("email", value)
        case "phone":
            return Identifier("phone", value)
        case "userid":
            return Identifier("customer_id", f"{event.source}:{value}")
        case "anonymousid":
            return Identifier("device", value)
        case _:
            return None

"""Shop and site events by the Segment and RudderStack tracking specification: one call per payload.

The door has merged a batch's `context`, `integrations` and `sentAt` into the call, and names in the header `type` what
the path said. The optional header `currency` is that of events which name none.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, SamePerson
from crm360.sources import (
    json_fields,
    tracking_ecommerce,
    tracking_merge,
    tracking_messages,
    tracking_names,
    tracking_site,
)
from crm360.sources.base import Payload, Unreadable
from crm360.sources.channel import Channel
from crm360.sources.tracking_consents import consents
from crm360.sources.tracking_event import Event, contact, parse
from crm360.sources.tracking_site import objections

CHANNEL = "tracking"
ABOUT = Channel(
    label="Website or app",
    group="site",
    write_key=True,
    setup=(
        "Put the snippet below into every page of the site, before the end of its head.",
        "Or point a Segment, RudderStack or Jitsu library at this address with the write key.",
    ),
)


def read(payload: Payload) -> Sequence[Fact]:
    """One call → the contact it shows, then what it did. Raises Unreadable."""
    event = parse(payload)
    if event.type == "alias":
        return _alias(event)
    if event.type == "merge":
        return _merge(event)
    return [*_facts(event, contact(event)), *objections(event)]


def _facts(event: Event, seen: ContactSeen) -> Sequence[Fact]:
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
    for specification in (tracking_ecommerce, tracking_messages, tracking_site):
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
    told = {**company, "group_id": group_id} if group_id else company
    return [member, event.activity("group.joined", name or group_id, {**event.properties, **told})]


def _alias(event: Event) -> Sequence[Fact]:
    """The same person under two ids. The former may have been a device's or a user's, so it is stated as both."""
    former = json_fields.identity(event.raw, "previousId", "previous_id")
    if not event.user_id or not former:
        raise Unreadable("An alias call needs both userId and previousId.")
    if former == event.user_id:
        return []
    devices = dict.fromkeys((former, event.anonymous_id) if event.anonymous_id else (former,))
    identifiers = (
        Identifier("customer_id", f"{event.source}:{event.user_id}"),
        *(Identifier("device", device) for device in devices),
    )
    seen = ContactSeen(ref=event.ref, occurred_at=event.occurred_at, identifiers=identifiers)
    return [seen, _same(event, former)]


def _same(event: Event, former_user: str) -> SamePerson:
    former = ContactRef(event.source, f"user:{former_user}")
    return SamePerson(ref=event.ref, former=former, occurred_at=event.occurred_at)


def _merge(event: Event) -> Sequence[Fact]:
    """RudderStack's merge: `mergeProperties` name further identifiers of the same person."""
    stated = tracking_merge.properties(event.raw)
    users = [value for kind, value in stated if kind == "customer_id" and value != event.user_id]
    if users and not event.user_id:
        event = event.of_user(users.pop(0))
    seen = contact(event)
    further = (Identifier(kind, value) for kind, value in stated if kind != "customer_id")
    identifiers = tuple(dict.fromkeys((*seen.identifiers, *further)))
    anonymous = not any(identifier.kind != "device" for identifier in identifiers)
    whole = ContactSeen(ref=seen.ref, occurred_at=seen.occurred_at, identifiers=identifiers, anonymous=anonymous)
    return [whole, *(_same(event, user) for user in users)]

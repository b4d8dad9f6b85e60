"""Finding and reading customers."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Any

from crm360.api import bodies, disclosing, examples, profile_view, schemas
from crm360.api.door import door, failing
from crm360.api.policy import requires
from crm360.commerce import queries as commerce
from crm360.identity import queries as identity
from crm360.identity.models import ContactIdentifier
from crm360.kernel import clock, paging
from crm360.profiles import queries as golden
from crm360.profiles import search
from crm360.profiles import timeline as events

TAGS = ["Profiles"]
ID = "/profiles/<int(min=1, max=9223372036854775807):profile_id>"
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
refused_or_absent = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@door.get("/profiles", tags=TAGS)
@requires("customers.read")
@refused
@door.arguments(bodies.ProfileQuery, location="query")
@door.response(HTTPStatus.OK, schemas.ProfilePage, example=examples.PROFILE_PAGE)
@door.doc(operationId="listProfiles")
def profiles(query: dict[str, Any]) -> dict[str, Any]:
    """Find or list customers

    With `q` the best matches of a search that forgives typos and missing diacritics; else all, by id, page by page.
    """
    if query["q"]:
        hits, cursor = search.find(query=query["q"], limit=query["limit"]), None
    else:
        hits, cursor = _page(query["after"], query["limit"])
    return disclosing.listed({"items": [profile_view.summary(hit) for hit in hits], "next_cursor": cursor})


@door.get(ID, tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.Profile, example=examples.PROFILE)
@door.doc(operationId="getProfile")
def profile(profile_id: int) -> dict[str, Any]:
    """Read a customer

    The golden record with the provenance of every value, identifiers, value, consents and tags. An id that was merged
    into another answers with the profile that holds the customer now: `id` and `links.canonical` say which.
    """
    contacts, present = identity.contacts_of(profile_id), profile_id
    if not contacts:
        present = identity.current(profile_id)
        contacts = identity.contacts_of(present)
    document = profile_view.profile(present, contacts, requested_id=profile_id, now=clock.now())
    return disclosing.opened(present, document)


@door.get(f"{ID}/timeline", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.arguments(bodies.TimelineQuery, location="query")
@door.response(HTTPStatus.OK, schemas.Timeline, example=examples.TIMELINE)
@door.doc(operationId="listTimeline")
def timeline(query: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Read what happened, newest first"""
    present = identity.current(profile_id)
    groups = [group.strip() for group in query["groups"].split(",") if group.strip()]
    page = events.page(profile_id=present, groups=groups, before=query["after"], limit=query["limit"])
    names = ("id", "kind", "group", "occurred_at", "title", "properties", "subject", "source", "contact_id")
    items = [{name: getattr(event, name) for name in names} for event in page.entries]
    return disclosing.opened(present, {"profile_id": present, "items": items, "next_cursor": page.next_cursor})


@door.get(f"{ID}/contacts", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.ContactList, example=examples.CONTACTS)
@door.doc(operationId="listContacts")
def contacts(profile_id: int) -> dict[str, Any]:
    """Read the source records a customer is made of, oldest first"""
    present = identity.current(profile_id)
    held: defaultdict[int, list[ContactIdentifier]] = defaultdict(list)
    for each in identity.identifiers_of(present):
        held[each.contact_id].append(each)
    items = [profile_view.contact(record, held[record.id]) for record in identity.contacts_of(present)]
    return disclosing.opened(present, {"profile_id": present, "items": items})


@door.get(f"{ID}/orders", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.arguments(bodies.PageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.OrderList, example=examples.ORDERS)
@door.doc(operationId="listOrders")
def orders(query: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Read purchases with their lines, newest first"""
    present = identity.current(profile_id)
    page = commerce.orders_with_lines(present, limit=query["limit"], before=query["after"])
    items = [profile_view.order(made, page.lines.get(made.id, [])) for made in page.orders]
    return disclosing.opened(present, {"profile_id": present, "items": items, "next_cursor": page.next_cursor})


def _page(after: str, limit: int) -> tuple[list[search.Hit], str | None]:
    """A page of all customers by id, and where the next begins."""
    (last,) = paging.decode(after, int) if after else (0,)
    ids = identity.profile_page(after=int(str(last)), limit=limit + 1)
    records = golden.golden(ids[:limit])
    named = ((each, records.get(each)) for each in ids[:limit])
    hits = [
        search.Hit(each, of.display_name if of else f"#{each}", of.city if of else "", "", "", (), ())
        for each, of in named
    ]
    return hits, paging.encode(ids[limit - 1]) if len(ids) > limit else None

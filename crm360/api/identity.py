"""Asking who is who: whom data belongs to, why records are one customer, how a customer came to be."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import request

from crm360.api import bodies_identity as bodies
from crm360.api import disclosing, identity_view, slices
from crm360.api import examples_identity as examples
from crm360.api import schemas_identity as schemas
from crm360.api.door import NotAccepted, door, failing
from crm360.api.policy import key, requires
from crm360.api.profiles import ID, refused_or_absent
from crm360.facts import Identifier
from crm360.identity import explaining, listing, probing
from crm360.identity import queries as identity
from crm360.identity.recording import DEFAULT_REGION
from crm360.identity.thresholds import thresholds
from crm360.inbox import queries as inbox
from crm360.kernel import dialects
from crm360.kernel.errors import Invalid
from crm360.profiles import queries as golden
from crm360.sources import api_contact
from crm360.sources.base import Unreadable

TAGS = ["Identity"]
CONTACT = "/contacts/<int(min=1, max=9223372036854775807):contact_id>"
OTHER = "<int(min=1, max=9223372036854775807):other_id>"
refused = failing(
    HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)  # fmt: skip


class OneRecord(Invalid):
    """The same record was named twice."""


@door.before_request
def let_questions_only_read() -> None:
    """A question too long for an address comes as POST; it need not wait for SQLite's one writer."""
    if request.endpoint == "api.resolve":
        dialects.set_may_write(False)


@door.post("/identity/resolve", tags=TAGS)
@requires("customers.read")
@refused
@door.arguments(bodies.ResolveRequest, example=examples.RESOLVE)
@door.response(HTTPStatus.OK, schemas.Resolution, example=examples.RESOLUTION)
@door.doc(operationId="resolveIdentity")
def resolve(body: dict[str, Any]) -> dict[str, Any]:
    """Ask who somebody would be

    The data is read, looked up and weighed as that of an arriving record, and not stored. `profile_id` is whom it would
    join; `items` are the most alike profiles, each with the evidence. Values that belong to many people lead to nobody
    and are listed in `ignored`.
    """
    probed = probe(body, source=body["source"] or key().name)
    ids = [each.profile_id for each in probed.likely]
    document = identity_view.resolution(probed, golden.golden(ids))
    return disclosing.told(ids, document, action=disclosing.MATCHED)


@door.get(f"{CONTACT}/candidates", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.arguments(bodies.ReadPageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.ContactPairPage, example=examples.CANDIDATES)
@door.doc(operationId="listCandidates")
def candidates(query: dict[str, Any], contact_id: int) -> dict[str, Any]:
    """Read which records one record is like, strongest first"""
    found = listing.pairs_of(contact_id, after=query["after"], limit=query["limit"])
    homes = homes_of(contact_id, found.items)
    records = golden.golden(set(homes.values()))
    items = [identity_view.pair(edge, contact_id, homes, records) for edge in found.items]
    told = {"contact_id": contact_id, "thresholds": identity_view.lines(thresholds()), "items": items}
    return disclosing.told(homes.values(), told | {"next_cursor": found.next_cursor})


@door.get(f"{CONTACT}/explanation/{OTHER}", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@failing(HTTPStatus.UNPROCESSABLE_ENTITY)
@door.response(HTTPStatus.OK, schemas.Explanation, example=examples.EXPLANATION)
@door.doc(operationId="explainPair")
def explanation(contact_id: int, other_id: int) -> dict[str, Any]:
    """Read why two records are, or are not, one customer

    Everything that speaks for and against, as it is now. `waterfall` is the same as bars to draw, from the prior to the
    total; `path` the shortest chain of evidence and decisions between two records of one customer.
    """
    if contact_id == other_id:
        raise OneRecord("A record is explained beside another one.")
    pair = identity.contacts([contact_id, other_id])  # read once: as long as it is held, nobody reads it again
    told = explaining.explain(left_id=contact_id, right_id=other_id)
    path = explaining.path(left_id=contact_id, right_id=other_id) if told.together else []
    homes = {each.id: each.profile_id for each in pair.values()}
    return disclosing.told(homes.values(), identity_view.explanation(told, path, homes))


@door.get(f"{ID}/connections", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.arguments(bodies.ReadPageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.ConnectionPage, example=examples.CONNECTIONS)
@door.doc(operationId="listConnections")
def connections(query: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Read what holds a customer's records together: decisions first, then evidence, strongest first"""
    present = identity.current(profile_id)
    steps, cursor = slices.page(explaining.connections(present), identity_view.tie_order, **query)
    items = [identity_view.tie(step) for step in steps]
    return disclosing.opened(present, {"profile_id": present, "items": items, "next_cursor": cursor})


@door.get(f"{ID}/history", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.arguments(bodies.ReadPageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.IdentityHistory, example=examples.HISTORY)
@door.doc(operationId="listIdentityHistory")
def history(query: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Read what joined and parted a customer's records, latest first"""
    present = identity.current(profile_id)
    steps, cursor = slices.page(identity.history(present), identity_view.step_order, **query)
    items = [identity_view.step(step) for step in steps]
    return disclosing.opened(present, {"profile_id": present, "items": items, "next_cursor": cursor})


@door.get("/identity/shared-identifiers", tags=TAGS)
@requires("merges.decide")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
@door.arguments(bodies.ReadPageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.SharedIdentifierPage, example=examples.SHARED)
@door.doc(operationId="listSharedIdentifiers")
def shared_identifiers(query: dict[str, Any]) -> dict[str, Any]:
    """Read which identifiers belong to many people and join nobody, those of most first"""
    found = listing.shared(after=query["after"], limit=query["limit"])
    items = [identity_view.shared(each) for each in found.items]
    return disclosing.identifiers_listed({"items": items, "next_cursor": found.next_cursor})


def homes_of(contact_id: int, pairs: Sequence[listing.Weighed]) -> dict[int, int]:
    """contact id → profile id, of a contact and of those it is paired with. Raises ContactNotFound."""
    homes = identity.profile_ids({contact_id, *(end for edge in pairs for end in (edge.left_id, edge.right_id))})
    if contact_id not in homes:
        raise identity.ContactNotFound(f"There is no customer record {contact_id}.")
    return homes


def probe(body: dict[str, Any], *, source: str) -> probing.Probed:
    """Hold what was sent against the base, read as a contact of `source` would be. Raises NotAccepted."""
    inlet = inbox.find_source(source)
    region = (inlet.settings.get("region") if inlet else "") or DEFAULT_REGION
    identifiers = _identifiers(body["identifiers"], source)
    return probing.probe(fields=body["fields_"], identifiers=identifiers, region=region, limit=body["limit"])


def _identifiers(said: Sequence[dict[str, Any]], source: str) -> list[Identifier]:
    found: list[Identifier] = []
    for index, each in enumerate(said):
        try:
            found.append(api_contact.identifier(each, source))
        except Unreadable as error:
            text = str(error)
            raise NotAccepted(text, errors={f"identifiers.{index}.value": [text]}) from None
    return found

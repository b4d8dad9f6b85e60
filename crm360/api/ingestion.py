"""Contacts and events of integrators: into the inbox, like whatever else comes from outside."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request

from crm360.api import bodies, examples, keeping, schemas
from crm360.api.door import body_of, door, failing
from crm360.api.policy import requires

TAGS = ["Ingestion"]
refused = failing(
    HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)  # fmt: skip


@door.post("/contacts", tags=TAGS)
@requires("api.ingest")
@refused
@door.arguments(bodies.SentContact, example=examples.CONTACT)
@door.arguments(bodies.IngestionHeaders, location="headers")
@door.response(HTTPStatus.ACCEPTED, schemas.Receipt, example=examples.RECEIPT)
@door.doc(operationId="sendContact")
def send_contact(_body: dict[str, Any], headers: dict[str, str]) -> dict[str, int]:
    """State a contact of your own system

    Creates it or adds to it: fields given overwrite what this source said before, absent ones stay. A profile is found
    or made for it within seconds. Only a statement with an `event_id`, an `occurred_at` or an `Idempotency-Key` can be
    recognised as a repeat; without any it is taken as new, which changes nothing when it says the same.
    """
    contact = body_of(request)
    return keeping.keep_contact(contact, source=contact.pop("source", ""), call=headers.get("idempotency_key", ""))


@door.post("/events", tags=TAGS)
@requires("api.ingest")
@refused
@door.arguments(bodies.SentEvents, examples=examples.EVENTS)
@door.arguments(bodies.IngestionHeaders, location="headers")
@door.response(HTTPStatus.ACCEPTED, schemas.Receipt, example=examples.RECEIPT)
@door.doc(operationId="sendEvents")
def send_events(_body: dict[str, Any], headers: dict[str, str]) -> dict[str, int]:
    """Send events: orders, carts, messages, consents, activities, reviews

    One to 1000, all or none. A repeat is recognised by `event_id`, else by `Idempotency-Key` and position, else by its
    content. An event names its customer by `external_id`, by identifiers, or both.
    """
    body = body_of(request)
    return keeping.keep_events(body["events"], source=body.get("source", ""), call=headers.get("idempotency_key", ""))

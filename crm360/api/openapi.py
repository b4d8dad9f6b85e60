"""The OpenAPI 3.1 document of this door, gathered from its views."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from flask import current_app
from flask_smorest import Api
from flask_smorest.utils import prepare_response

import config
from crm360.api.door import door
from crm360.api.problems import MEDIA_TYPE
from crm360.api.schemas import Problem

VERSION = "1.0"
#: Where an application keeps its document.
_GATHERED = "crm360-openapi"
TAGS = {
    "Profiles": "Unified customers: who they are, where each value comes from, what happened.",
    "Identity": "Who is who: whom data belongs to, why records are one customer, how a customer came to be.",
    "Reviews": "Customers who may be one: alike enough to ask a person, not enough to join by themselves.",
    "Decisions": "What people and integrations decide of who is who; every decision can be taken back.",
    "Identity rules": "Values that join nobody or are one person's own, limits per kind, how fields are chosen.",
    "Matching models": "Versions of the model that weighs records, and choosing one.",
    "Ingestion": "Contacts and events of your own system. Kept before they are acknowledged, processed within seconds.",
    "Product reviews": "What customers wrote in public of products: read, answered, closed. They come in as events.",
    "Surveys": "Questions to customers, when they are put, and the answers: in from other systems, out with their scores.",
    "Segments": "Sets of customers by rules over what they did and are: counted, read, tried on one customer.",
    "Consents": "Whether an address may be used for a purpose on a channel, now or on a date. Statements come in as events.",
    "Privacy requests": "What a person asked another system, passed on: OpenDSR requests and Segment's regulations.",
    "Campaigns": "Messages to many: whom they reach and why not the others, how they go, what came of them.",
    "Webhooks": "Other systems told what happens to customers: signed, in order, until it arrived.",
}
ABOUT = """\
Every call carries an API key: `Authorization: Bearer KEY`. The key's role decides what it may do; without
`contacts.reveal` e-mail addresses and phone numbers are masked.

Times are ISO 8601 in UTC. Amounts come in minor units with a currency and, for reading, in major units. Lists are
paged: pass `next_cursor` as `after` until it is null. Failures are `application/problem+json` (RFC 9457) with one
message per field in `errors`, and a `request_id` the log knows.
"""


class Interface(Api):
    """Gathers the document; failures are this door's own to shape."""

    def _register_error_handlers(self) -> None:
        """`problems` answers; the whole application's errors are not this door's."""

    def _register_pagination_header(self) -> None:
        """Pages carry their cursor in the body."""

    def _register_responses(self) -> None:
        named = [(status.name, status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
        for name, phrase in [*named, ("DEFAULT_ERROR", "Any other failure")]:
            response: dict[str, Any] = {"description": phrase, "schema": Problem}
            prepare_response(response, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, response, lazy=True)


def description(settings: config.Settings) -> dict[str, Any]:
    """What the document says before its paths."""
    return {
        "title": "crm360",
        "version": VERSION,
        "openapi_version": "3.1.0",
        "info": {"description": ABOUT},
        "servers": [{"url": settings.public_url}],
        "security": [{"api_key": []}],
        "components": {"securitySchemes": {"api_key": {"type": "http", "scheme": "bearer"}}},
    }


def document() -> dict[str, Any]:
    """The document of the current application: gathered when it is first asked for, which hardly a process ever is."""
    if _GATHERED not in current_app.extensions:
        current_app.extensions[_GATHERED] = _gather(current_app.config["SETTINGS"])
    return cast("dict[str, Any]", current_app.extensions[_GATHERED])


def _gather(settings: config.Settings) -> dict[str, Any]:
    interface = Interface(current_app, spec_kwargs=description(settings))
    door.register_views_in_doc(interface, current_app, interface.spec, name=door.name, parameters=None)
    found = cast("dict[str, Any]", interface.spec.to_dict())
    return found | {"tags": [{"name": name, "description": about} for name, about in TAGS.items()]}

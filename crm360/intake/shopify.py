"""Shopify's webhooks: signed over the raw body, one delivery is one payload."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from crm360.inbox.operations import NewPayload, content_key, senders_key
from crm360.intake import answers
from crm360.intake.inlets import Inlet, keep
from crm360.intake.policy import signed_by

_KEPT = ("topic", "shop-domain", "api-version", "webhook-id", "event-id", "triggered-at")

blueprint = Blueprint("shopify_hook", __name__)


@blueprint.post("/hooks/shopify/<source>")
@signed_by("hmac")
def deliver(inlet: Inlet) -> ResponseReturnValue:
    body = request.get_data()
    names = (f"x-shopify-{name}" for name in _KEPT)
    headers = {name: request.headers[name] for name in names if name in request.headers}
    keep(inlet, [NewPayload(_dedup_key(headers, body), body, headers)])
    return answers.success()


def _dedup_key(headers: dict[str, str], body: bytes) -> str:
    """A retry repeats the delivery's id; one event's id is shared by the topics that tell of it."""
    topic = headers.get("x-shopify-topic", "")
    if delivery := headers.get("x-shopify-webhook-id"):
        return senders_key(delivery)
    if event := headers.get("x-shopify-event-id"):
        return senders_key(f"{event} {topic}")
    return content_key(topic.encode(), body)

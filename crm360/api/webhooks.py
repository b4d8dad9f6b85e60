"""Endpoints of outgoing webhooks, their log, and sending again."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import current_app

from crm360.accounts import audit
from crm360.api import examples_webhooks as examples
from crm360.api import schemas_webhooks as schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.kernel import clock, paging
from crm360.webhooks import operations, queries
from crm360.webhooks.models import Attempt, Delivery, Endpoint, Event

TAGS = ["Webhooks"]
ID = "/webhooks/<int(min=1, max=9223372036854775807):endpoint_id>"
DELIVERY = "/webhook-deliveries/<int(min=1, max=9223372036854775807):delivery_id>"
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
refused_or_absent = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
refused_or_paused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@door.get("/webhooks", tags=TAGS)
@requires("webhooks.manage")
@refused
@door.response(HTTPStatus.OK, schemas.EndpointList, example={"items": [examples.ENDPOINT]})
@door.doc(operationId="listWebhooks")
def webhooks() -> dict[str, Any]:
    """Read who is told what happens to customers"""
    return {"items": [_endpoint(each) for each in queries.all_endpoints()]}


@door.post("/webhooks", tags=TAGS)
@requires("webhooks.manage")
@refused
@door.arguments(schemas.NewEndpoint, example=examples.NEW)
@door.response(HTTPStatus.CREATED, schemas.EndpointWithSecret, example=examples.ENDPOINT | {"secret": examples.SECRET})
@door.doc(operationId="createWebhook")
def create_webhook(body: dict[str, Any]) -> dict[str, Any]:
    """Tell another system what happens from now on

    Deliveries are signed after Standard Webhooks with the `secret` of the answer, which is shown this once.
    """
    endpoint, secret = operations.open_endpoint(**body, key=_sealing_key(), now=clock.now())
    _record("webhook.created", endpoint.id)
    return _endpoint(endpoint) | {"secret": secret}


@door.get(ID, tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.Endpoint, example=examples.ENDPOINT)
@door.doc(operationId="getWebhook")
def webhook(endpoint_id: int) -> dict[str, Any]:
    """Read one endpoint and how it does"""
    return _endpoint(queries.get_endpoint(endpoint_id))


@door.post(f"{ID}/changes", tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.arguments(schemas.ChangedEndpoint, example={"kinds": ["consent.changed"]})
@door.response(HTTPStatus.OK, schemas.Endpoint, example=examples.ENDPOINT)
@door.doc(operationId="changeWebhook")
def change_webhook(body: dict[str, Any], endpoint_id: int) -> dict[str, Any]:
    """Change an endpoint's address, kinds or description

    What is not named stays.
    """
    changed = operations.change(endpoint_id=endpoint_id, **body)
    _record("webhook.changed", endpoint_id)
    return _endpoint(changed)


@door.post(f"{ID}/removal", tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.NO_CONTENT)
@door.doc(operationId="removeWebhook")
def remove_webhook(endpoint_id: int) -> None:
    """Forget an endpoint, what waits for it and its log"""
    operations.remove(endpoint_id=endpoint_id)
    _record("webhook.removed", endpoint_id)


@door.post(f"{ID}/secrets", tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.CREATED, schemas.NewSecret, example=examples.NEW_SECRET)
@door.doc(operationId="rotateWebhookSecret")
def rotate_webhook(endpoint_id: int) -> dict[str, Any]:
    """Sign with a new secret

    For a day every delivery carries two signatures, one by the secret before it.
    """
    now = clock.now()
    secret = operations.new_secret(endpoint_id=endpoint_id, key=_sealing_key(), now=now)
    _record("webhook.rotated", endpoint_id)
    return {"secret": secret, "old_secret_until": queries.old_secret_until(endpoint_id, now=now)}


@door.post(f"{ID}/pause", tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.Endpoint, example=examples.ENDPOINT)
@door.doc(operationId="pauseWebhook")
def pause_webhook(endpoint_id: int) -> dict[str, Any]:
    """Send nothing for now; what happens waits"""
    if operations.pause(endpoint_id=endpoint_id, by=key().name, now=clock.now()):
        _record("webhook.paused", endpoint_id)
    return _endpoint(queries.get_endpoint(endpoint_id))


@door.post(f"{ID}/resumption", tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.Endpoint, example=examples.ENDPOINT)
@door.doc(operationId="resumeWebhook")
def resume_webhook(endpoint_id: int) -> dict[str, Any]:
    """Send again, first what waited"""
    if operations.resume(endpoint_id=endpoint_id, by=key().name, now=clock.now()):
        _record("webhook.resumed", endpoint_id)
    return _endpoint(queries.get_endpoint(endpoint_id))


@door.post(f"{ID}/tests", tags=TAGS)
@requires("webhooks.manage")
@refused_or_paused
@door.response(HTTPStatus.CREATED, schemas.WholeDelivery, example=examples.WHOLE)
@door.doc(operationId="testWebhook")
def test_webhook(endpoint_id: int) -> dict[str, Any]:
    """Send an event that says nothing"""
    return _whole(queries.get_delivery(operations.send_test(endpoint_id=endpoint_id, now=clock.now())))


@door.post(f"{ID}/redeliveries", tags=TAGS)
@requires("webhooks.manage")
@refused_or_paused
@door.arguments(schemas.Since, example={"since": "2026-03-01T00:00:00Z"})
@door.response(HTTPStatus.ACCEPTED, schemas.Count, example={"count": 12})
@door.doc(operationId="redeliverFailed")
def redeliver_failed(body: dict[str, Any], endpoint_id: int) -> dict[str, Any]:
    """Send everything again that was given up"""
    count = operations.redeliver_failed(endpoint_id=endpoint_id, since=body["since"], now=clock.now())
    _record("webhook.redelivered", endpoint_id, count=count)
    return {"count": count}


@door.get("/webhook-deliveries", tags=TAGS)
@requires("webhooks.manage")
@refused
@door.arguments(schemas.DeliveryQuery, location="query")
@door.response(HTTPStatus.OK, schemas.DeliveryPage, example={"items": [examples.DELIVERY], "next_cursor": None})
@door.doc(operationId="listDeliveries")
def deliveries(query: dict[str, Any]) -> dict[str, Any]:
    """Read the log, the latest first"""
    after, size = query.pop("after"), query.pop("limit")
    before = int(str(paging.decode(after, int)[0])) if after else None
    lines = queries.log(**query, before=before, limit=size + 1)
    following = paging.encode(lines[size - 1].delivery.id) if len(lines) > size else None
    return {"items": [_delivery(line.delivery, line.event) for line in lines[:size]], "next_cursor": following}


@door.get(DELIVERY, tags=TAGS)
@requires("webhooks.manage")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.WholeDelivery, example=examples.WHOLE)
@door.doc(operationId="getDelivery")
def delivery(delivery_id: int) -> dict[str, Any]:
    """Read one delivery: what is sent and what was answered"""
    return _whole(queries.get_delivery(delivery_id))


@door.post(f"{DELIVERY}/redelivery", tags=TAGS)
@requires("webhooks.manage")
@refused_or_paused
@door.response(HTTPStatus.ACCEPTED, schemas.WholeDelivery, example=examples.WHOLE)
@door.doc(operationId="redeliver")
def redeliver(delivery_id: int) -> dict[str, Any]:
    """Send one event again, under its own id"""
    again = operations.redeliver(delivery_id=delivery_id, now=clock.now())
    _record("webhook.redelivered", again.endpoint_id, delivery=delivery_id)
    return _whole(again)


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    figures = queries.figures(now=clock.now()).get(endpoint.id, queries.Figures())
    pause = queries.pause_of(endpoint.id)
    return {
        **{name: getattr(endpoint, name) for name in ("id", "url", "description", "kinds", "created_at")},
        "paused": {"reason": pause.reason, "since": pause.paused_at, "by": pause.paused_by} if pause else None,
        "waiting": figures.waiting,
        "given_up": figures.given_up,
        "succeeded_at": endpoint.succeeded_at,
        "failing_since": endpoint.failing_since,
    }


def _delivery(delivery: Delivery, event: Event) -> dict[str, Any]:
    names = ("id", "endpoint_id", "state", "due_at", "settled_at")
    told: Mapping[str, Any] = {name: getattr(delivery, name) for name in names}
    return {**told, **{name: getattr(event, name) for name in ("message_id", "kind", "profile_id", "occurred_at")}}


def _whole(delivery: Delivery) -> dict[str, Any]:
    event = queries.event_of(delivery)
    attempts = [_attempt(each) for each in queries.attempts_of(delivery.id)]
    return _delivery(delivery, event) | {"body": event.body, "attempts": attempts}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    told = {name: getattr(attempt, name) for name in ("number", "at", "status", "milliseconds")}
    return told | {"failure": attempt.symbol, "answer": attempt.excerpt}


def _sealing_key() -> str:
    found: str = current_app.config["SETTINGS"].secret_key
    return found


def _record(action: str, endpoint_id: int, **details: Any) -> None:
    audit.record(
        actor=actor(), action=action, subject_kind="webhook", subject_id=endpoint_id, details=details, now=clock.now()
    )

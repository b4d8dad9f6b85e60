"""Sends the demo's payloads through the machines' doors, each request a visit of its own as a server would have it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import Context
from typing import NamedTuple

from flask import Flask
from werkzeug.test import Client

from crm360.demo import payloads_chatwoot, payloads_shopify, payloads_tracking
from crm360.demo.shop import CHAT, SHOP, Doors
from crm360.demo.world import World


class Request(NamedTuple):
    """A POST, and how many payloads it carries."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    payloads: int


class DoorShut(RuntimeError):
    """A door refused a payload of the demo: the demo and the door have come apart."""


def requests(world: World, doors: Doors) -> Iterator[Request]:
    """Every request: the shop's webhooks, the chat's, then the tracker's batches."""
    for delivery in payloads_shopify.deliveries(world):
        body = delivery.body()
        yield Request(f"/hooks/shopify/{SHOP}", delivery.headers(body, doors.shopify_secret), body, 1)
    for message in payloads_chatwoot.deliveries(world):
        body = message.body()
        yield Request(f"/hooks/chatwoot/{CHAT}/{doors.chat_token}", message.headers(body, doors.chat_token), body, 1)
    basic = base64.b64encode(f"{doors.write_key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    calls = payloads_tracking.calls(world)
    for start in range(0, len(calls), payloads_tracking.BATCH):
        chunk = calls[start : start + payloads_tracking.BATCH]
        yield Request("/v1/batch", headers, payloads_tracking.batch(chunk), len(chunk))


def send(app: Flask, outgoing: Iterable[Request], sent: Callable[[int], None]) -> None:
    """Post every request and tell `sent` its payloads. Raises DoorShut."""
    client = Client(app.wsgi_app)
    for request in outgoing:
        answer = Context().run(client.post, request.path, data=request.body, headers=dict(request.headers))
        if answer.status_code != 200:
            raise DoorShut(
                f"{request.path.split('/')[1]} answered {answer.status}: {answer.get_data(as_text=True)[:300]}"
            )
        sent(request.payloads)

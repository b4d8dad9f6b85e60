"""Sends the demo's payloads through the machines' doors, each request a visit of its own as a server would have it."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import Context
from io import BytesIO
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import run_wsgi_app

from crm360.demo import payloads_chatwoot, payloads_shopify, payloads_tracking
from crm360.demo.shop import CHAT, SHOP, Doors
from crm360.demo.world import World
from crm360.kernel import clock


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
        headers = message.headers(body, doors.chat_token, clock.now())
        yield Request(f"/hooks/chatwoot/{CHAT}/{doors.chat_token}", headers, body, 1)
    basic = base64.b64encode(f"{doors.write_key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    calls = payloads_tracking.calls(world)
    for start in range(0, len(calls), payloads_tracking.BATCH):
        chunk = calls[start : start + payloads_tracking.BATCH]
        yield Request("/v1/batch", headers, payloads_tracking.batch(chunk), len(chunk))


def send(app: Flask, outgoing: Iterable[Request], sent: Callable[[int], None]) -> None:
    """Post every request and tell `sent` its payloads. Raises DoorShut."""
    door = app.wsgi_app  # `app` may stand for the current application, and there is none where a visit begins
    for request in outgoing:
        answer, status, _ = Context().run(run_wsgi_app, door, _environ(request), buffered=True)
        if status != "200 OK":
            told = b"".join(answer).decode(errors="replace")
            raise DoorShut(f"{request.path.split('/')[1]} answered {status}: {told[:300]}")
        sent(request.payloads)


def _environ(request: Request) -> dict[str, Any]:
    """What a server tells the application of a request; a test client takes ten times as long to say it."""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.pop("HTTP_CONTENT_TYPE", "application/json"),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers,
    }

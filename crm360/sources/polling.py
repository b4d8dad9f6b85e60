"""What every poll of a REST API does alike: addresses, credentials, answers that must be JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Mapping
from typing import Any

from crm360.kernel import urls
from crm360.sources.channel import Call, Page, PollFailed, Reply

#: A conversation, and what a part of one hands back to the whole.
Talk = Generator[Call | Page, Reply | None, Any]

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def address(settings: Mapping[str, Any], name: str = "url", default: str = "") -> str:
    """The system's address without a trailing slash. Raises PollFailed: passwords travel encrypted only."""
    url = str(settings.get(name) or default).strip().rstrip("/")
    scheme, host = urls.place(url)
    if scheme not in ("https", "http") or not host:
        raise PollFailed("The address is missing or is none: it begins with https://.")
    if scheme == "http" and host not in _LOOPBACK:
        raise PollFailed("The address must begin with https://, because a password is sent to it.")
    return url


def required(settings: Mapping[str, Any], name: str, label: str) -> str:
    """A setting without which nothing can be asked. Raises PollFailed naming it."""
    value = str(settings.get(name) or "").strip()
    if not value:
        raise PollFailed(f"{label} is missing.")
    return value


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def get(url: str, headers: Mapping[str, str], **query: str | int) -> Call:
    """A GET with a query string."""
    return Call("GET", urls.with_query(url, query), headers)


def post_json(url: str, headers: Mapping[str, str], document: Any) -> Call:
    """A POST with a JSON body."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Call("POST", url, {**headers, "content-type": "application/json"}, body)


def post_form(url: str, headers: Mapping[str, str], **fields: str) -> Call:
    """A POST with a form body."""
    content_type = {"content-type": "application/x-www-form-urlencoded"}
    return Call("POST", url, {**headers, **content_type}, urls.form(fields))


def answered(reply: Reply | None, system: str) -> Any:
    """The JSON an answer holds. Raises PollFailed with words for staff; never with what the answer said of customers."""
    if reply is None:
        raise PollFailed(f"{system} did not answer.")
    if reply.status in (401, 403):
        raise PollFailed(f"{system} refused the key or password ({reply.status}).")
    if reply.status == 404:
        raise PollFailed(f"{system} knows no such address (404): is the address right, and the API switched on?")
    if not 200 <= reply.status < 300:
        raise PollFailed(f"{system} refused the question ({reply.status}).")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise PollFailed(f"{system} answered something that is not JSON.") from None


def compact(document: Any) -> bytes:
    """A polled object as a payload's body: the same object gives the same bytes."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")

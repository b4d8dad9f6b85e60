"""Square asked for purchases, customers and loyalty accounts changed since last time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm360.sources import json_fields as read
from crm360.sources import polling
from crm360.sources.base import JsonObject
from crm360.sources.channel import Item, Page
from crm360.sources.instants import instant
from crm360.sources.polling import Talk

_SYSTEM = "Square"
_VERSION = "2025-01-23"
_EARLIEST = "2009-01-01T00:00:00Z"
#: Square writes into its search a little late; what changed in the last minutes is asked for again.
_OVERLAP = timedelta(minutes=5)
#: Loyalty accounts cannot be asked for by their last change; all are looked through this often.
_SWEEP_EVERY = timedelta(hours=24)


def poll(settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime) -> Talk:
    """Cursor: {"order": {"since", "from", "page"}, "customer": …, "swept_at"}; `page` while a list is being read."""
    if not settings.get("access_token"):
        return
    base = polling.address(settings, default="https://connect.squareup.com") + "/v2"
    token = polling.required(settings, "access_token", "The access token")
    headers = {"authorization": f"Bearer {token}", "square-version": _VERSION, "accept": "application/json"}
    state = dict(cursor)
    places = polling.answered((yield polling.get(f"{base}/locations", headers)), _SYSTEM)
    ids = [each for place in read.objects(read.obj(places).get("locations")) if (each := read.first_text(place, "id"))]
    if ids:
        yield from _changed(f"{base}/orders/search", headers, state, "order", {"location_ids": ids, "limit": 500}, now)
    yield from _changed(f"{base}/customers/search", headers, state, "customer", {"limit": 100}, now)
    swept_at = instant(state.get("swept_at"))
    if swept_at is None or now - swept_at >= _SWEEP_EVERY:
        yield from _loyalty(f"{base}/loyalty/accounts/search", headers, state)
        yield Page([], state | {"swept_at": now.isoformat()})


def _changed(
    url: str, headers: Mapping[str, str], state: dict[str, Any], kind: str, question: Mapping[str, Any], now: datetime
) -> Talk:
    """Every object changed since `since`, page by page; a list broken off goes on at its page."""
    place = read.obj(state.get(kind))
    since, page = read.first_text(place, "since") or _EARLIEST, read.first_text(place, "page")
    began = read.first_text(place, "from") if page else now.isoformat()
    while True:
        asked = {**question, "query": _query(kind, since)} | ({"cursor": page} if page else {})
        answer = read.obj(polling.answered((yield polling.post_json(url, headers, asked)), _SYSTEM))
        found = read.objects(answer.get(f"{kind}s"))
        page = read.first_text(answer, "cursor")
        if page:
            state[kind] = {"since": since, "page": page, "from": began}
        else:
            overlapped = (instant(began) or now) - _OVERLAP
            state[kind] = {"since": overlapped.strftime("%Y-%m-%dT%H:%M:%SZ")}
        yield Page([_item(kind, each) for each in found], dict(state))
        if not page:
            return


def _query(kind: str, since: str) -> JsonObject:
    if kind == "order":
        window = {"date_time_filter": {"updated_at": {"start_at": since}}}
        return {"filter": window, "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"}}
    return {"filter": {"updated_at": {"start_at": since}}, "sort": {"field": "CREATED_AT", "order": "ASC"}}


def _loyalty(url: str, headers: Mapping[str, str], state: Mapping[str, Any]) -> Talk:
    page = ""
    while True:
        asked = {"limit": 200} | ({"cursor": page} if page else {})
        reply = yield polling.post_json(url, headers, asked)
        if reply is not None and reply.status in (403, 404):
            return  # the shop has no loyalty programme, or the token may not see it
        answer = read.obj(polling.answered(reply, _SYSTEM))
        found = read.objects(answer.get("loyalty_accounts"))
        yield Page([_item("loyalty_account", each) for each in found], dict(state))
        page = read.first_text(answer, "cursor")
        if not page:
            return


def _item(kind: str, about: JsonObject) -> Item:
    """Known by its last change: the overlap asks for many things twice."""
    body = polling.compact({"type": f"polled.{kind}", "data": {"object": {kind: about}}})
    version = read.first_text(about, "updated_at", "version")
    return Item(body, f"polled:{kind}:{read.first_text(about, 'id')}:{version}" if version else "")

"""WooCommerce's REST API asked for orders changed since last time, for customers and for reviews."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm360.sources import json_fields as read
from crm360.sources import polling
from crm360.sources.base import JsonObject
from crm360.sources.channel import Item, Page, PollFailed
from crm360.sources.instants import instant
from crm360.sources.polling import Talk

_PER_PAGE = 100
_SYSTEM = "WooCommerce"
#: A shop before version 3.5, or one whose key may not read them.
_NO_REVIEWS = (401, 403, 404)
_EARLIEST = "2000-01-01T00:00:00"
#: Customers cannot be asked for by their last change: all are looked through this often, new ones every time.
_SWEEP_EVERY = timedelta(hours=24)


def item(topic: str, body: bytes, document: JsonObject, delivery_id: str = "") -> Item:
    """A payload known by the object's state, whether a webhook or the poll brought it."""
    headers = {"x-wc-webhook-topic": topic}
    changed = read.first_text(document, "date_modified_gmt", "date_modified") or delivery_id
    state = hashlib.sha256(body).hexdigest()[:16]
    return Item(body, f"{topic}:{read.text(document.get('id'))}:{changed}:{state}", headers)


def poll(settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime) -> Talk:
    """Orders by their last change, then customers, then reviews.

    Cursor: {"orders", "newest_customer", "swept_at", "newest_review", "reviews_swept_at"}.
    """
    if not settings.get("consumer_key"):
        return
    api = polling.address(settings) + "/wp-json/wc/v3"
    key = polling.required(settings, "consumer_key", "The consumer key")
    secret = polling.required(settings, "consumer_secret", "The consumer secret")
    headers = {"authorization": polling.basic(key, secret), "accept": "application/json"}
    state = dict(cursor)
    yield from _orders(api, headers, state)
    yield from _customers(api, headers, state, now)
    yield from _reviews(api, headers, state, now)


def _orders(api: str, headers: Mapping[str, str], state: dict[str, Any]) -> Talk:
    """Pages of a moving list: each goes on a second before the last order seen, so a change meanwhile hides none."""
    after, number = str(state.get("orders") or _EARLIEST), 1
    while True:
        query = {"modified_after": after, "dates_are_gmt": "true", "orderby": "modified", "order": "asc"}
        call = polling.get(f"{api}/orders", headers, per_page=_PER_PAGE, page=number, status="any", **query)
        found = _objects((yield call))
        dates = [at for each in found if (at := instant(each.get("date_modified_gmt")))]
        if dates:
            state["orders"] = max(after, (max(dates) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S"))
        if found:
            yield Page(list(_items("order", found)), dict(state))
        if len(found) < _PER_PAGE:
            return
        went_on = str(state.get("orders") or after)
        after, number = went_on, 1 if went_on > after else number + 1


def _customers(api: str, headers: Mapping[str, str], state: dict[str, Any], now: datetime) -> Talk:
    swept_at = instant(state.get("swept_at"))
    sweeping = swept_at is None or now - swept_at >= _SWEEP_EVERY
    known, newest, number = str(state.get("newest_customer") or ""), "", 1
    while True:
        query = {"orderby": "registered_date", "order": "desc", "role": "all"}
        found = _objects((yield polling.get(f"{api}/customers", headers, per_page=_PER_PAGE, page=number, **query)))
        dates = [read.first_text(each, "date_created_gmt") for each in found]
        newest = max([newest, *dates])
        done = len(found) < _PER_PAGE or (not sweeping and min(dates) < known)
        if done:
            state["newest_customer"] = max(known, newest)
            state["swept_at"] = now.isoformat() if sweeping else state["swept_at"]
        if found or done:
            yield Page(list(_items("customer", found)), dict(state))
        if done:
            return
        number += 1


def _reviews(api: str, headers: Mapping[str, str], state: dict[str, Any], now: datetime) -> Talk:
    """New reviews every time, all of them once a day: a review says no time of its last change. An old shop has none."""
    swept_at = instant(state.get("reviews_swept_at"))
    sweeping = swept_at is None or now - swept_at >= _SWEEP_EVERY
    known, newest, number = str(state.get("newest_review") or ""), str(state.get("newest_review") or ""), 1
    while True:
        query = {"orderby": "date_gmt", "order": "desc", "status": "all"}
        reply = yield polling.get(f"{api}/products/reviews", headers, per_page=_PER_PAGE, page=number, **query)
        if reply is not None and reply.status in _NO_REVIEWS:
            return
        found = _objects(reply)
        dates = [read.first_text(each, "date_created_gmt") for each in found]
        newest = max([newest, *dates])
        done = len(found) < _PER_PAGE or (not sweeping and min(dates) < known)
        if done:
            state["newest_review"] = newest
            state["reviews_swept_at"] = now.isoformat() if sweeping else state["reviews_swept_at"]
        if found:
            yield Page(list(_items("review", found)), dict(state))
        elif done and sweeping:
            yield Page([], dict(state))
        if done:
            return
        number += 1


def _items(resource: str, found: Sequence[JsonObject]) -> Iterator[Item]:
    for each in found:
        yield item(f"{resource}.updated", polling.compact(each), each)


def _objects(reply: Any) -> list[JsonObject]:
    answer = polling.answered(reply, _SYSTEM)
    if not isinstance(answer, list):
        raise PollFailed(f"{_SYSTEM} answered something that is no list.")
    return read.objects(answer)

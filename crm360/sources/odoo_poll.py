"""Odoo asked by JSON-RPC for customers, loyalty cards and receipts written since last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm360.sources import json_fields as read
from crm360.sources import polling
from crm360.sources.base import JsonObject
from crm360.sources.channel import Item, Page, PollFailed
from crm360.sources.instants import instant
from crm360.sources.polling import Talk

_SYSTEM = "Odoo"
_PER_PAGE = 200
_EARLIEST = "2000-01-01 00:00:00"
#: A record bears the time its transaction began, and is seen when it ended: what is that old is asked for again.
_OVERLAP = timedelta(minutes=10)

#: Customers before cards before receipts, so that whom a receipt names is known. Versions differ in their fields; those
#: a version lacks are not asked for.
_MODELS: Mapping[str, tuple[str, ...]] = {
    "res.partner": (
        "name", "email", "phone", "mobile", "street", "street2", "city", "zip", "country_id", "vat", "barcode",
        "company_name", "parent_id", "is_company", "lang", "create_date", "write_date",
    ),
    "loyalty.card": ("code", "points", "partner_id", "program_id", "write_date"),
    "pos.order": (
        "name", "pos_reference", "partner_id", "date_order", "amount_total", "amount_tax", "currency_id", "config_id",
        "session_id", "state", "write_date",
    ),
}  # fmt: skip
_LINE = ("order_id", "product_id", "full_product_name", "qty", "price_unit", "price_subtotal_incl", "discount")


def poll(settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime) -> Talk:
    """Cursor: model → {"since", "after", "newest"}; `after` while a list is being read, by the records' ids."""
    odoo = _Odoo(settings)
    yield from odoo.sign_in()
    state = dict(cursor)
    for model, wanted in _MODELS.items():
        known = yield from odoo.fields(model)
        if known is not None:
            yield from _changed(odoo, model, [name for name in wanted if name in known], state)


class _Odoo:
    """One database, one user; every call names both."""

    def __init__(self, settings: Mapping[str, Any]):
        self.url = polling.address(settings) + "/jsonrpc"
        self.database = polling.required(settings, "database", "The database")
        self.user = polling.required(settings, "user", "The user name")
        self.key = polling.required(settings, "api_key", "The API key")
        self.uid = 0

    def sign_in(self) -> Talk:
        answer = yield from self._call("common", "authenticate", [self.database, self.user, self.key, {}])
        if isinstance(answer, bool) or not isinstance(answer, int):
            raise PollFailed("Odoo does not know the user, or the API key is wrong.")
        self.uid = answer

    def ask(self, model: str, method: str, arguments: Sequence[Any], **named: Any) -> Talk:
        told = [self.database, self.uid, self.key, model, method, list(arguments), named]
        return (yield from self._call("object", "execute_kw", told))

    def fields(self, model: str) -> Talk:
        """Names of a model's fields; None when this Odoo has no such model (an app that is not installed)."""
        try:
            found = yield from self.ask(model, "fields_get", [], attributes=["type"])
        except _Refused:
            return None
        return set(read.obj(found))

    def _call(self, service: str, method: str, arguments: Sequence[Any]) -> Talk:
        params = {"service": service, "method": method, "args": list(arguments)}
        question = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = read.obj(polling.answered((yield polling.post_json(self.url, {}, question)), _SYSTEM))
        if "error" in answer:
            named = read.first_text(read.obj(read.obj(answer["error"]).get("data")), "name").rpartition(".")[2]
            raise _Refused(f"Odoo refused {method} ({named or 'no reason given'}).")
        return answer.get("result")


class _Refused(PollFailed):
    """Odoo answered with an error of its own."""


def _changed(odoo: _Odoo, model: str, names: Sequence[str], state: dict[str, Any]) -> Talk:
    """Records written since, in the order of their ids: an order that no change meanwhile can disturb."""
    place = read.obj(state.get(model))
    since = read.first_text(place, "since") or _EARLIEST
    after, newest = int(read.number(place.get("after"), 0.0)), read.first_text(place, "newest") or since
    while True:
        domain = [["write_date", ">=", since], ["id", ">", after]]
        found = read.objects(
            (yield from odoo.ask(model, "search_read", [domain], fields=list(names), limit=_PER_PAGE, order="id asc"))
        )
        if model == "pos.order":
            yield from _with_lines(odoo, found)
        newest = max([newest, *(read.first_text(record, "write_date")[:19] for record in found)])
        if len(found) >= _PER_PAGE:
            after = int(read.number(found[-1].get("id"), 0.0))
            state[model] = {"since": since, "after": after, "newest": newest}
        else:
            state[model] = {"since": max(since, _before(newest))}
        yield Page([_item(model, record) for record in found], dict(state))
        if len(found) < _PER_PAGE:
            return


def _before(newest: str) -> str:
    at = instant(newest)
    return (at - _OVERLAP).strftime("%Y-%m-%d %H:%M:%S") if at else newest


def _with_lines(odoo: _Odoo, orders: Sequence[JsonObject]) -> Talk:
    """Put each receipt's lines into it."""
    if not orders:
        return
    domain = [["order_id", "in", [order.get("id") for order in orders]]]
    lines = read.objects(
        (yield from odoo.ask("pos.order.line", "search_read", [domain], fields=list(_LINE), order="id asc"))
    )
    of: dict[Any, list[JsonObject]] = {}
    for line in lines:
        link = line.get("order_id")
        of.setdefault(link[0] if isinstance(link, list) and link else None, []).append(line)
    for order in orders:
        order["lines"] = of.get(order.get("id"), [])


def _item(model: str, record: JsonObject) -> Item:
    """Known by its last change: the overlap asks for many things twice."""
    version = read.first_text(record, "write_date")
    body = polling.compact({"model": model, "record": record})
    return Item(body, f"{model}:{read.text(record.get('id'))}:{version}" if version else "")

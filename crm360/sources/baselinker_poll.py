"""BaseLinker asked for new orders, and for those its journal says have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm360.sources import json_fields as read
from crm360.sources import polling
from crm360.sources.base import JsonObject
from crm360.sources.channel import Item, Page, PollFailed
from crm360.sources.polling import Talk

_SYSTEM = "BaseLinker"
_PER_PAGE = 100
#: created, fetched from the buyer's form, paid, removed, merged, split, edited, status changed
_KINDS = [1, 2, 3, 4, 5, 6, 16, 18]
#: Its limit is 100 questions a minute; what is left over the next poll takes.
_MOST_ORDERS = 60


def poll(settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime) -> Talk:
    """Orders by their confirmation, then changed ones by the journal. Cursor: {"confirmed", "log"}."""
    api = _Api(settings)
    state = dict(cursor)
    statuses = yield from api.ask("getOrderStatusList", {})
    names = {
        read.text(each.get("id")): read.first_text(each, "name") for each in read.objects(statuses.get("statuses"))
    }
    yield from _new(api, names, state)
    yield from _changed(api, names, state)


class _Api:
    """One address, one token, a method's name in every question."""

    def __init__(self, settings: Mapping[str, Any]):
        self.url = polling.address(settings, default="https://api.baselinker.com/connector.php")
        self.headers = {"x-bltoken": polling.required(settings, "token", "The API token")}

    def ask(self, method: str, parameters: Mapping[str, Any]) -> Talk:
        call = polling.post_form(self.url, self.headers, method=method, parameters=json.dumps(parameters))
        answer = read.obj(polling.answered((yield call), _SYSTEM))
        if answer.get("status") != "SUCCESS":
            code = read.first_text(answer, "error_code") or "?"
            raise PollFailed(f"{_SYSTEM} refused {method}: {code}.")
        return answer


def _new(api: _Api, names: Mapping[str, str], state: dict[str, Any]) -> Talk:
    """Pages of a hundred by the second of confirmation; the next begins at the last second, which may be told twice."""
    while True:
        since = int(state.get("confirmed") or 0)
        answer = yield from api.ask("getOrders", {"date_confirmed_from": since, "get_unconfirmed_orders": False})
        found = read.objects(answer.get("orders"))
        latest = max((_seconds(order) for order in found), default=since)
        full = len(found) >= _PER_PAGE
        # A whole page of one second: go on behind it, or it would be asked for for ever.
        state["confirmed"] = latest + 1 if full and latest <= since else max(latest, since)
        if found:
            yield Page([_item(order, names) for order in found], dict(state))
        if not full:
            return


def _seconds(order: JsonObject) -> int:
    return int(read.number(order.get("date_confirmed"), 0.0))


def _changed(api: _Api, names: Mapping[str, str], state: dict[str, Any]) -> Talk:
    """The journal holds three days, and only for accounts whose owner had it switched on."""
    answer = yield from api.ask("getJournalList", {"last_log_id": int(state.get("log") or 0), "logs_types": _KINDS})
    logs = sorted(read.objects(answer.get("logs")), key=_log_id)
    seen: dict[str, int] = {}
    last = int(state.get("log") or 0)
    for log in logs:
        order_id = read.first_text(log, "order_id")
        if order_id not in seen and len(seen) >= _MOST_ORDERS:
            break
        seen[order_id] = last = _log_id(log)
    items = []
    for order_id, log_id in seen.items():
        if not order_id.isdecimal():
            continue
        answer = yield from api.ask("getOrders", {"order_id": int(order_id), "get_unconfirmed_orders": True})
        items += [_item(order, names, log_id) for order in read.objects(answer.get("orders"))]
    if last > int(state.get("log") or 0):
        yield Page(items, state | {"log": last})


def _log_id(log: JsonObject) -> int:
    return int(read.number(log.get("log_id"), 0.0))


def _item(order: JsonObject, names: Mapping[str, str], log_id: int = 0) -> Item:
    """Known by the journal's entry that told of it, else by what it says."""
    body = polling.compact(order)
    name = names.get(read.text(order.get("order_status_id")), "")
    state = str(log_id) if log_id else hashlib.sha256(body + name.encode()).hexdigest()[:24]
    return Item(body, f"{read.text(order.get('order_id'))}:{state}", {"status-name": name} if name else {})

"""Polls against servers that speak like the vendors': everything is found once, whatever breaks off, and secrets renew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.sources import allegro, baselinker, odoo, square, woocommerce
from crm360.sources.channel import PollFailed
from tests.sources.poll_peers import NOW, Asked, run, serving

START = datetime(2026, 1, 1, tzinfo=UTC)


def gmt(seconds: int) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


class Woo:
    """WooCommerce's REST API over a list of orders and of customers."""

    def __init__(self) -> None:
        self.orders = [{"id": n, "status": "completed", "date_modified_gmt": gmt(n // 3)} for n in range(1, 321)]
        self.customers = [{"id": n, "date_created_gmt": gmt(n * 60)} for n in range(1, 131)]
        self.asked = 0
        self.meanwhile: Any = None

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != "Basic Y2tfMTpjc18x":
            return 401, {"code": "woocommerce_rest_cannot_view"}
        self.asked += 1
        if self.meanwhile:
            self.meanwhile(self)
        page, size = int(asked.query["page"]), int(asked.query["per_page"])
        if asked.path.endswith("/orders"):
            after = asked.query["modified_after"]
            found = [order for order in self.orders if order["date_modified_gmt"] > after]
            found.sort(key=lambda order: (order["date_modified_gmt"], order["id"]))
        else:
            found = sorted(self.customers, key=lambda one: one["date_created_gmt"], reverse=True)
        return 200, found[(page - 1) * size : page * size]


WOO = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}


def ids(items: Any, resource: str = "order") -> set[int]:
    return {json.loads(item.body)["id"] for item in items if item.key.startswith(resource)}


def test_woocommerce_tells_every_order_and_then_only_what_changed():
    with serving(woo := Woo()) as url:
        first = run(woocommerce.poll, {**WOO, "url": url})
        assert ids(first.items) == set(range(1, 321))
        assert ids(first.items, "customer") == set(range(1, 131))
        woo.orders[4]["date_modified_gmt"] = gmt(5000)
        again = run(woocommerce.poll, {**WOO, "url": url}, first.cursor)
        assert 5 in ids(again.items)
        new = set(again.keys) - set(first.keys)
        assert len(new) == 1
        assert ids(again.items, "customer") <= set(range(31, 131)), "no sweep yet"
        woo.customers[0]["email"] = "nowy@example.com"
        swept = run(woocommerce.poll, {**WOO, "url": url}, again.cursor, now=NOW + timedelta(hours=25))
        assert ids(swept.items, "customer") == set(range(1, 131))


def test_woocommerce_loses_no_order_that_moves_while_the_list_is_read():
    def shuffle(woo: Woo) -> None:
        order = woo.orders[(woo.asked * 37) % 320]
        order["date_modified_gmt"] = gmt(1000 + woo.asked)

    with serving(woo := Woo()) as url:
        woo.meanwhile = shuffle
        found = run(woocommerce.poll, {**WOO, "url": url})
        woo.meanwhile = None
        rest = run(woocommerce.poll, {**WOO, "url": url}, found.cursor)
        versions = {
            (json.loads(i.body)["id"], json.loads(i.body).get("date_modified_gmt")) for i in [*found.items, *rest.items]
        }
        assert {(order["id"], order["date_modified_gmt"]) for order in woo.orders} <= versions


def test_woocommerce_gets_past_a_page_of_one_second():
    with serving(woo := Woo()) as url:
        for order in woo.orders:
            order["date_modified_gmt"] = gmt(9)
        assert ids(run(woocommerce.poll, {**WOO, "url": url}).items) == set(range(1, 321))


@pytest.mark.parametrize("most", range(1, 7))
def test_woocommerce_goes_on_after_a_cut(most):
    with serving(Woo()) as url:
        cut = run(woocommerce.poll, {**WOO, "url": url}, most=most)
        rest = run(woocommerce.poll, {**WOO, "url": url}, cut.cursor)
        assert ids(cut.items) | ids(rest.items) == set(range(1, 321))
        assert ids(rest.items, "customer") | ids(cut.items, "customer") == set(range(1, 131))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"consumer_secret": "wrong"}, "refused the key"),
        ({"consumer_secret": ""}, "consumer secret is missing"),
        ({"url": "http://shop.example.com"}, "https"),
        ({"url": "shop"}, "none"),
    ],
)
def test_what_cannot_work_is_said_in_words(settings, words):
    with serving(Woo()) as url:
        found = run(woocommerce.poll, {**WOO, "url": url, **settings})
    assert isinstance(found.failure, PollFailed)
    assert words in str(found.failure)
    assert "cs_1" not in str(found.failure)


def test_without_a_key_nothing_is_asked():
    assert run(woocommerce.poll, {}).calls == []


class Square:
    """Square's API over one list of orders."""

    def __init__(self) -> None:
        self.orders = [{"id": f"O{n}", "updated_at": gmt(n) + "Z", "version": 1} for n in range(1200)]
        self.customers = [{"id": f"C{n}", "updated_at": gmt(n) + "Z"} for n in range(150)]

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != "Bearer sq-1":
            return 401, {}
        if asked.path == "/v2/locations":
            return 200, {"locations": [{"id": "L1"}, {"id": "L2"}]}
        if asked.path == "/v2/loyalty/accounts/search":
            return 200, {"loyalty_accounts": [{"id": "LA1", "updated_at": gmt(1) + "Z"}]}
        kind = asked.path.split("/")[2]
        question = asked.json
        window = question["query"]["filter"]
        if kind == "orders":
            assert question["location_ids"] == ["L1", "L2"]
            window = window["date_time_filter"]
        found = [each for each in getattr(self, kind) if each["updated_at"] >= window["updated_at"]["start_at"]]
        at = int(question.get("cursor", "0"))
        page = {kind: found[at : at + question["limit"]]}
        return 200, page | ({"cursor": str(at + question["limit"])} if at + question["limit"] < len(found) else {})


@pytest.mark.parametrize("most", [2, 3, 4, 5, 100])
def test_square_fetches_orders_customers_and_loyalty_accounts(most):
    with serving(peer := Square()) as url:
        settings = {"access_token": "sq-1", "url": url}
        cut = run(square.poll, settings, most=most)
        rest = run(square.poll, settings, cut.cursor)
        found = {key.split(":")[2] for key in [*cut.keys, *rest.keys]}
        assert found == {f"O{n}" for n in range(1200)} | {f"C{n}" for n in range(150)} | {"LA1"}
        peer.orders[3] |= {"updated_at": "2026-03-02T10:29:00Z", "version": 2}
        later = run(square.poll, settings, rest.cursor, now=NOW + timedelta(minutes=5))
        assert [key for key in later.keys if ":O" in key] == ["polled:order:O3:2026-03-02T10:29:00Z"]


class BaseLinker:
    """BaseLinker's connector over a list of orders and a journal."""

    def __init__(self) -> None:
        self.orders = {n: {"order_id": n, "date_confirmed": 1000 + n // 2, "order_status_id": 1} for n in range(1, 251)}
        self.journal: list[dict[str, int]] = []

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("x-bltoken") != "bl-1":
            return 200, {"status": "ERROR", "error_code": "ERROR_BAD_TOKEN", "error_message": "Invalid token"}
        told = json.loads(asked.form["parameters"])
        match asked.form["method"]:
            case "getOrderStatusList":
                return 200, {
                    "status": "SUCCESS",
                    "statuses": [{"id": 1, "name": "Nowe"}, {"id": 2, "name": "Anulowane"}],
                }
            case "getJournalList":
                return 200, {
                    "status": "SUCCESS",
                    "logs": [log for log in self.journal if log["log_id"] > told["last_log_id"]],
                }
        if "order_id" in told:
            return 200, {"status": "SUCCESS", "orders": [self.orders[told["order_id"]]]}
        found = [order for order in self.orders.values() if order["date_confirmed"] >= told["date_confirmed_from"]]
        return 200, {"status": "SUCCESS", "orders": sorted(found, key=lambda order: order["date_confirmed"])[:100]}


def test_baselinker_tells_new_orders_and_what_its_journal_says_has_changed():
    with serving(peer := BaseLinker()) as url:
        settings = {"token": "bl-1", "url": url}
        first = run(baselinker.poll, settings)
        assert {int(key.split(":")[0]) for key in first.keys} == set(range(1, 251))
        peer.orders[7]["order_status_id"] = 2
        peer.journal = [{"log_id": 51, "log_type": 18, "order_id": 7}, {"log_id": 52, "log_type": 3, "order_id": 7}]
        second = run(baselinker.poll, settings, first.cursor)
        (changed,) = [item for item in second.items if item.key == "7:52"]
        assert changed.headers == {"status-name": "Anulowane"}
        assert second.cursor["log"] == 52
        peer.journal += [{"log_id": 60 + n, "log_type": 18, "order_id": n} for n in range(1, 101)]
        third = run(baselinker.poll, settings, second.cursor)
        fourth = run(baselinker.poll, settings, third.cursor)
        told = [key for key in [*third.keys, *fourth.keys] if ":" in key and len(key.split(":")[1]) < 5]
        assert sorted(told) == sorted(f"{n}:{60 + n}" for n in range(1, 101)), "no more questions than a minute allows"


def test_baselinker_says_what_it_refused():
    with serving(BaseLinker()) as url:
        found = run(baselinker.poll, {"token": "x", "url": url})
    assert str(found.failure) == "BaseLinker refused getOrderStatusList: ERROR_BAD_TOKEN."


class Allegro:
    """Allegro's authorisation and orders."""

    def __init__(self) -> None:
        self.forms = {f"f{n}": {"id": f"f{n}", "revision": "1"} for n in range(150)}
        self.events = [{"id": f"e{n:05}", "form": f"f{n}"} for n in range(150)]
        self.refresh, self.confirmed, self.issued = "r0", False, 0
        self.access: set[str] = set()

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/auth"):
            return self.auth(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.access:
            return 401, {}
        assert asked.headers["accept"] == "application/vnd.allegro.public.v1+json"
        if asked.path == "/order/event-stats":
            return 200, {"latestEvent": {"id": self.events[-1]["id"]}}
        if asked.path == "/order/events":
            later = [event for event in self.events if event["id"] > asked.query.get("from", "")]
            told = [{"id": one["id"], "order": {"checkoutForm": {"id": one["form"]}}} for one in later]
            return 200, {"events": told[: int(asked.query["limit"])]}
        if asked.path == "/order/checkout-forms":
            offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
            return 200, {"checkoutForms": list(self.forms.values())[offset : offset + limit]}
        found = self.forms.get(asked.path.rpartition("/")[2])
        return (200, found) if found else (404, {})

    def auth(self, asked: Asked) -> tuple[int, Any]:
        assert asked.headers["authorization"] == "Basic Y2xpZW50OnNlY3JldA=="
        if asked.path.endswith("/device"):
            assert asked.form == {"client_id": "client"}
            return 200, {"device_code": "dc", "verification_uri_complete": "https://allegro.pl/skojarz?code=ab"}
        if "device_code" in asked.form:
            return self.tokens() if self.confirmed else (400, {"error": "authorization_pending"})
        return self.tokens() if asked.form["refresh_token"] == self.refresh else (400, {"error": "invalid_grant"})

    def tokens(self) -> tuple[int, Any]:
        self.issued += 1
        self.refresh = f"r{self.issued}"
        self.access = {f"a{self.issued}"}
        return 200, {"access_token": f"a{self.issued}", "refresh_token": self.refresh, "expires_in": 43199}


def allegro_run(url: str, settings: Any, cursor: Any = None, **named: Any) -> Any:
    whole = {"client_id": "client", "client_secret": "secret", "site": "allegro.pl", **settings}
    return run(allegro.poll, whole, cursor, instead={"https://api.allegro.pl": url, "https://allegro.pl": url}, **named)


def test_allegro_lists_first_and_follows_the_events_then():
    with serving(peer := Allegro()) as url:
        first = allegro_run(url, {"refresh_token": "r0"})
        assert set(first.keys) == {f"f{n}:1" for n in range(150)}
        assert first.credentials["refresh_token"] == "r1"
        assert not any("r1" in json.dumps(dict(call._asdict(), body="")) for call in first.calls[1:])
        peer.forms["f3"]["revision"] = "2"
        peer.events += [{"id": "e00200", "form": "f3"}, {"id": "e00201", "form": "gone"}]
        later = allegro_run(url, first.credentials, first.cursor)
        assert later.keys == ["f3:2"]
        assert later.credentials == {}, "the access token still lasts"
        assert allegro_run(url, first.credentials, later.cursor).items == []
        assert "r1" not in json.dumps(later.cursor)


def test_allegro_renews_its_tokens_each_once():
    with serving(peer := Allegro()) as url:
        first = allegro_run(url, {"refresh_token": "r0"})
        later = allegro_run(url, first.credentials, first.cursor, now=NOW + timedelta(hours=12))
        assert (later.failure, later.credentials["refresh_token"], peer.issued) == (None, "r2", 2)


def test_allegro_keeps_a_new_refresh_token_even_when_the_line_is_cut_at_once():
    with serving(Allegro()) as url:
        cut = allegro_run(url, {"refresh_token": "r0"}, most=1)
        assert cut.credentials["refresh_token"] == "r1"
        assert allegro_run(url, cut.credentials, cut.cursor).failure is None


def test_allegro_asks_once_to_confirm_and_starts_when_that_is_done():
    with serving(peer := Allegro()) as url:
        first = allegro_run(url, {})
        assert "https://allegro.pl/skojarz?code=ab" in str(first.failure)
        waiting = allegro_run(url, first.credentials, first.cursor)
        assert "https://allegro.pl/skojarz?code=ab" in str(waiting.failure)
        peer.confirmed = True
        done = allegro_run(url, first.credentials, first.cursor)
        assert done.failure is None
        assert len(done.items) == 150
        assert (done.credentials["refresh_token"], done.credentials["device_code"]) == ("r1", "")
        assert "confirm_at" not in done.cursor


def test_allegro_asks_anew_when_its_refresh_token_is_too_old():
    with serving(Allegro()) as url:
        stale = allegro_run(url, {"refresh_token": "old"})
        assert isinstance(stale.failure, PollFailed)
        anew = allegro_run(url, stale.credentials, stale.cursor)
        assert "confirm" in str(anew.failure)


class Odoo:
    """Odoo's JSON-RPC over lists of records; an older one without loyalty, and without mobile numbers."""

    def __init__(self) -> None:
        self.rows = {
            "res.partner": [{"id": n, "name": f"P{n}", "write_date": "2026-01-01 10:00:00"} for n in range(1, 451)],
            "pos.order": [
                {
                    "id": n,
                    "partner_id": [n, f"P{n}"],
                    "state": "paid",
                    "amount_total": 5.0,
                    "write_date": "2026-01-02 10:00:00",
                }
                for n in range(1, 31)
            ],
            "pos.order.line": [{"id": n, "order_id": [n % 30 + 1, "x"], "qty": 1.0} for n in range(1, 91)],
        }

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        question = asked.json
        assert (asked.path, question["jsonrpc"], question["method"]) == ("/jsonrpc", "2.0", "call")
        params = question["params"]
        result = self.answer(params["service"], params["method"], params["args"])
        if isinstance(result, Exception):
            data = {"name": f"odoo.exceptions.{result}", "message": "secret details of customers", "debug": "Traceback"}
            return 200, {
                "jsonrpc": "2.0",
                "id": question["id"],
                "error": {"code": 200, "message": "Odoo Server Error", "data": data},
            }
        return 200, {"jsonrpc": "2.0", "id": question["id"], "result": result}

    def answer(self, service: str, method: str, args: list[Any]) -> Any:
        if service == "common":
            return 2 if args[:3] == ["shop", "bot", "key"] else False
        database, uid, key, model, method, positional, named = args
        assert (database, uid, key) == ("shop", 2, "key")
        if model not in self.rows:
            return KeyError("UserError")
        names = {name for row in self.rows[model] for name in row}
        if method == "fields_get":
            return {name: {"type": "char"} for name in names}
        unknown = (
            set(named["fields"])
            - names
            - {"product_id", "full_product_name", "price_unit", "price_subtotal_incl", "discount"}
        )
        if unknown:
            return ValueError("ValueError")
        found = [row for row in self.rows[model] if all(self.holds(row, *term) for term in positional[0])]
        found.sort(key=lambda row: row["id"])
        return [dict(row) for row in found[: named.get("limit", 10_000)]]

    @staticmethod
    def holds(row: dict[str, Any], name: str, operator: str, value: Any) -> bool:
        own = row[name][0] if isinstance(row[name], list) else row[name]
        return {">=": lambda: own >= value, ">": lambda: own > value, "in": lambda: own in value}[operator]()


ODOO = {"database": "shop", "user": "bot", "api_key": "key"}


@pytest.mark.parametrize("most", [3, 4, 5, 6, 100])
def test_odoo_tells_partners_and_receipts_with_their_lines(most):
    with serving(peer := Odoo()) as url:
        cut = run(odoo.poll, {**ODOO, "url": url}, most=most)
        rest = run(odoo.poll, {**ODOO, "url": url}, cut.cursor)
        assert rest.failure is None
        found = {key.rsplit(":", 3)[0] for key in [*cut.keys, *rest.keys]}
        assert found == {f"res.partner:{n}" for n in range(1, 451)} | {f"pos.order:{n}" for n in range(1, 31)}
        receipts = [json.loads(item.body)["record"] for item in rest.items if item.key.startswith("pos.order")]
        assert {len(receipt["lines"]) for receipt in receipts} == {3}
        peer.rows["res.partner"][0]["write_date"] = "2026-02-01 10:00:00"
        later = run(odoo.poll, {**ODOO, "url": url}, rest.cursor)
        new = set(later.keys) - set(cut.keys) - set(rest.keys)
        assert new == {"res.partner:1:2026-02-01 10:00:00"}


@pytest.mark.parametrize(
    ("settings", "words"), [({"api_key": "wrong"}, "API key is wrong"), ({"user": ""}, "user name")]
)
def test_odoo_says_what_is_wrong(settings, words):
    with serving(Odoo()) as url:
        found = run(odoo.poll, {**ODOO, "url": url, **settings})
    assert words in str(found.failure)
    assert "secret details" not in str(found.failure)

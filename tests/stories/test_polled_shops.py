"""Shops and tills that are asked, from the operator's command to the customers' purchases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, update

from crm360.commerce.models import Order
from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox.models import Payload, Poll, Source
from crm360.jobs import poll_sources
from crm360.kernel import clock, dialects
from tests.sources.poll_peers import Asked, serving


@pytest.fixture
def poll(app: Any, session: Any) -> Any:
    limits = replace(app.config["SETTINGS"], private_targets=(ip_network("127.0.0.0/8"),))

    def once() -> int:
        session.execute(update(Poll).values(due_at=clock.now() - timedelta(hours=1)))
        session.commit()
        dialects.set_may_write(True)
        found = poll_sources.run(limits=limits, now=clock.now())
        while receive.process_waiting(now=clock.now()).processed:
            session.commit()
        return found

    return once


def create(runner: Any, channel: str, *told: str, secrets: str) -> None:
    arguments = ["sources", "create", "--channel", channel, "--name", channel, "--settings-stdin"]
    done = runner.invoke(args=[*arguments, *(part for each in told for part in ("--set", each))], input=secrets)
    assert done.exit_code == 0, done.output
    assert "cs_secret" not in done.output


def woocommerce(asked: Asked) -> tuple[int, Any]:
    if asked.path.endswith("/customers"):
        return 200, [
            {"id": 25, "email": "ewa@example.com", "first_name": "Ewa", "date_created_gmt": "2026-01-01T10:00:00"}
        ]
    if asked.path.endswith("/reviews"):
        return 404, {"code": "rest_no_route"}
    order = {
        "id": 727, "number": "727", "status": "processing", "currency": "PLN", "total": "49.90", "customer_id": 25,
        "date_created_gmt": "2026-02-01T10:00:00", "date_modified_gmt": "2026-02-01T10:00:00",
        "billing": {"email": "ewa@example.com"}, "refunds": [{"id": 1, "total": "-9.90"}],
    }  # fmt: skip
    return 200, [] if asked.query["modified_after"] > "2026-02-01T10:00:00" else [order]


def test_woocommerce_is_asked_for_what_its_webhooks_lost(runner: Any, session: Any, poll: Any) -> None:
    with serving(woocommerce) as url:
        create(runner, "woocommerce", f"url={url}", secrets="consumer_key=ck_1\nconsumer_secret=cs_secret\n")
        assert (poll(), poll()) == (2, 0)
    order = session.scalars(select(Order)).one()
    assert (order.number, order.total_minor, order.refunded_minor, order.status) == (
        "727",
        4990,
        990,
        "partially_refunded",
    )
    source = session.scalars(select(Source)).one()
    assert "cs_secret" not in json.dumps([source.settings, source.credentials])
    assert session.scalars(select(Poll.last_error)).one() == ""


def odoo(asked: Asked) -> tuple[int, Any]:
    params = asked.json["params"]
    if params["service"] == "common":
        return 200, {"result": 2}
    _, _, _, model, method, _, _ = params["args"]
    if method == "fields_get":
        return 200, {"result": {key: {} for key in ("name", "email", "barcode", "code", "partner_id", "write_date", "pos_reference", "amount_total", "currency_id", "state", "date_order")}}  # fmt: skip
    at = {"write_date": "2026-02-01 10:00:00"}
    rows = {
        "res.partner": [{"id": 12, "name": "Ewa Lis", "email": "ewa@example.com", "barcode": False} | at],
        "loyalty.card": [{"id": 5, "code": "0420004711", "partner_id": [12, "Ewa Lis"]} | at],
        "pos.order": [
            {"id": 88, "pos_reference": "R-1", "partner_id": False, "amount_total": 61.5, "currency_id": [1, "PLN"], "state": "done", "date_order": "2026-02-01 09:00:00"} | at,
            {"id": 89, "pos_reference": "R-2", "partner_id": [12, "Ewa Lis"], "amount_total": 5, "currency_id": [1, "PLN"], "state": "paid", "date_order": "2026-02-01 09:00:00"} | at,
        ],
        "pos.order.line": [{"id": 1, "order_id": [88, "x"], "full_product_name": "Kawa", "qty": 1.0, "price_subtotal_incl": 61.5}],
    }  # fmt: skip
    return 200, {"result": rows[model]}


def test_odoos_receipts_cards_and_customers_come_together(runner: Any, session: Any, poll: Any) -> None:
    with serving(odoo) as url:
        create(runner, "odoo", f"url={url}", "database=shop", "user=crm", secrets="api_key=cs_secret\n")
        assert (poll(), poll()) == (4, 0)
    found = dict(session.execute(select(Order.number, Order.contact_id)).all())
    assert found["R-1"] is None
    profiles = set(session.scalars(select(Contact.profile_id)))
    assert len(profiles) == 1, "the card and the customer are one person"
    assert session.get(Contact, found["R-2"]).profile_id in profiles


def test_a_wrong_key_is_said_in_words_and_nothing_is_lost(runner: Any, session: Any, poll: Any) -> None:
    with serving(lambda _asked: (401, {})) as url:
        create(runner, "woocommerce", f"url={url}", secrets="consumer_key=ck_1\nconsumer_secret=cs_secret\n")
        assert poll() == 0
    assert session.scalars(select(Poll.last_error)).one() == "WooCommerce refused the key or password (401)."
    assert session.scalars(select(Payload)).all() == []
    assert "WooCommerce refused the key or password (401)." in runner.invoke(args=["sources", "list"]).output

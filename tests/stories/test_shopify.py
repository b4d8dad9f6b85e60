"""A Shopify shop through the door: late versions, merged customers, refunds with their goods."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm360.commerce.models import Order, Refund
from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.profiles.models import TimelineEntry
from tests.intake.signers.kit import hmac_base64


@pytest.fixture
def deliver(client: Any, session: Any, now: datetime) -> Any:
    inbox.create_source(name="shop", channel="shopify", secret="s", settings={"currency": "PLN"}, now=now)

    def send(topic: str, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": hmac_base64("s", body)}
        assert client.post("/hooks/shopify/shop", data=body, headers=headers).status_code == 200
        assert receive.process_waiting(now=now).quarantined == 0
        session.commit()

    return send


def profile_of(session: Any, external_id: str) -> int:
    return int(session.scalars(select(Contact.profile_id).where(Contact.external_id == external_id)).one())


EWA = {
    "id": 1,
    "email": "ewa@example.com",
    "first_name": "Ewa",
    "last_name": "Lis",
    "updated_at": "2026-02-01T10:00:00Z",
}
OLD = {
    "id": 2,
    "email": "e.lis@example.org",
    "first_name": "E",
    "last_name": "Nowak",
    "updated_at": "2026-01-01T10:00:00Z",
}
MERGE = {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1", "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2", "status": "completed"}  # fmt: skip


@pytest.mark.parametrize("first", ["customers", "merge"])
def test_customers_merged_in_the_shop_are_one_and_it_is_explained(
    session: Any, deliver: Any, runner: Any, first: str
) -> None:
    told = [("customers/create", EWA), ("customers/create", OLD), ("customers/merge", MERGE)]
    for topic, document in told if first == "customers" else reversed(told):
        deliver(topic, document)
    assert profile_of(session, "customer:1") == profile_of(session, "customer:2")
    ids = [str(session.scalars(select(Contact.id).where(Contact.external_id == f"customer:{n}")).one()) for n in (1, 2)]
    explained = runner.invoke(args=["identity", "explain", *ids])
    assert explained.exit_code == 0
    assert "shop" in explained.output


def test_the_newest_version_wins_whatever_the_order_of_arrival(session: Any, deliver: Any) -> None:
    order = {"id": 9, "name": "#9", "currency": "PLN", "customer": EWA, "created_at": "2026-02-01T10:00:00Z"}
    deliver(
        "orders/paid",
        order | {"financial_status": "paid", "total_price": "50.00", "updated_at": "2026-02-02T10:00:00Z"},
    )
    deliver(
        "orders/create",
        order | {"financial_status": "pending", "total_price": "40.00", "updated_at": "2026-02-01T10:00:00Z"},
    )
    kept = session.scalars(select(Order)).one()
    assert (kept.status, kept.total_minor) == ("paid", 5000)


def test_a_refund_before_its_order_keeps_what_was_given_back(session: Any, deliver: Any) -> None:
    line = {"line_item": {"sku": "TAL-1", "title": "Talerz"}, "quantity": 1, "subtotal": "30.00"}
    money = {"kind": "refund", "status": "success", "amount": "30.00", "currency": "PLN"}
    refund = {
        "id": 7,
        "order_id": 9,
        "created_at": "2026-02-03T10:00:00Z",
        "refund_line_items": [line],
        "transactions": [money],
    }
    deliver("refunds/create", refund)
    order = {
        "id": 9,
        "name": "#9",
        "currency": "PLN",
        "customer": EWA,
        "total_price": "50.00",
        "financial_status": "partially_refunded",
    }
    deliver("orders/updated", order | {"refunds": [refund], "updated_at": "2026-02-03T10:00:01Z"})
    kept = session.scalars(select(Refund)).one()
    assert (kept.amount_minor, kept.lines) == (
        3000,
        [{"sku": "TAL-1", "name": "Talerz", "quantity": 1.0, "total_minor": 3000}],
    )
    (shown,) = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "order.refunded"))
    assert shown.properties["names"] == ["Talerz"]
    assert session.scalars(select(Order)).one().status == "partially_refunded"

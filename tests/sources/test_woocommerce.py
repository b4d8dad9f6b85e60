"""WooCommerce's payloads, read."""

from datetime import UTC, datetime

import pytest

from crm360 import facts
from crm360.sources import woocommerce
from crm360.sources.base import Unreadable
from tests.sources.fixture_files import RECEIVED_AT, payload, sample


def read(name):
    return woocommerce.read(sample("woocommerce", name))


def test_a_guests_order_is_known_by_its_billing_address():
    seen, placed = read("order_created_guest")
    assert seen.ref.external_id == "guest:ewa.lis@example.com"
    assert {(each.kind, each.value) for each in seen.identifiers} == {
        ("email", "ewa.lis@example.com"),
        ("phone", "501 234 567"),
        ("device", "0c1b0b40-8f2e-4a7e-9d54-7c1c2a5b9d01"),
    }
    assert (seen.fields["street"], seen.fields["house_number"], seen.fields["city"]) == ("ul. Długa", "5/7", "Kraków")
    assert placed.placed_at == datetime(2024, 5, 22, 14, 28, 2, tzinfo=UTC)
    assert placed.updated_at == datetime(2024, 5, 22, 14, 28, 8, tzinfo=UTC)
    assert (placed.total_minor, placed.shipping_minor, placed.tax_minor, placed.discount_minor) == (
        6150,
        1230,
        1150,
        500,
    )
    (line,) = placed.lines
    assert (line.name, line.sku, line.quantity, line.unit_price_minor, line.total_minor) == (
        "Kubek – biały", "KUB-1", 2.0, 2768, 4920,
    )  # fmt: skip
    assert placed.attributes["attribution_source_type"] == "organic"
    assert placed.attributes["coupons"] == ["maj10"]


def test_a_customers_order_carries_its_refunds():
    seen, placed, refunded = read("order_updated_refunded")
    assert seen.ref.external_id == "customer:25"
    assert (refunded.refund_id, refunded.amount_minor, refunded.reason) == ("726", 1000, "Pęknięty")
    assert (refunded.external_id, placed.external_id) == ("727", "727")


def test_an_unfinished_checkout_is_a_cart_and_its_order_closes_it():
    _, cart = read("order_checkout_draft")
    assert isinstance(cart, facts.CartSnapshot)
    assert cart.cart_id == "order:728"
    _, placed = read("order_created_guest")
    assert placed.cart_id == "order:727"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", "open"), ("on-hold", "open"), ("processing", "paid"), ("completed", "paid"),
        ("cancelled", "cancelled"), ("failed", "cancelled"), ("trash", "cancelled"), ("refunded", "refunded"),
        ("wc-completed", "paid"), ("paczkomat", "open"), (None, "open"),
    ],
)  # fmt: skip
def test_statuses(status, expected):
    order = {"id": 1, "status": status, "total": "1.00", "currency": "PLN"}
    (placed,) = woocommerce.read(payload(order, x_wc_webhook_topic="order.updated"))
    assert placed.status == expected


@pytest.mark.parametrize(
    ("times", "zone", "expected"),
    [
        ({"date_modified_gmt": "2024-07-01T10:00:00", "date_modified": "2024-07-01T12:00:00"}, "", (7, 1, 10)),
        ({"date_modified": "2024-07-01T12:00:00"}, "Europe/Warsaw", (7, 1, 10)),
        ({"date_modified": "2024-01-01T12:00:00"}, "Europe/Warsaw", (1, 1, 11)),
        ({"date_modified": "2024-07-01T12:00:00"}, "", (7, 1, 12)),
        ({"date_modified": "2024-07-01T12:00:00"}, "Nowhere/Land", (7, 1, 12)),
        ({}, "", (6, 1, 12)),
    ],
)
def test_local_time_is_the_shops(times, zone, expected):
    order = {"id": 1, "status": "completed", "total": "1.00", **times}
    (placed,) = woocommerce.read(payload(order, x_wc_webhook_topic="order.updated", timezone=zone))
    assert placed.updated_at == datetime(2024, *expected, tzinfo=UTC)


def test_deleted_names_its_id_alone():
    (cancelled,) = read("order_deleted")
    assert (cancelled.external_id, cancelled.reason, cancelled.occurred_at) == ("727", "deleted", RECEIVED_AT)
    seen, noted = read("customer_deleted")
    assert (seen.ref.external_id, noted.kind) == ("customer:25", "customer.deleted")


def test_a_customer_keeps_their_own_name_beside_the_billing_address():
    (seen,) = read("customer_updated")
    assert seen.fields["family_name"] == "Lis-Nowak"
    assert seen.occurred_at == datetime(2024, 5, 21, 14, 9, 30, tzinfo=UTC)


def test_products_say_nothing_about_customers():
    assert read("product_updated") == []


@pytest.mark.parametrize("topic", ["", "order", "orders.created", "pigeon.sent"])
def test_other_topics_wait_in_quarantine(topic):
    if topic == "order":
        assert woocommerce.read(payload({"id": 1}, x_wc_webhook_topic=topic))
        return
    with pytest.raises(Unreadable):
        woocommerce.read(payload({"id": 1}, x_wc_webhook_topic=topic))

"""Stripe's events, read."""

from datetime import UTC, datetime

import pytest

from crm360 import facts
from crm360.sources import stripe
from tests.sources.fixture_files import payload, sample

AT = datetime.fromtimestamp(1717240000, UTC)


def read(name):
    return stripe.read(sample("stripe", name))


def test_a_finished_checkout_is_a_purchase_and_an_answer():
    seen, placed, consent = read("checkout_session_completed")
    assert seen.ref.external_id == "customer:cus_Q1"
    assert seen.fields["full_name"] == "Ewa Lis"
    assert ("device", "0c1b0b40-8f2e-4a7e-9d54-7c1c2a5b9d01") in {each[:2] for each in seen.identifiers}
    assert (placed.external_id, placed.number) == ("pi_3P", "A-77")
    assert (placed.total_minor, placed.shipping_minor, placed.currency, placed.status) == (4990, 490, "PLN", "paid")
    assert (consent.state, consent.channel, consent.evidence_grade) == ("given", "email", "B")


def test_a_guest_pays_in_a_currency_without_hundredths():
    seen, placed = read("checkout_session_guest_jpy")
    assert seen.ref.external_id == "guest:ewa.lis@example.com"
    assert (placed.total_minor, placed.currency) == (1200, "JPY")


@pytest.mark.parametrize(
    ("currency", "stripes", "ours"),
    [
        ("pln", 4990, 4990), ("usd", 1, 1), ("jpy", 500, 500), ("krw", 500, 500), ("isk", 500_00, 500),
        ("bhd", 1230, 1230), ("kwd", 1230, 1230),
    ],
)  # fmt: skip
def test_minor_units(currency, stripes, ours):
    event = {"id": "cs", "amount_total": stripes, "currency": currency, "payment_status": "paid"}
    body = {"type": "checkout.session.completed", "created": 1717240000, "data": {"object": event}}
    (placed,) = stripe.read(payload(body))
    assert placed.total_minor == ours


def test_a_second_refund_counts_its_own_part():
    (refunded,) = read("charge_refunded_second_part")
    assert (refunded.external_id, refunded.amount_minor, refunded.refund_id) == ("pi_3P", 2000, "ch_3P:3000")
    assert (refunded.ref, refunded.occurred_at) == (None, AT)


def test_an_expired_checkout_is_a_cart_with_the_way_back():
    _, cart = read("checkout_session_expired")
    assert isinstance(cart, facts.CartSnapshot)
    assert (cart.recover_url, cart.completed) == ("https://buy.stripe.com/r/live_x", False)


@pytest.mark.parametrize(
    ("kind", "payment_status", "status"),
    [
        ("checkout.session.completed", "unpaid", "open"),
        ("checkout.session.completed", "no_payment_required", "paid"),
        ("checkout.session.async_payment_succeeded", "paid", "paid"),
        ("checkout.session.async_payment_failed", "unpaid", "cancelled"),
    ],
)
def test_slow_payments(kind, payment_status, status):
    about = {"id": "cs", "payment_status": payment_status, "currency": "pln", "amount_total": 100}
    (placed,) = stripe.read(payload({"type": kind, "created": 1717240000, "data": {"object": about}}))
    assert placed.status == status


def test_customers():
    (seen,) = read("customer_updated")
    assert (seen.occurred_at, seen.fields["locale"], seen.attributes) == (AT, "pl-PL", {"metadata_klub": "tak"})
    seen, noted = read("customer_deleted")
    # A deletion must not bring data back.
    assert [each.kind for each in seen.identifiers] == ["customer_id"]
    assert noted.kind == "customer.deleted"


def test_other_events_say_nothing():
    assert read("invoice_paid_of_no_interest") == []
    setup = {"id": "cs", "mode": "setup"}
    assert stripe.read(payload({"type": "checkout.session.completed", "data": {"object": setup}})) == []

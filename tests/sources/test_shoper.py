"""Shoper's webhooks, read."""

from datetime import UTC, datetime

import pytest

from crm360.sources import shoper
from crm360.sources.base import Unreadable
from tests.sources.fixture_files import RECEIVED_AT, payload, sample


def read(name):
    return shoper.read(sample("shoper", name))


def test_a_new_order():
    seen, placed = read("order_create")
    assert seen.ref.external_id == "customer:33"
    assert placed.placed_at == placed.updated_at == datetime(2024, 5, 22, 14, 28, 2, tzinfo=UTC)
    assert (placed.total_minor, placed.shipping_minor, placed.status, placed.currency) == (6150, 1230, "open", "PLN")
    assert [(line.sku, line.quantity, line.total_minor) for line in placed.lines] == [("KUB-1", 2.0, 4920)]


def test_a_later_delivery_is_a_newer_version():
    _, placed = read("order_paid")
    assert (placed.status, placed.updated_at) == ("paid", RECEIVED_AT)


@pytest.mark.parametrize(
    ("name", "status"),
    [("Anulowane", "cancelled"), ("Odrzucone", "cancelled"), ("Zwrócone", "refunded"), ("Zwrot towaru", "refunded")],
)
def test_what_ended_without_a_sale(name, status):
    order = {"order_id": "1", "sum": "5", "status": {"type": "4", "name": name}}
    (placed,) = shoper.read(payload(order, x_webhook_name="order.status"))
    assert placed.status == status


def test_user_0_is_a_guest():
    seen, placed = read("order_returned_guest")
    assert (seen.ref.external_id, placed.status) == ("guest:ewa.lis@example.com", "refunded")


def test_customers_and_the_newsletter():
    seen, consent = read("client_create")
    assert (seen.ref.external_id, seen.fields["joined_on"]) == ("customer:33", "2024-01-21")
    assert (consent.state, consent.evidence_grade) == ("given", "D")
    (silent,) = shoper.read(payload({"user_id": "33", "email": "a@example.com"}, x_webhook_name="client.edit"))
    assert silent.ref.external_id == "customer:33"
    _, waiting = read("subscriber_create")
    assert (waiting.state, waiting.occurred_at) == (
        "pending_confirmation",
        datetime(2024, 5, 22, 14, 28, 2, tzinfo=UTC),
    )
    _, left = read("subscriber_delete")
    assert left.state == "withdrawn"


@pytest.mark.parametrize("name", ["", "order", "order.posted", "client.hired"])
def test_other_names_wait_in_quarantine(name):
    with pytest.raises(Unreadable):
        shoper.read(payload({"order_id": "1"}, x_webhook_name=name))

"""Allegro's, BaseLinker's and Odoo's records, read."""

from datetime import UTC, datetime

import pytest

from crm360.sources import allegro, baselinker, odoo
from crm360.sources.marketplaces import own_address, pair_code
from tests.sources.fixture_files import RECEIVED_AT, payload, sample


def kinds(seen):
    return [each.kind for each in seen.identifiers]


@pytest.mark.parametrize(
    ("email", "own", "code"),
    [
        ("8awgqyk6a5+cub31c122@allegromail.pl", "", "8awgqyk6a5"),
        ("8AWGQYK6A5+x@allegromail.pl", "", "8awgqyk6a5"),
        ("8awgqyk6a5@allegromail.pl", "", ""),
        ("8awgqyk6a5+z@user.allegrogroup.pl", "", "8awgqyk6a5"),
        ("ewa+allegro@example.com", "ewa+allegro@example.com", ""),
        ("ewa@allegromail.pl.example.com", "ewa@allegromail.pl.example.com", ""),
        ("ewa@myallegromail.pl", "ewa@myallegromail.pl", ""),
        ("", "", ""),
    ],
)
def test_masks(email, own, code):
    assert (own_address(email), pair_code(email)) == (own, code)


def test_an_allegro_buyer_is_known_by_their_id_never_by_the_mask():
    seen, placed = allegro.read(sample("allegro", "order"))
    assert seen.ref.external_id == "customer:23123123"
    assert kinds(seen) == ["customer_id", "phone", "tax_id"]
    assert seen.attributes == {"login": "Kup_uj", "masked_email": "8awgqyk6a5+cub31c122@allegromail.pl"}
    assert (placed.total_minor, placed.shipping_minor, placed.status) == (6150, 1230, "paid")
    assert placed.placed_at == datetime(2024, 5, 22, 14, 28, 2, tzinfo=UTC)
    assert [(line.sku, line.quantity, line.total_minor) for line in placed.lines] == [("KUB-1", 2.0, 4920)]
    guest, cancelled = allegro.read(sample("allegro", "order_cancelled_guest"))
    assert (guest.ref.external_id, guest.attributes["guest"], cancelled.status) == ("customer:777", True, "cancelled")


def test_baselinker_joins_the_orders_of_one_allegro_buyer_by_the_masks_code():
    order = {"order_id": 1, "email": "8awgqyk6a5+first@allegromail.pl"}
    again = {"order_id": 2, "email": "8awgqyk6a5+second@allegromail.pl"}
    refs = {baselinker.read(payload(each))[0].ref.external_id for each in (order, again)}
    assert refs == {"customer:allegro-8awgqyk6a5"}
    seen, placed = baselinker.read(sample("baselinker", "order_of_allegro"))
    assert "email" not in kinds(seen)
    assert (placed.number, placed.total_minor, placed.status, placed.updated_at) == (
        "534534234",
        6150,
        "paid",
        RECEIVED_AT,
    )
    assert placed.attributes["status"] == "Nowe"


@pytest.mark.parametrize(
    ("order", "status_name", "status"),
    [
        ({"payment_done": 0}, "Nowe", "open"), ({"payment_done": 5}, "Nowe", "paid"), ({"payment_done": "4.99"}, "Nowe", "open"),
        ({"payment_method_cod": "1"}, "Wysłane", "paid"), ({"payment_done": 5, "confirmed": False}, "", "open"),
        ({"payment_done": 5}, "Anulowane", "cancelled"), ({"payment_done": 5}, "Zwrócone", "refunded"),
    ],
)  # fmt: skip
def test_baselinkers_statuses_are_names_and_money(order, status_name, status):
    products = [{"price_brutto": 5, "quantity": 1}]
    (placed,) = baselinker.read(
        payload({"order_id": 1, "currency": "PLN", "products": products, **order}, status_name=status_name)
    )
    assert placed.status == status


def test_a_shops_order_in_baselinker_is_known_by_its_own_email():
    seen, placed = baselinker.read(sample("baselinker", "order_of_a_shop_cancelled"))
    assert (seen.ref.external_id, placed.status) == ("guest:ewa.lis@example.com", "cancelled")


def test_odoo():
    (seen,) = odoo.read(sample("odoo", "partner"))
    assert seen.ref.external_id == "customer:12"
    assert kinds(seen) == ["customer_id", "email", "phone", "card"]
    assert seen.identifiers[-1].value == "0420004711"
    (card,) = odoo.read(sample("odoo", "loyalty_card"))
    assert [each.value for each in card.identifiers] == ["web:12", "0440-1234"]
    buyer, receipt = odoo.read(sample("odoo", "receipt"))
    assert (buyer.ref, receipt.kind, receipt.total_minor, receipt.store) == (seen.ref, "sale", 6150, "Sklep Rynek")
    assert receipt.placed_at == datetime(2024, 5, 22, 14, 20, tzinfo=UTC)
    (back,) = odoo.read(sample("odoo", "receipt_anonymous_return"))
    assert (back.ref, back.kind, back.total_minor) == (None, "return", -4920)
    assert odoo.read(sample("odoo", "receipt_draft")) == []

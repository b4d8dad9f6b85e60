from datetime import UTC, datetime

import pytest

from crm360.facts import ConsentStated, ContactRef, Identifier, OrderCancelled, OrderPlaced, OrderRefunded, TagsStated
from crm360.sources.base import Unreadable
from crm360.sources.shopify import read
from tests.sources.fixture_files import RECEIVED_AT, payload, sample

ANNA = ContactRef("web", "customer:7210448301122")


def consents(document, topic="customers/update"):
    return [fact for fact in read(payload(document, x_shopify_topic=topic)) if isinstance(fact, ConsentStated)]


def test_a_customer_with_tags_and_consent():
    seen, tags, consent = read(sample("shopify", "customers_update"))
    assert seen.ref == ANNA
    assert seen.fields == {
        "given_name": "Anna",
        "family_name": "Nowak",
        "street": "ul. Długa",
        "house_number": "5/7",
        "city": "Kraków",
        "postcode": "31-146",
        "country": "PL",
        "joined_on": "2023-11-02",
    }
    assert seen.identifiers == (
        Identifier("customer_id", "web:7210448301122", verified=True),
        Identifier("email", "anna@example.com", verified=True),
        Identifier("phone", "+48501234567"),
    )
    assert isinstance(tags, TagsStated)
    assert tags.tags == ("vip", "hurt")
    assert (consent.state, consent.evidence_grade, consent.method) == ("given", "A", "confirmed_opt_in")
    assert consent.occurred_at == datetime(2024, 1, 5, 11, tzinfo=UTC)


def test_newer_customers_say_nothing_of_tags_and_consents():
    assert len(read(payload({"id": 1, "email": "a@example.com"}, x_shopify_topic="customers/create"))) == 1


@pytest.mark.parametrize(
    ("state", "level", "expected"),
    [
        ("subscribed", "confirmed_opt_in", [("given", "A")]),
        ("subscribed", "single_opt_in", [("given", "B")]),
        ("subscribed", "unknown", [("given", "D")]),
        ("subscribed", None, [("given", "D")]),
        ("unsubscribed", "single_opt_in", [("withdrawn", "B")]),
        ("pending", "confirmed_opt_in", [("pending_confirmation", "A")]),
        ("not_subscribed", "single_opt_in", []),
        ("redacted", None, []),
        (None, None, []),
    ],
)
def test_consent_states(state, level, expected):
    document = {"id": 1, "email": "a@example.com", "email_marketing_consent": {"state": state, "opt_in_level": level}}
    assert [(found.state, found.evidence_grade) for found in consents(document)] == expected


def test_text_messages_have_a_consent_of_their_own():
    document = {"id": 1, "phone": "+48501234567", "sms_marketing_consent": {"state": "subscribed"}}
    (found,) = consents(document, "customers/marketing_consent_update")
    assert (found.channel, found.identifier) == ("sms", Identifier("phone", "+48501234567"))


def test_the_old_boolean_grants_but_its_absence_or_no_does_not_withdraw():
    customer = {"id": 1, "email": "a@example.com"}
    assert [found.state for found in consents({**customer, "accepts_marketing": True})] == ["given"]
    assert consents({**customer, "accepts_marketing": False}) == []


def test_the_same_act_repeated_in_a_later_update_is_the_same_statement():
    stated = {"state": "subscribed", "consent_updated_at": "2024-01-01T00:00:00Z"}
    customer = {"id": 1, "email": "a@example.com", "email_marketing_consent": stated}
    first, later = consents({**customer, "updated_at": "2024-02-01T00:00:00Z"}), consents(customer)
    assert first[0].statement_id == later[0].statement_id


def test_consent_update_names_the_customer_by_another_key():
    seen, consent = read(sample("shopify", "email_marketing_consent_update"))
    assert seen.ref == consent.ref == ANNA
    assert consent.identifier == Identifier("email", "anna@example.com")
    assert consent.state == "withdrawn"


def test_a_merge_says_that_two_customers_are_one():
    seen, same = read(sample("shopify", "customers_merge"))
    assert same.ref == seen.ref
    assert same.former.external_id.startswith("customer:")
    assert same.former != seen.ref


def test_an_order_belongs_to_its_customer_and_carries_the_visitors_device():
    seen, order = read(sample("shopify", "orders_create"))
    assert seen.ref == ANNA
    assert Identifier("device", "0f3a8f6e-7a1f-4f0e-9d35-7c6f6f1f0a11") in seen.identifiers
    assert isinstance(order, OrderPlaced)
    assert (order.external_id, order.number, order.status, order.channel) == ("5912345678901", "#1001", "paid", "shop")
    assert (order.total_minor, order.shipping_minor, order.tax_minor, order.discount_minor) == (11248, 1268, 1866, 1000)
    assert [line.total_minor for line in order.lines] == [6980, 3000]
    assert order.placed_at == datetime(2024, 3, 15, 9, 5, tzinfo=UTC)
    assert order.updated_at == datetime(2024, 3, 15, 9, 6, tzinfo=UTC)


def test_guests_are_known_by_address_or_number_and_till_receipts_by_nothing():
    seen, order = read(sample("shopify", "orders_create_guest"))
    assert seen.ref == order.ref == ContactRef("web", "guest:anna@example.com")
    assert seen.fields["family_name"] == "Nowak"
    seen, _ = read(payload({"id": 1, "phone": "501 234 567"}, x_shopify_topic="orders/create"))
    assert seen.ref == ContactRef("web", "guest-phone:+48501234567")
    (order,) = read(sample("shopify", "orders_create_pos"))
    assert (order.ref, order.channel, order.store) == (None, "store", "655441491")


def test_a_cancelled_order_says_so_and_gives_the_money_back():
    _, order, cancelled, refund = read(sample("shopify", "orders_cancelled"))
    assert order.status == "cancelled"
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.reason == "customer"
    assert isinstance(refund, OrderRefunded)
    assert (refund.refund_id, refund.amount_minor) == ("880", 11248)


@pytest.mark.parametrize(
    ("financial", "status"),
    [
        ("paid", "paid"),
        ("pending", "open"),
        ("authorized", "open"),
        (None, "open"),
        ("refunded", "refunded"),
        ("partially_refunded", "partially_refunded"),
        ("voided", "cancelled"),
    ],
)
def test_financial_status(financial, status):
    (order,) = read(payload({"id": 1, "financial_status": financial}, x_shopify_topic="orders/updated"))
    assert order.status == status


def test_refunds_count_money_that_went_back():
    (refund,) = read(sample("shopify", "refunds_create"))
    assert (refund.external_id, refund.refund_id) == ("5912345678901", "890088186047892319")
    assert (refund.amount_minor, refund.currency, refund.reason) == (3000, "PLN", "Stłuczony talerz")
    items = {"id": 1, "order_id": 2, "refund_line_items": [{"subtotal": "10.00", "total_tax": "2.30"}]}
    assert read(payload(items, x_shopify_topic="refunds/create"))[0].amount_minor == 1230
    waiting = {"id": 1, "order_id": 2, "transactions": [{"kind": "refund", "status": "pending", "amount": "5"}]}
    assert read(payload(waiting, x_shopify_topic="refunds/create")) == []


def test_carts_and_checkouts():
    (cart,) = read(sample("shopify", "carts_update"))
    assert (cart.ref, cart.cart_id, cart.total_minor) == (None, "eeafa272cebfd4b22385bc4b645e762c", 11970)
    seen, checkout, started = read(sample("shopify", "checkouts_create"))
    assert checkout.ref == started.ref == seen.ref == ContactRef("web", "guest:bob@example.com")
    assert checkout.cart_id == cart.cart_id
    assert checkout.recover_url.startswith("https://")
    assert not checkout.completed


def test_a_cart_with_a_device_belongs_to_the_visitor():
    document = {"token": "t", "attributes": {"anonymousId": "d1"}}
    seen, cart = read(payload(document, x_shopify_topic="carts/create"))
    assert seen.anonymous
    assert cart.ref == seen.ref == ContactRef("web", "anon:d1")


def test_a_deleted_order_is_called_off():
    (found,) = read(payload({"id": 5}, x_shopify_topic="orders/delete"))
    assert (found.external_id, found.reason, found.occurred_at) == ("5", "deleted", RECEIVED_AT)


@pytest.mark.parametrize(("topic", "right"), [("customers/data_request", "access"), ("customers/redact", "erasure")])
def test_a_privacy_request_makes_no_contact_and_brings_no_data_back(topic, right):
    customer = {"customer": {"id": 1, "email": "a@example.com", "phone": "1"}, "shop_domain": "x"}
    (asked,) = read(payload(customer, x_shopify_topic=topic, x_shopify_webhook_id="w-1"))
    assert (asked.right, asked.ref, asked.about) == (right, None, ContactRef("web", "customer:1"))
    assert [each.kind for each in asked.identifiers] == ["customer_id", "email", "phone"]
    assert (asked.request_id, asked.details) == (f"{topic}:w-1", {"shop_domain": "x"})


def test_a_request_for_a_copy_has_an_id_of_its_own():
    (asked,) = read(sample("shopify", "customers_data_request"))
    assert asked.request_id.startswith("data_request:")


def test_the_erasure_of_a_whole_shop_names_nobody():
    (asked,) = read(payload({"shop_id": 1, "shop_domain": "x"}, x_shopify_topic="shop/redact"))
    assert (asked.right, asked.identifiers, asked.details) == ("shop_erasure", (), {"shop_domain": "x"})


@pytest.mark.parametrize(
    ("topic", "document", "reason"),
    [
        ("", {}, "topic"),
        ("products/update", {"id": 1}, "products/update"),
        ("customers/update", {"email": "a@example.com"}, "customer"),
        ("orders/create", {"email": "a@example.com"}, "id"),
        ("refunds/create", {"id": 1}, "order_id"),
        ("carts/update", {}, "token"),
        ("customers/redact", {"shop_id": 1}, "operator"),
    ],
)
def test_unreadable_says_why(topic, document, reason):
    with pytest.raises(Unreadable, match=reason):
        read(payload(document, x_shopify_topic=topic))


def test_a_refund_says_what_was_given_back():
    (refunded,) = read(sample("shopify", "refunds_create"))
    assert [(line.sku, line.name, line.quantity, line.total_minor) for line in refunded.lines] == [
        ("TAL-1", "Talerz", 1.0, 3561)
    ]


def test_newer_versions_tell_the_sums_apart():
    (seen,) = read(sample("shopify", "customers_purchasing_summary"))
    assert (seen.ref.external_id, seen.attributes) == ("customer:1", {"total_spent": "149.70", "orders_count": "3"})

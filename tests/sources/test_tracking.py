from datetime import UTC, datetime

import pytest

from crm360.facts import (
    ActivityNoted,
    CartChanged,
    CartSnapshot,
    ConsentStated,
    ContactRef,
    ContactSeen,
    ConversationChanged,
    Identifier,
    MessageExchanged,
    OrderCancelled,
    OrderPlaced,
    OrderRefunded,
)
from crm360.sources.base import Unreadable
from crm360.sources.tracking import read
from crm360.sources.tracking_names import custom_kind
from tests.sources.fixture_files import RECEIVED_AT, payload, sample

USER = ContactRef("web", "user:u-1007")
DEVICE = "0f3a8f6e-7a1f-4f0e-9d35-7c6f6f1f0a11"


def track(event, properties=None, **more):
    return read(payload({"type": "track", "event": event, "userId": "u1", "properties": properties or {}, **more}))


def test_identify_carries_fields_identifiers_and_consents():
    seen, email, sms = read(sample("tracking", "identify"))
    assert isinstance(seen, ContactSeen)
    assert seen.ref == USER
    # The sample was sent 78 days before it was received: a clock that cannot be trusted.
    assert seen.occurred_at == RECEIVED_AT
    assert seen.fields == {
        "given_name": "Łucja",
        "family_name": "Żółkiewska",
        "birth_date": "1988-04-03",
        "street": "ul. Długa 5/7",
        "city": "Kraków",
        "postcode": "31-146",
        "country": "PL",
        "locale": "pl-PL",
    }
    assert seen.identifiers == (
        Identifier("customer_id", "web:u-1007"),
        Identifier("device", DEVICE),
        Identifier("email", "lucja.zolkiewska@example.com"),
        Identifier("phone", "+48 501 234 567"),
    )
    assert seen.attributes == {"plan": "premium"}
    assert not seen.anonymous
    assert isinstance(email, ConsentStated)
    assert (email.channel, email.state, email.evidence_grade) == ("email", "given", "D")
    assert isinstance(sms, ConsentStated)
    assert (sms.channel, sms.state, sms.evidence_grade, sms.notice) == ("sms", "withdrawn", "B", "v3")


def test_a_visitor_is_a_device_without_personal_data():
    seen, viewed = read(sample("tracking", "product_viewed"))
    assert seen.ref == ContactRef("web", f"anon:{DEVICE}")
    assert seen.anonymous
    assert seen.identifiers == (Identifier("device", DEVICE),)
    assert seen.fields == {}
    assert isinstance(viewed, CartChanged)
    assert (viewed.action, viewed.sku, viewed.unit_price_minor, viewed.currency) == ("viewed", "G-32", 3990, "PLN")


def test_a_visitor_who_leaves_an_address_is_no_longer_anonymous():
    seen, *_ = read(payload({"type": "identify", "anonymousId": "d1", "traits": {"email": "a@example.com"}}))
    assert not seen.anonymous
    assert seen.identifiers == (Identifier("device", "d1"), Identifier("email", "a@example.com"))


def test_order_completed():
    seen, order = read(sample("tracking", "order_completed"))
    assert seen.identifiers == (
        Identifier("customer_id", "web:u-1007"),
        Identifier("email", "lucja.zolkiewska@example.com"),
    )
    assert isinstance(order, OrderPlaced)
    assert (order.external_id, order.total_minor, order.currency) == ("ZAM/2024/0315/7", 11248, "PLN")
    assert (order.shipping_minor, order.tax_minor, order.discount_minor) == (1268, 1866, 1000)
    assert [(line.sku, line.quantity, line.total_minor) for line in order.lines] == [
        ("G-32", 2.0, 7980),
        ("T-01", 1.0, 3000),
    ]


@pytest.mark.parametrize(
    ("properties", "total"),
    [
        ({"total": "112,48 zł"}, 11248),
        ({"revenue": 100, "shipping": "12.48"}, 11248),
        ({"subtotal": 90, "tax": 10}, 10000),
        ({"value": 5}, 500),
        ({"products": [{"price": 10, "quantity": 3}], "discount": 5}, 2500),
        ({"total": None}, 0),
        ({"total": float("nan"), "revenue": 7}, 700),
        ({"total": 1e300, "revenue": 7}, 700),
    ],
)
def test_totals_are_given_or_made_of_parts(properties, total):
    _, order = track("Order Completed", {"order_id": "1", "currency": "PLN", **properties})
    assert order.total_minor == total


def test_currency_is_stated_or_written_beside_the_amount_or_the_sources():
    def currency(properties, **headers):
        body = {
            "type": "track",
            "event": "Order Completed",
            "userId": "u",
            "properties": {"order_id": "1", **properties},
        }
        return read(payload(body, **headers))[1].currency

    assert currency({"total": "112,48 zł"}) == "PLN"
    assert currency({"total": 1, "currency": "eur"}) == "EUR"
    assert currency({"total": 1}, currency="CZK") == "CZK"


def test_an_order_without_a_number_keeps_to_its_message():
    assert track("Order Completed", {"total": 5}, messageId="m1")[1].external_id == "message:m1"


def test_refunds_and_cancellations():
    _, refund = read(sample("tracking", "order_refunded"))
    assert refund == OrderRefunded(
        ref=USER,
        source="web",
        external_id="ZAM/2024/0315/7",
        refund_id="m-or-1",
        occurred_at=datetime(2024, 3, 18, 12, tzinfo=UTC),
        amount_minor=3000,
        currency="PLN",
    )
    assert track("Order Refunded", {"order_id": "7"})[1].amount_minor is None
    assert isinstance(track("Order Cancelled", {"order_id": "7"})[1], OrderCancelled)
    for event in ("Order Refunded", "Order Cancelled"):
        with pytest.raises(Unreadable, match="order_id"):
            track(event)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Completed Order", OrderPlaced),
        ("order_completed", OrderPlaced),
        ("Updated Order", OrderPlaced),
        ("Viewed Product", CartChanged),
        ("Added Product", CartChanged),
        ("Removed Product", CartChanged),
        ("Wishlist Product Added to Cart", CartChanged),
    ],
)
def test_old_and_loose_names(name, kind):
    assert isinstance(track(name, {"order_id": "1"})[1], kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Products Searched", "products.searched"),
        ("Product Clicked", "product.clicked"),
        ("Product List Viewed", "product-list.viewed"),
        ("Promotion Viewed", "promotion.viewed"),
        ("Coupon Applied", "coupon.applied"),
        ("Product Added to Wishlist", "wishlist.added"),
        ("Cart Shared", "cart.shared"),
        ("Email Opened", "email.opened"),
        ("Live Chat Conversation Started", "chat.conversation-started"),
        ("Quiz Zakończony", "custom.quiz-zakonczony"),
        ("🎉", "custom.event"),
    ],
)
def test_the_rest_is_a_line_on_the_timeline(name, kind):
    noted = track(name, {"query": "kubek"})[1]
    assert isinstance(noted, ActivityNoted)
    assert noted.kind == kind
    assert noted.title.startswith(name)


def test_carts_are_seen_whole_when_their_products_are_named():
    cart = {"cart_id": "c1", "currency": "PLN", "products": [{"sku": "G", "price": 2, "quantity": 2}]}
    _, viewed, snapshot = track("Cart Viewed", cart)
    assert viewed.kind == "cart.viewed"
    assert isinstance(snapshot, CartSnapshot)
    assert (snapshot.cart_id, snapshot.total_minor) == ("c1", 400)
    _, started, snapshot = track("Checkout Started", {**cart, "order_id": "o1", "value": 9})
    assert (started.action, started.cart_id, snapshot.total_minor) == ("checkout_started", "c1", 900)
    assert len(track("Checkout Started", {"order_id": "o1"})) == 2


def test_live_chat():
    _, message = read(sample("tracking", "live_chat_message"))
    assert isinstance(message, MessageExchanged)
    assert (message.direction, message.conversation_id, message.message_id) == ("in", "c-9", "lc-1")
    assert track("Live Chat Message Received", {"conversation_id": "c", "agent_name": "Ola"})[1].author == "Ola"
    ended = track("Live Chat Conversation Ended", {"conversation_id": "c"})[1]
    assert isinstance(ended, ConversationChanged)
    assert ended.status == "resolved"


def test_unsubscribed_knows_only_an_address():
    seen, noted, consent = read(sample("tracking", "email_unsubscribed"))
    assert seen.ref == ContactRef("web", "email:lucja.zolkiewska@example.com")
    assert noted.kind == "email.unsubscribed"
    assert consent.identifier == Identifier("email", "Lucja.Zolkiewska@example.com")
    assert (consent.purpose, consent.channel, consent.state) == ("marketing", "email", "withdrawn")
    assert consent.evidence_grade == "B"


def test_absence_of_consent_says_nothing_and_an_unknown_address_is_noted():
    identify = {"type": "identify", "userId": "u1"}
    assert len(read(payload({**identify, "traits": {"email": "a@example.com", "consents": {}}}))) == 1
    assert len(read(payload({**identify, "traits": {"email": "a@example.com", "consents": {"marketing": None}}}))) == 1
    _, noted = read(payload({**identify, "traits": {"sms_marketing_consent": True}}))
    assert (noted.kind, noted.title) == ("consent.stated", "marketing, sms: given")
    _, given = read(payload({**identify, "traits": {"email": "a@example.com", "email_marketing_consent": False}}))
    assert given.state == "withdrawn"


def test_repeated_traits_of_later_events_are_no_consents():
    traits = {"email": "a@example.com", "email_marketing_consent": True}
    found = track("Anything", context={"traits": traits})
    assert not any(isinstance(fact, ConsentStated) for fact in found)


def test_alias_states_both_ids_and_is_nothing_for_one():
    seen, same = read(sample("tracking", "alias"))
    assert seen.ref == same.ref == USER
    assert set(seen.identifiers) == {Identifier("customer_id", "web:u-1007"), Identifier("device", DEVICE)}
    assert same.former == ContactRef("web", f"user:{DEVICE}")
    assert read(payload({"type": "alias", "previousId": "u", "userId": "u"})) == []
    with pytest.raises(Unreadable, match="previousId"):
        read(payload({"type": "alias", "userId": "u"}))


def test_group_describes_the_company_not_the_person():
    seen, joined = read(sample("tracking", "group"))
    assert seen.fields == {"company": "Hurtownia Żółkiewscy sp. z o.o."}
    assert seen.attributes == {"group_id": "org-7"}
    assert joined.kind == "group.joined"
    assert (joined.properties["group_id"], joined.properties["name"]) == ("org-7", seen.fields["company"])
    (seen, _) = read(payload({"type": "group", "userId": "u", "traits": {"email": "biuro@firma.example"}}))
    assert seen.identifiers == (Identifier("customer_id", "web:u"),)


def test_page_takes_its_type_from_the_path_and_its_page_from_the_context():
    _, viewed = read(sample("tracking", "page"))
    assert (viewed.kind, viewed.title) == ("page.viewed", "Strona główna")
    assert viewed.properties["campaign"]["name"] == "wiosna"
    assert viewed.properties["url"].startswith("https://sklep.example.com/")


def test_merge_adds_identifiers():
    stated = [
        {"type": "email", "value": "a@example.com"},
        {"type": "user_id", "value": "7"},
        {"type": "shoe", "value": "8"},
    ]
    (seen,) = read(payload({"type": "merge", "anonymousId": "d", "mergeProperties": stated}))
    assert seen.ref == ContactRef("web", "user:7")
    assert set(seen.identifiers) == {
        Identifier("device", "d"),
        Identifier("email", "a@example.com"),
        Identifier("customer_id", "web:7"),
    }
    assert not seen.anonymous


def test_merge_says_of_two_users_that_they_are_one_and_needs_no_id_besides():
    stated = [{"type": "userId", "value": "8"}, {"type": "userId", "value": 7}]
    for who, ref in (({"userId": "7"}, "user:7"), ({}, "user:8")):
        seen, *same = read(payload({"type": "merge", "mergeProperties": stated, **who}))
        assert seen.ref.external_id == ref
        assert [each.former.external_id for each in same] == ["user:7" if ref == "user:8" else "user:8"]
    mail = [{"type": "email", "value": "A@example.com"}, {"type": "mobile", "value": "501234567"}]
    (seen,) = read(payload({"type": "merge", "mergeProperties": mail}))
    assert seen.ref.external_id == "email:a@example.com"
    assert set(seen.identifiers) == {Identifier("email", "A@example.com"), Identifier("phone", "501234567")}
    with pytest.raises(Unreadable, match="names nobody"):
        read(payload({"type": "merge", "mergeProperties": [{"type": "shoe", "value": "8"}]}))


@pytest.mark.parametrize("nobody", ["", "   ", None, "null", "undefined", "[object Object]", True, [], {}])
def test_nobody_is_nobody(nobody):
    with pytest.raises(Unreadable, match="names nobody"):
        read(payload({"type": "track", "event": "X", "userId": nobody, "anonymousId": nobody}))
    seen, _ = read(payload({"type": "track", "event": "X", "userId": nobody, "anonymousId": "d"}))
    assert seen.ref.external_id == "anon:d"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"type": "identify", "traits": {"email": "a@example.com"}}, "names nobody"),
        ({"type": "track", "userId": "u"}, "event name"),
        ({"type": "dance", "userId": "u"}, "dance"),
        ({"userId": "u"}, "type of call"),
    ],
)
def test_unreadable_says_why(body, reason):
    with pytest.raises(Unreadable, match=reason):
        read(payload(body))


def test_numbers_for_ids_and_dirty_texts():
    body = b'{"type":"track","event":"X\\u0000Y","userId":7,"properties":{"n":NaN,"i":-Infinity,"s":"\\ud800ok"}}'
    seen, noted = read(payload(body))
    assert seen.ref.external_id == "user:7"
    assert noted.kind == "custom.xy"
    assert noted.properties == {"n": None, "i": None, "s": "ok"}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, RECEIVED_AT),
        ({"timestamp": "2024-06-01T11:00:00Z"}, datetime(2024, 6, 1, 11, tzinfo=UTC)),
        (
            {"originalTimestamp": "2024-06-01T09:00:00Z", "sentAt": "2024-06-01T10:00:00Z"},
            datetime(2024, 6, 1, 11, tzinfo=UTC),
        ),
        (
            {
                "timestamp": "2020-01-01T00:00:00Z",
                "originalTimestamp": "2019-01-01T00:00:00Z",
                "receivedAt": "2020-01-01T00:00:00Z",
            },
            datetime(2020, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_which_time_counts(times, expected):
    assert track("X", **times)[1].occurred_at == expected


def test_custom_kinds_are_bounded():
    assert custom_kind("a b" * 200).startswith("custom.a-b")
    assert len(custom_kind("a b" * 200)) <= 80

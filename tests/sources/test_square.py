"""Square's events and polled objects, read."""

from crm360 import facts
from crm360.sources import square
from tests.sources.fixture_files import payload, sample


def read(name):
    return square.read(sample("square", name))


def values(seen, kind):
    return [each.value for each in seen.identifiers if each.kind == kind]


def test_a_customer_and_the_one_thing_square_knows_of_consent():
    seen, consent = read("customer_updated")
    assert (seen.fields["birth_date"], seen.fields["street"], seen.fields["house_number"]) == (
        "1988-04-03", "ul. Długa", "5",
    )  # fmt: skip
    assert (consent.state, consent.channel) == ("withdrawn", "email")


def test_a_merge_says_who_became_one():
    kept, *same = read("customer_created_of_a_merge")
    assert values(kept, "customer_id") == ["web:NEW1"]
    assert [fact.former.external_id for fact in same] == ["customer:OLD1", "customer:OLD2"]
    assert "birth_date" not in kept.fields
    seen, gone = read("customer_deleted_merged")
    assert (seen.ref.external_id, gone.former.external_id) == ("customer:NEW1", "customer:OLD1")


def test_a_loyalty_account_brings_card_phone_and_points():
    (seen,) = read("loyalty_account_created")
    assert values(seen, "card") == ["79b807d2-d786-46a9-933b-918028d7a8c5"]
    assert values(seen, "phone") == ["+48501234567"]
    assert seen.attributes == {"loyalty_balance": 120, "loyalty_lifetime_points": 450}


def test_orders_tell_ids_only_and_the_poll_brings_them_whole():
    assert read("order_updated_ids_only") == []
    seen, placed = read("polled_order")
    assert seen.ref.external_id == "customer:JDKYHBWT1D4F8MFH63DBMEN8Y4"
    assert (placed.total_minor, placed.discount_minor, placed.currency) == (2800, 200, "PLN")
    assert (placed.status, placed.channel, placed.store, placed.number) == ("paid", "store", "L1", "R-17")
    (line,) = placed.lines
    assert (line.name, line.quantity, line.unit_price_minor, line.total_minor) == ("Kawa duża", 2.0, 1500, 2800)


def test_an_order_that_takes_goods_back_is_a_refund_of_the_purchase():
    (refunded,) = read("polled_return")
    assert isinstance(refunded, facts.OrderRefunded)
    assert (refunded.external_id, refunded.refund_id, refunded.amount_minor) == ("O1", "RF1", 1400)


def test_a_receipt_without_a_customer_is_kept():
    order = {"id": "O9", "total_money": {"amount": 5, "currency": "USD"}, "state": "COMPLETED"}
    (placed,) = square.read(payload({"type": "polled.order", "data": {"object": {"order": order}}}))
    assert (placed.ref, placed.total_minor) == (None, 5)

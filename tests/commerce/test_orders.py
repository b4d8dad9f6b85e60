"""Purchases, cancellations and refunds as rows and timeline, whichever is heard first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from crm360.commerce import operations
from crm360.commerce.models import Cart, Line, Order, Refund
from crm360.facts import ContactRef, OrderCancelled, OrderLine, OrderPlaced, OrderRefunded, Received
from crm360.identity.models import Contact
from crm360.profiles.models import SearchTerm, TimelineEntry

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
REF = ContactRef("shop", "1")
Fact = OrderPlaced | OrderCancelled | OrderRefunded


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def people(session: Any, now: datetime) -> list[int]:
    """Ids of three contacts."""
    rows = [
        {"source": "shop", "external_id": str(number), "first_seen_at": now, "last_seen_at": now, "created_at": now}
        for number in range(1, 4)
    ]
    told = insert(Contact).returning(Contact.id, sort_by_parameter_order=True)
    return list(session.scalars(told, rows))


def placed(version: int = 0, **said: Any) -> OrderPlaced:
    lines = said.pop(
        "lines", (OrderLine(line_no=1, sku="K1", name="Kettle", quantity=2, unit_price_minor=600, total_minor=1200),)
    )
    return OrderPlaced(**{
        "ref": REF, "source": "shop", "external_id": "o1", "number": "#1001", "placed_at": at(0),
        "updated_at": at(version), "currency": "PLN", "total_minor": 1200, "lines": lines, **said,
    })  # fmt: skip


def cancelled(minutes: int = 30, **said: Any) -> OrderCancelled:
    return OrderCancelled(**{"ref": REF, "source": "shop", "external_id": "o1", "occurred_at": at(minutes), **said})


def refunded(refund_id: str, amount: int | None, minutes: int = 40, **said: Any) -> OrderRefunded:
    return OrderRefunded(
        **{
            "ref": REF, "source": "shop", "external_id": "o1", "refund_id": refund_id, "occurred_at": at(minutes),
            "amount_minor": amount, "currency": "PLN", **said,
        }
    )  # fmt: skip


RECORD: dict[type[Any], Callable[..., None]] = {
    OrderPlaced: operations.record_orders,
    OrderCancelled: operations.record_cancellations,
    OrderRefunded: operations.record_refunds,
}


def record(news: Sequence[tuple[Fact, int | None]], now: datetime) -> None:
    """Each fact in a batch of its own, as `(fact, contact id)`."""
    for fact, contact_id in news:
        RECORD[type(fact)](received=[Received(contact_id, None, fact)], now=now)


def rows(session: Any, model: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(model.__table__)).mappings()]


def written(session: Any) -> list[Any]:
    """Everything recorded, without the ids that depend on who came first."""
    names = {row["id"]: row["external_id"] for row in rows(session, Order)}
    carts = [{key: row[key] for key in row if key != "id"} for row in rows(session, Cart)]
    orders = [{key: row[key] for key in row if key != "id"} for row in rows(session, Order)]
    parts = [row | {"order_id": names[row["order_id"]]} for model in (Line, Refund) for row in rows(session, model)]
    told = [
        {key: row[key] for key in ("contact_id", "kind", "occurred_at", "title")}
        | {key: value for key, value in sorted(row["properties"].items()) if key != "order_id"}
        for row in rows(session, TimelineEntry)
    ]
    return [sorted(map(repr, kept)) for kept in (orders, parts, told, carts)]


def only(session: Any, model: Any) -> dict[str, Any]:
    (row,) = rows(session, model)
    return row


def test_an_order_is_kept_with_its_lines_and_tells_itself(session: Any, people: list[int], now: datetime) -> None:
    operations.record_orders(received=[Received(people[0], 7, placed(store="Kraków"))], now=now)
    order, line, entry = only(session, Order), only(session, Line), only(session, TimelineEntry)
    assert (order["status"], order["total_minor"], order["contact_id"]) == ("paid", 1200, people[0])
    assert (line["order_id"], line["sku"], line["quantity"]) == (order["id"], "K1", 2)
    assert (entry["kind"], entry["subject"], entry["payload_id"]) == ("order.placed", f"order:{order['id']}", 7)
    assert entry["properties"] == {
        "order_id": order["id"], "number": "#1001", "total_minor": 1200, "refunded_minor": 0, "currency": "PLN",
        "kind": "sale", "status": "paid", "channel": "shop", "store": "Kraków", "items": 1, "names": ["Kettle"],
    }  # fmt: skip
    assert (people[0], "order") in {(row["contact_id"], row["kind"]) for row in rows(session, SearchTerm)}


def test_the_same_again_changes_nothing(session: Any, people: list[int], now: datetime) -> None:
    record([(placed(), people[0])], now)
    before = written(session), only(session, TimelineEntry)
    operations.record_orders(received=[Received(people[0], 99, placed())] * 3, now=now + timedelta(days=1))
    assert (written(session), only(session, TimelineEntry)) == before


def test_a_newer_version_replaces_the_lines(session: Any, people: list[int], now: datetime) -> None:
    pot = OrderLine(line_no=1, sku="P1", name="Pot", total_minor=300)
    record([(placed(), people[0]), (placed(5, lines=(pot,), total_minor=300), people[0]), (placed(3), people[0])], now)
    assert (only(session, Line)["sku"], only(session, Order)["total_minor"]) == ("P1", 300)


def test_of_two_versions_of_one_second_the_further_one_counts(session: Any, people: list[int], now: datetime) -> None:
    record([(placed(status="paid"), people[0]), (placed(status="open"), people[0])], now)
    assert only(session, Order)["status"] == "paid"


def test_lines_numbered_alike_are_all_kept(session: Any, people: list[int], now: datetime) -> None:
    alike = (OrderLine(line_no=1, sku="A"), OrderLine(line_no=1, sku="B"))
    record([(placed(lines=alike), people[0])], now)
    assert [(row["line_no"], row["sku"]) for row in rows(session, Line)] == [(1, "A"), (2, "B")]


def test_an_anonymous_receipt_is_kept_and_nobody_told(session: Any, now: datetime) -> None:
    record([(placed(ref=None), None)], now)
    assert only(session, Order)["contact_id"] is None
    assert rows(session, TimelineEntry) == rows(session, SearchTerm) == []


def test_an_order_named_later_moves_to_its_customer(session: Any, people: list[int], now: datetime) -> None:
    record([(placed(ref=None), None), (placed(), people[1]), (placed(9, ref=None), None)], now)
    assert only(session, Order)["contact_id"] == people[1]
    assert only(session, TimelineEntry)["contact_id"] == people[1]


def test_a_cancellation_waits_for_its_order(session: Any, people: list[int], now: datetime) -> None:
    record([(cancelled(reason="too late"), people[0])], now)
    assert only(session, Order)["status"] == "announced"
    record([(placed(), people[0])], now)
    order = only(session, Order)
    assert (order["status"], order["number"], order["cancelled_at"]) == ("cancelled", "#1001", at(30))
    assert sorted(row["kind"] for row in rows(session, TimelineEntry)) == ["order.cancelled", "order.placed"]


def test_refunds_add_up_once_each(session: Any, people: list[int], now: datetime) -> None:
    news = [(placed(), people[0]), (refunded("r1", 300), people[0]), (refunded("r2", 100), people[0])]
    record([*news, *news], now)
    order = only(session, Order)
    assert (order["status"], order["refunded_minor"], len(rows(session, Refund))) == ("partially_refunded", 400, 2)
    record([(refunded("r3", None), people[0])], now)
    assert only(session, Order)["status"] == "refunded"


def test_return_documents_take_back(session: Any, people: list[int], now: datetime) -> None:
    record([(placed(kind="return", total_minor=-1200), people[0])], now)
    assert only(session, TimelineEntry)["kind"] == "order.returned"


POT = (OrderLine(line_no=1, sku="P1", name="Pot", quantity=1, total_minor=300),)
NEWS: list[tuple[Fact, int | None]] = [
    (placed(0, ref=None, status="open"), None),
    (placed(2, status="paid", cart_id="c1"), 0),
    (placed(2, status="open"), 0),
    (placed(4, lines=POT, total_minor=300, placed_at=at(-3)), 1),
    (placed(6, ref=None, lines=POT, total_minor=310), None),
    (cancelled(30, reason="a"), 0),
    (cancelled(20, reason="b"), None),
    (refunded("r1", 100), None),
    (refunded("r1", 150, minutes=50), 2),
    (refunded("r2", None, currency="EUR"), None),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(range(len(NEWS))), min_size=1, max_size=7, unique=True).flatmap(
        lambda chosen: st.tuples(st.just(chosen), st.permutations(chosen + chosen))
    )
)
def test_neither_order_of_arrival_nor_repetition_matters(
    session: Any, people: list[int], now: datetime, chosen: tuple[list[int], list[int]]
) -> None:
    outcomes = []
    for order in chosen:
        trial = session.begin_nested()
        record([(NEWS[each][0], None if NEWS[each][1] is None else people[NEWS[each][1]]) for each in order], now)
        outcomes.append(written(session))
        trial.rollback()
    assert outcomes[0] == outcomes[1]


def test_one_batch_is_the_same_as_many(session: Any, people: list[int], now: datetime) -> None:
    versions = [fact for fact, _ in NEWS if isinstance(fact, OrderPlaced)]
    outcomes = []
    for batches in ([versions], [[each] for each in versions]):
        trial = session.begin_nested()
        for batch in batches:
            operations.record_orders(received=[Received(people[0], None, each) for each in batch], now=now)
        outcomes.append(written(session))
        trial.rollback()
    assert outcomes[0] == outcomes[1]

"""What the customer page asks of purchases, and in how many statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from crm360.commerce import operations, queries
from crm360.facts import ContactRef, OrderCancelled, OrderLine, OrderPlaced, OrderRefunded, Received
from crm360.identity.models import Contact, Profile
from crm360.kernel.paging import BadCursor

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
REF = ContactRef("till", "1")


@pytest.fixture
def customer(session: Any, now: datetime) -> tuple[int, list[int]]:
    """A profile's id and the ids of its two contacts."""
    profile_id = session.scalars(insert(Profile).returning(Profile.id), [{"created_at": now}]).one()
    rows = [
        {"source": "till", "external_id": str(number), "profile_id": profile_id, "first_seen_at": now,
         "last_seen_at": now, "created_at": now}
        for number in (1, 2)
    ]  # fmt: skip
    ids = session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows)
    return profile_id, list(ids)


@contextmanager
def statements(session: Any) -> Iterator[list[str]]:
    """The SQL statements run inside."""
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def placed(number: int, total: int, days: int = 0, **said: Any) -> OrderPlaced:
    when = START + timedelta(days=days)
    lines = tuple(OrderLine(line_no=place, sku=f"{number}-{place}") for place in (1, 2))
    return OrderPlaced(**{
        "ref": REF, "source": "till", "external_id": str(number), "number": str(number), "placed_at": when,
        "updated_at": when, "currency": "PLN", "total_minor": total, "lines": lines, **said,
    })  # fmt: skip


def fill(contacts: list[int], now: datetime) -> None:
    orders = [
        (contacts[0], placed(1, 1000)),
        (contacts[1], placed(2, 3000, 1)),
        (contacts[0], placed(3, 5000, 2, currency="EUR")),
        (contacts[0], placed(4, 700, 3)),
        (contacts[1], placed(5, -1000, 4, kind="return")),
        (contacts[1], placed(6, -200, 5, kind="cancellation")),
    ]
    operations.record_orders(received=[Received(*order[:1], None, order[1]) for order in orders], now=now)
    off = OrderCancelled(ref=REF, source="till", external_id="4", occurred_at=now)
    back = OrderRefunded(ref=REF, source="till", external_id="2", refund_id="r", occurred_at=now, amount_minor=500)
    early = OrderCancelled(ref=REF, source="till", external_id="never placed", occurred_at=now)
    operations.record_cancellations(received=[Received(contacts[0], None, each) for each in (off, early)], now=now)
    operations.record_refunds(received=[Received(contacts[0], None, back)], now=now)


def test_value_counts_what_was_kept(session: Any, customer: tuple[int, list[int]], now: datetime) -> None:
    profile_id, contacts = customer
    fill(contacts, now)
    with statements(session) as seen:
        value = queries.value_of(profile_id)
    assert len(seen) == 1
    assert (value.orders, value.returns, value.cancelled) == (3, 2, 1)
    assert value.spend == {"PLN": 1000 + 2500 - 1000 - 200, "EUR": 5000}
    assert value.average == {"PLN": 1150, "EUR": 5000}
    assert (value.first_at, value.last_at) == (START, START + timedelta(days=2))
    assert (value.last_minor, value.last_currency) == (5000, "EUR")
    assert [(month.month, month.spend) for month in value.months] == [
        (1, {"PLN": 1000}), (2, {"EUR": 5000, "PLN": 1300}),
    ]  # fmt: skip


def test_values_of_many_are_one_statement(session: Any, customer: tuple[int, list[int]], now: datetime) -> None:
    profile_id, contacts = customer
    fill(contacts, now)
    with statements(session) as seen:
        values = queries.value_of_many([profile_id, profile_id + 1])
    assert len(seen) == 1
    assert (values[profile_id].orders, values[profile_id + 1].orders) == (3, 0)
    assert queries.value_of_many([]) == {}


def test_documents_page_from_the_newest_with_their_lines(
    session: Any, customer: tuple[int, list[int]], now: datetime
) -> None:
    profile_id, contacts = customer
    fill(contacts, now)
    shown, before = [], None
    for _ in range(3):
        with statements(session) as seen:
            page = queries.orders_with_lines(profile_id, limit=2, before=before)
        assert len(seen) == 1
        assert [len(page.lines[order.id]) for order in page.orders] == [2, 2]
        plain = queries.orders_of(profile_id, limit=2, before=before)
        assert ([each.id for each in plain.orders], plain.next_cursor) == (
            [each.id for each in page.orders],
            page.next_cursor,
        )
        shown += [order.number for order in page.orders]
        before = page.next_cursor
    assert (shown, before) == (["6", "5", "4", "3", "2", "1"], None)
    with pytest.raises(BadCursor):
        queries.orders_of(profile_id, before="nonsense")


def test_lines_come_by_order(session: Any, customer: tuple[int, list[int]], now: datetime) -> None:
    profile_id, contacts = customer
    fill(contacts, now)
    orders = queries.orders_of(profile_id).orders
    lines = queries.lines_of(order.id for order in orders)
    assert [line.sku for line in lines[orders[0].id]] == ["6-1", "6-2"]
    assert queries.find_order(orders[0].id) is orders[0]
    assert queries.find_order(orders[0].id + 999) is None


def test_counts_for_the_statistics(session: Any, customer: tuple[int, list[int]], now: datetime) -> None:
    fill(customer[1], now)
    assert queries.counts() == {"orders": 6, "cancellations": 2, "returns": 1, "order_lines": 12, "cart_events": 0}

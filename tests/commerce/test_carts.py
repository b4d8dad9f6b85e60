"""Carts as rows and timeline: filled, ordered, left behind, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from crm360.commerce import operations
from crm360.commerce.models import Cart
from crm360.facts import CartChanged, CartSnapshot, ContactRef, OrderLine, OrderPlaced, Received
from crm360.identity.models import Contact, Profile
from crm360.profiles.models import TimelineEntry

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
REF = ContactRef("shop", "1")
REST = timedelta(hours=24)
Fact = CartChanged | CartSnapshot | OrderPlaced


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def people(session: Any, now: datetime) -> list[int]:
    """Ids of three contacts; the first two are one customer."""
    ids = session.scalars(insert(Profile).returning(Profile.id), [{"created_at": now}] * 2).all()
    rows = [
        {"source": "shop", "external_id": str(number), "profile_id": profile_id, "first_seen_at": now,
         "last_seen_at": now, "created_at": now}
        for number, profile_id in enumerate((ids[0], ids[0], ids[1]), 1)
    ]  # fmt: skip
    return list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))


def changed(action: Any, minutes: int, sku: str = "K1", **said: Any) -> CartChanged:
    return CartChanged(**{
        "ref": REF, "action": action, "occurred_at": at(minutes), "sku": sku, "name": f"Thing {sku}",
        "unit_price_minor": 500, "currency": "PLN", **said,
    })  # fmt: skip


def snapshot(minutes: int, *skus: str, **said: Any) -> CartSnapshot:
    lines = tuple(OrderLine(line_no=place, sku=sku, unit_price_minor=500) for place, sku in enumerate(skus, 1))
    return CartSnapshot(**{
        "ref": None, "source": "shop", "cart_id": "c1", "occurred_at": at(minutes), "currency": "PLN",
        "total_minor": 500 * len(skus), "lines": lines, **said,
    })  # fmt: skip


def placed(minutes: int, **said: Any) -> OrderPlaced:
    return OrderPlaced(**{
        "ref": REF, "source": "shop", "external_id": f"o{minutes}", "number": str(minutes), "placed_at": at(minutes),
        "updated_at": at(minutes), "currency": "PLN", "total_minor": 500, **said,
    })  # fmt: skip


def record(news: Sequence[Fact], contact_id: int | None, now: datetime) -> None:
    for fact in news:
        if isinstance(fact, CartChanged):
            operations.record_cart_changes(received=[Received(contact_id, None, fact)], now=now)
        elif isinstance(fact, CartSnapshot):
            operations.record_cart_snapshots(received=[Received(contact_id, None, fact)], now=now)
        else:
            operations.record_orders(received=[Received(contact_id, None, fact)], now=now)


def carts(session: Any) -> list[dict[str, Any]]:
    kept = [dict(row) for row in session.execute(select(Cart.__table__)).mappings()]
    return sorted(({key: row[key] for key in row if key != "id"} for row in kept), key=lambda row: row["external_id"])


def only(session: Any) -> dict[str, Any]:
    (row,) = carts(session)
    return row


def told(session: Any) -> list[tuple[str, datetime, str]]:
    entries = select(TimelineEntry.kind, TimelineEntry.occurred_at, TimelineEntry.title)
    return sorted(tuple(row) for row in session.execute(entries))


def test_events_fill_the_contacts_own_cart(session: Any, people: list[int], now: datetime) -> None:
    record([changed("viewed", 0), changed("added", 1, quantity=2), changed("removed", 2)], people[0], now)
    row = only(session)
    assert (row["external_id"], row["state"], row["contact_id"]) == (f"contact:{people[0]}", "open", people[0])
    assert [(line["sku"], line["quantity"]) for line in row["lines"]] == [("K1", 1)]
    assert [(kind, title) for kind, _, title in told(session)] == [
        ("cart.added", "Thing K1"), ("cart.removed", "Thing K1"), ("cart.viewed", "Thing K1"),
    ]  # fmt: skip


def test_a_look_alone_is_no_cart(session: Any, people: list[int], now: datetime) -> None:
    record([changed("viewed", 0)], people[0], now)
    assert carts(session) == []


def test_an_order_closes_the_cart_it_names_and_gives_it_its_customer(
    session: Any, people: list[int], now: datetime
) -> None:
    record([snapshot(0, "K1")], None, now)
    assert only(session)["contact_id"] is None
    record([placed(5, cart_id="c1")], people[0], now)
    assert (only(session)["state"], only(session)["contact_id"]) == ("ordered", people[0])


def test_a_cart_left_alone_is_abandoned_once(session: Any, people: list[int], now: datetime) -> None:
    record([changed("added", 0)], people[0], now)
    assert operations.abandon_carts(rest=REST, now=at(0) + REST - timedelta(minutes=1)) == 0
    assert operations.abandon_carts(rest=REST, now=at(0) + REST) == 1
    assert operations.abandon_carts(rest=REST, now=at(0) + REST * 9) == 0
    assert only(session)["state"] == "abandoned"
    assert ("cart.abandoned", at(0) + REST, "Thing K1") in told(session)


def test_a_later_change_reopens_an_abandoned_cart_and_an_older_one_does_not(
    session: Any, people: list[int], now: datetime
) -> None:
    record([changed("added", 10)], people[0], now)
    operations.abandon_carts(rest=REST, now=now)
    record([changed("added", 5, "P1")], people[0], now)
    assert only(session)["state"] == "abandoned"
    record([changed("added", 20)], people[0], now)
    assert only(session)["state"] == "open"


@pytest.mark.parametrize("buyer", [0, 1])
def test_a_cart_whose_customer_bought_since_was_not_abandoned(
    session: Any, people: list[int], now: datetime, buyer: int
) -> None:
    record([changed("added", 0)], people[0], now)
    record([placed(30)], people[buyer], now)
    assert operations.abandon_carts(rest=REST, now=now) == 0
    assert only(session)["state"] == "ordered"


def test_someone_elses_purchase_does_not_save_a_cart(session: Any, people: list[int], now: datetime) -> None:
    record([changed("added", 0)], people[0], now)
    record([placed(30)], people[2], now)
    assert operations.abandon_carts(rest=REST, now=now) == 1


def test_an_empty_cart_is_never_abandoned(session: Any, people: list[int], now: datetime) -> None:
    record([changed("added", 0), changed("removed", 1)], people[0], now)
    assert operations.abandon_carts(rest=REST, now=now) == 0


NEWS: list[Fact] = [
    changed("added", 1),
    changed("added", 3, "P1", cart_id="c1"),
    changed("removed", 6),
    changed("added", 12, cart_id="c1"),
    changed("checkout_started", 7, "", cart_id="c1"),
    snapshot(4, "K1", "P1"),
    snapshot(8, "P1", recover_url="https://shop.example/r/1"),
    snapshot(9, completed=True),
    placed(5, cart_id="c1"),
    placed(10),
    changed("viewed", 2),
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(range(len(NEWS))), min_size=1, max_size=7, unique=True).flatmap(
        lambda chosen: st.tuples(st.just(chosen), st.permutations(chosen + chosen))
    )
)
@example(([8, 9], [9, 9, 8, 8]))  # a later purchase was heard of before the order that names the cart
def test_neither_order_of_arrival_nor_repetition_matters(
    session: Any, people: list[int], now: datetime, chosen: tuple[list[int], list[int]]
) -> None:
    outcomes = []
    for order in chosen:
        trial = session.begin_nested()
        record([NEWS[each] for each in order], people[0], now)
        outcomes.append((carts(session), [entry for entry in told(session) if entry[0] != "cart.updated"]))
        trial.rollback()
    assert outcomes[0] == outcomes[1]

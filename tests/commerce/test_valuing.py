"""Values kept by marks equal values computed anew, whatever happens to purchases and to who is who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from crm360.commerce import operations, personal_data, value_fits, valuing
from crm360.commerce.models import CustomerValue
from crm360.facts import (
    CartChanged,
    ContactRef,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
    Received,
)
from crm360.identity.models import Contact, Profile
from crm360.kernel.db import table_of
from crm360.kernel.personal_data import Whom
from crm360.profiles import feed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOODS = (("mug", "kitchen"), ("pan", "kitchen"), ("lamp", "light"), ("bulb", "light"))
REFS = [ContactRef("till", str(number)) for number in range(6)]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 5), st.integers(0, 9), st.integers(0, 400), st.integers(0, 3)),
        st.tuples(st.just("cancel"), st.integers(0, 5), st.integers(0, 9), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("refund"), st.integers(0, 5), st.integers(0, 9), st.integers(0, 30), st.integers(0, 3)),
        st.tuples(st.just("cart"), st.integers(0, 5), st.just(0), st.integers(3, 60), st.integers(0, 3)),
        st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 5), st.just(0), st.just(0)),
        st.tuples(st.just("forget"), st.integers(0, 5), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.sampled_from(["work", "learn", "abandon"]), st.just(0), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=25,
)  # fmt: skip


def people(session: Any, count: int) -> tuple[list[int], list[int]]:
    """Profiles and a contact of each."""
    session.add_all([Profile(created_at=NOW) for _ in range(count)])
    session.flush()
    profiles = list(session.scalars(select(Profile.id).order_by(Profile.id.desc()).limit(count)))[::-1]
    for number, profile_id in enumerate(profiles):
        seen = {"first_seen_at": NOW, "last_seen_at": NOW, "created_at": NOW}
        session.add(Contact(source="till", external_id=f"{profile_id}-{number}", profile_id=profile_id, **seen))
    session.flush()
    contacts = session.scalars(select(Contact.id).where(Contact.profile_id.in_(profiles)).order_by(Contact.id))
    return profiles, list(contacts)


def placed(number: int, *, days: int, goods: Sequence[int] = (0,), currency: str = "PLN", **said: Any) -> OrderPlaced:
    at = NOW - timedelta(days=days)
    lines = tuple(
        OrderLine(line_no=place, sku=GOODS[which][0], name=GOODS[which][0].title(), category=GOODS[which][1], total_minor=1000)
        for place, which in enumerate(goods)
    )  # fmt: skip
    return OrderPlaced(**{
        "ref": REFS[0], "source": "till", "external_id": str(number), "number": str(number), "placed_at": at,
        "updated_at": at, "currency": currency, "total_minor": 1000 * len(lines), "lines": lines, **said,
    })  # fmt: skip


class Shop:
    """What may happen, each step as the rooms and flows would do it."""

    def __init__(self, session: Any):
        self.session = session
        self.profiles, self.contacts = people(session, 6)

    def step(self, what: str, who: int, number: int, days: int, which: int) -> None:
        contact, at = self.contacts[who], NOW - timedelta(days=days)
        if what == "order":
            currency = "EUR" if number == 9 else "PLN"
            fact = placed(
                number, days=days, goods=(which, (which + number) % 4), currency=currency, updated_at=NOW - timedelta(days=who)
            )  # fmt: skip
            operations.record_orders(received=[Received(contact, None, fact)], now=NOW)
        elif what == "cancel":
            off = OrderCancelled(ref=REFS[0], source="till", external_id=str(number), occurred_at=at)
            operations.record_cancellations(received=[Received(contact, None, off)], now=NOW)
        elif what == "refund":
            line = OrderLine(line_no=0, sku=GOODS[which][0])
            back = OrderRefunded(ref=REFS[0], source="till", external_id=str(number), refund_id=str(days), occurred_at=at, amount_minor=300, lines=(line,))  # fmt: skip
            operations.record_refunds(received=[Received(contact, None, back)], now=NOW)
        elif what == "cart":
            change = CartChanged(
                ref=REFS[who], occurred_at=at, action="added", sku=GOODS[which][0], cart_id=f"cart {which}"
            )
            operations.record_cart_changes(received=[Received(contact, None, change)], now=NOW)
        elif what == "move":
            self.move(contact, self.profiles[number])
        elif what == "forget":
            for eraser in personal_data.ERASERS.values():
                eraser(Whom((contact,)))
        else:
            self.work(what)

    def move(self, contact: int, to: int) -> None:
        """As a merge or split does, `flows.refresh` included."""
        left = self.session.scalar(select(Contact.profile_id).where(Contact.id == contact))
        self.session.execute(update(Contact).where(Contact.id == contact).values(profile_id=to))
        valuing.mark([left, to])

    def work(self, what: str) -> None:
        if what == "learn":
            value_fits.keep(value_fits.learn(now=NOW))
        elif what == "abandon":
            operations.abandon_carts(rest=timedelta(days=2), now=NOW)
        else:
            work_off()


def work_off() -> None:
    while valuing.work_off(now=NOW, limit=3):
        pass


def stored(session: Any, profiles: Sequence[int]) -> list[dict[str, Any]]:
    columns = table_of(CustomerValue)
    wanted = select(columns).where(columns.c.profile_id.in_(profiles)).order_by(columns.c.profile_id)
    return [dict(row) for row in session.execute(wanted).mappings()]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_kept_values_equal_values_computed_anew(session: Any, steps: list[Any]):
    with session.begin_nested() as point:
        shop = Shop(session)
        for step in steps:
            shop.step(*step)
        work_off()
        assert stored(session, shop.profiles) == valuing.computed(shop.profiles, now=NOW)
        point.rollback()


def buyers(session: Any, count: int = 130) -> list[int]:
    """A shop big enough to learn from: the n-th customer bought on n % 4 + 1 days; the mug leads to the pan."""
    profiles, contacts = people(session, count)
    received = []
    for place, contact in enumerate(contacts):
        for visit in range(place % 4 + 1):
            number = place * 10 + visit
            goods = (0, 1) if place % 2 else (0 if place == 0 else 2,)
            fact = placed(number, days=20 + place % 50 + visit * 30, goods=goods)
            received.append(Received(contact, None, fact))
    operations.record_orders(received=received, now=NOW)
    return profiles


@pytest.fixture
def shop(session: Any) -> list[int]:
    profiles = buyers(session)
    value_fits.keep(value_fits.learn(now=NOW))
    valuing.mark_missing()
    work_off()
    return profiles


def test_a_shop_big_enough_is_learned_from(session: Any, shop: list[int]):
    rows = {row["profile_id"]: row for row in stored(session, shop)}
    assert len(rows) == 130
    first = rows[shop[0]]  # one mug, long ago
    assert (first["orders"], first["purchase_days"], first["spend_minor"], first["average_minor"]) == (1, 1, 1000, 1000)
    assert first["next_product"] == "Pan"
    assert first["next_reason"] == {
        "because": "Mug", "sku": "pan", "both": 65, "buyers": 66, "customers": 130, "lift": 1.97, "support": 0.5,
    }  # fmt: skip
    for row in rows.values():  # every customer is offered something new by the surest of the pairs, or nothing
        owned = {"Mug", "Pan"} if row["favourite_category"] == "kitchen" and row["profile_id"] != shop[0] else set()
        assert row["next_product"] not in owned
    often = rows[shop[3]]
    assert (often["purchase_days"], often["rhythm_days"], often["favourite_category"]) == (4, 30.0, "kitchen")
    assert often["frequency_score"] > first["frequency_score"]
    for row in rows.values():
        assert 0 <= row["churn_probability"] <= 1
        assert 0 <= row["alive_probability"] <= 1
        assert row["clv_minor"] is not None
        assert row["expected_orders"] >= 0


def test_a_new_fit_scores_everybody_anew_and_a_purchase_one_customer(session: Any, shop: list[int]):
    contact = session.scalar(select(Contact.id).where(Contact.profile_id == shop[0]))
    operations.record_orders(received=[Received(contact, None, placed(5555, days=0))], now=NOW)
    assert valuing.anything_marked()
    assert valuing.work_off(now=NOW) == 1
    assert not valuing.anything_marked()
    assert stored(session, shop)[0]["orders"] == 2
    feed.drop(feed.waiting(limit=1000))
    valuing.refresh(profile_ids=shop, now=NOW)  # nothing changed: nobody who derives from values hears of it
    assert not feed.anything()
    fit_id = value_fits.keep(value_fits.learn(now=NOW + timedelta(days=1)))
    assert valuing.anything_marked()
    work_off()
    rows = stored(session, shop)
    assert {row["fit_id"] for row in rows} == {fit_id}
    assert {row["as_of"] for row in rows} == {NOW + timedelta(days=1)}
    assert rows == [{**row, "refreshed_at": NOW} for row in valuing.computed(shop, now=NOW)]


def test_currencies_are_never_added(session: Any):
    (profile,), (contact,) = people(session, 1)
    facts = [placed(1, days=9), placed(2, days=8, currency="EUR", total_minor=900_000), placed(3, days=7)]
    operations.record_orders(received=[Received(contact, None, fact) for fact in facts], now=NOW)
    work_off()
    (row,) = stored(session, [profile])
    assert (row["currency"], row["spend_minor"], row["average_minor"], row["orders"]) == ("PLN", 2000, 1000, 3)
    assert (row["recency_score"], row["clv_minor"]) == (None, None)  # nothing was learned yet


def test_a_worker_that_was_overtaken_writes_nothing(session: Any):
    (profile,), (contact,) = people(session, 1)
    operations.record_orders(received=[Received(contact, None, placed(1, days=9))], now=NOW)
    early = valuing.prepare(now=NOW)
    operations.record_orders(received=[Received(contact, None, placed(2, days=8))], now=NOW)
    work_off()  # the other worker sees both
    with pytest.raises(valuing.Overtaken):
        valuing.settle(early, now=NOW)
    assert stored(session, [profile])[0]["orders"] == 2

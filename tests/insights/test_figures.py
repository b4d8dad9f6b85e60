"""Figures of a shop with everything in it: behind each stand as many customers as it says, and recomputing changes none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.commerce import operations, value_fits, valuing
from crm360.facts import (
    CartChanged,
    ContactRef,
    ContactSeen,
    ConversationChanged,
    Identifier,
    MessageExchanged,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
)
from crm360.flows import receive
from crm360.inbox import operations as inbox
from crm360.insights import behind, figures, promises, reading
from crm360.insights.experience import Period
from crm360.insights.opening import Opening
from crm360.insights.resolution import Target

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS = Opening(zone="UTC", hours=dict.fromkeys(range(7), (0, 1440)))
TERMS = figures.Terms(ALWAYS, {"": promises.USUAL})


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def shop() -> list[Any]:
    """Twenty customers: the n-th bought every n + 3 days until n days ago; some return, leave carts, ask."""
    told: list[Any] = []
    for who in range(20):
        ref = ContactRef("shop", str(who))
        told.append(ContactSeen(ref=ref, occurred_at=ago(300), identifiers=(Identifier("email", f"c{who}@example.com"),), fields={"full_name": f"Customer {who}"}))  # fmt: skip
        for visit in range(1 + who % 5):
            at = ago(who * 6 + visit * (who + 3))
            lines = (OrderLine(line_no=1, sku="mug", name="Mug", category="kitchen", total_minor=1000),)
            number = f"{who}-{visit}"
            told.append(OrderPlaced(ref=ref, source="shop", external_id=number, number=number, placed_at=at, updated_at=at, currency="PLN", total_minor=1000 + who, lines=lines))  # fmt: skip
            if who % 4 == 1 and visit == 0:
                told.append(OrderRefunded(ref=ref, source="shop", external_id=number, refund_id="1", occurred_at=at, amount_minor=500))  # fmt: skip
        if who % 3 == 0:
            told.append(CartChanged(ref=ref, occurred_at=ago(3 + who / 10), action="added", sku="pan", cart_id=f"cart {who}", quantity=1, unit_price_minor=700, currency="PLN"))  # fmt: skip
        if who % 5 == 0:
            told += conversation(ref, who)
    return told


def conversation(ref: ContactRef, who: int) -> list[Any]:
    """Asked two days ago; answered after an hour and resolved, by every other customer not at all."""
    at = ago(2 + who / 10)
    word = {"ref": ref, "source": "shop", "conversation_id": f"t{who}", "channel": "chat"}
    asked = MessageExchanged(**word, message_id=f"m{who}", direction="in", occurred_at=at, body="Where is it?")
    if who % 10:
        return [asked]
    answer = MessageExchanged(**word, message_id=f"a{who}", direction="out", occurred_at=at + timedelta(hours=1), body="On its way.", author="Ola")  # fmt: skip
    done = ConversationChanged(**word, occurred_at=at + timedelta(hours=2), status="resolved")
    return [asked, answer, done]


def furnished() -> None:
    """The shop in the database, its customers valued."""
    source = inbox.ensure_source(name="shop", channel="shopify", now=NOW)
    receive.apply([receive.Read(None, shop(), source)], now=NOW)  # type: ignore[arg-type]
    operations.abandon_carts(rest=timedelta(days=1), now=NOW)
    value_fits.keep(value_fits.learn(now=NOW))
    while valuing.work_off(now=NOW):
        pass


@pytest.fixture
def documents(session: Any, plain_model: None) -> Any:
    furnished()
    found = figures.computed(terms=TERMS, now=NOW)
    figures.keep(found, now=NOW)
    return found


def test_every_figure_opens_as_many_customers_as_it_counts(session: Any, documents: Any):
    told = documents["experience", figures.NEWEST]
    for name, days in (("now", (30, 0)), ("before", (60, 30))):
        period = Period(ago(days[0]), ago(days[1]))
        for figure in ("buyers", "new", "returning"):
            assert behind.customers(figure, period=period).whole == told[name][figure], (name, figure)
    assert told["now"]["buyers"] == told["now"]["new"] + told["now"]["returning"] == 5
    assert told["now"]["abandoned"] == behind.customers("abandoned", period=Period(ago(30), NOW)).whole
    loyalty = documents["loyalty", figures.NEWEST]
    for state, count in loyalty["churn"].items():
        assert behind.of_value(state, now=NOW).whole == count, state
    for cohort in loyalty["cohorts"]:
        assert behind.in_cohort(cohort["month"]).whole == cohort["size"]
    assert loyalty["repeat"]["repeaters"] == behind.of_value("repeaters", now=NOW).whole == 16


def test_service_and_what_to_act_on(session: Any, documents: Any):
    service = documents["service", figures.NEWEST]
    assert service["all"]["conversations"] == 4
    assert service["all"]["first"] == {"count": 2, "p25": 3600.0, "median": 3600.0, "p75": 3600.0, "p90": 3600.0}
    assert service["all"]["resolution"]["median"] == 7200.0
    assert (service["all"]["one_contact"], service["all"]["kept"]["first"]) == (1.0, 1.0)
    assert [row["name"] for row in service["agent"]] == ["", "Ola"]
    actions = {each["name"]: each for each in documents["experience", figures.NEWEST]["actions"]}
    assert actions["waiting"]["customers"] == 2
    assert actions["carts"] == {"name": "carts", "customers": 6, "stake_minor": 4200, "currency": "PLN"}
    assert len(actions) == 3


def test_what_is_kept_equals_computing_it_again(session: Any, documents: Any):
    for (family, period_on), document in figures.computed(terms=TERMS, now=NOW).items():
        kept = figures.of(family, period_on)
        assert kept is not None
        assert (kept.computed_at, kept.document) == (NOW, document), family
    assert figures.months()[0].isoformat() == "2026-03-01"
    steps = reading.touches(since=ago(90), until=NOW)
    assert {step for theirs in steps.values() for _, step in theirs} == {"purchase", "return", "cart", "question"}


def test_hours_and_promises_are_said_by_people(session: Any, now: datetime):
    assert promises.opening(zone="Europe/Warsaw", country="PL").hours[4] == (540, 1020)
    promises.set_hours(hours={6: (600, 720)}, by="Ewa", now=now)
    promises.set_promise(channel="chat", minutes=(5, None, 60), by="Ewa", now=now)
    kept = promises.opening(zone="Europe/Warsaw", country="PL")
    assert dict(kept.hours) == {6: (600, 720)}
    assert datetime(2026, 5, 3, tzinfo=UTC).date() in kept.holidays
    assert promises.opening(zone="UTC", country="ZZ").seconds(ago(7), NOW) == 7200
    assert promises.targets() == {"": promises.USUAL, "chat": Target(300.0, None, 3600.0)}
    with pytest.raises(promises.BadHours):
        promises.set_hours(hours={1: (700, 600)}, by="Ewa", now=now)
    with pytest.raises(promises.BadPromise):
        promises.set_promise(channel="", minutes=(0, None, None), by="Ewa", now=now)

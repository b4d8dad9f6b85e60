"""What a cart holds, whatever the order in which its news came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm360.commerce import cart
from crm360.facts import CartChanged, CartSnapshot, ContactRef, OrderLine

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = ContactRef("shop", "1")


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def changed(action: Any, minutes: int, sku: str = "A", quantity: float = 1, price: int | None = 500) -> CartChanged:
    return CartChanged(
        ref=REF, action=action, occurred_at=at(minutes), sku=sku, quantity=quantity, unit_price_minor=price,
        currency="PLN",
    )  # fmt: skip


def snapshot(minutes: int, *lines: tuple[str, float, int], completed: bool = False) -> CartSnapshot:
    return CartSnapshot(
        ref=REF,
        source="shop",
        cart_id="c",
        occurred_at=at(minutes),
        currency="PLN",
        total_minor=sum(round(quantity * price) for _, quantity, price in lines),
        lines=tuple(
            OrderLine(line_no=place, sku=sku, quantity=quantity, unit_price_minor=price)
            for place, (sku, quantity, price) in enumerate(lines, 1)
        ),
        completed=completed,
    )


def told(*news: CartChanged | CartSnapshot | datetime) -> dict[str, Any]:
    """The row after the news in the order given, settled after each; a bare time is an order."""
    row: dict[str, Any] = {}
    for item in news:
        moment = item if isinstance(item, datetime) else item.occurred_at
        row = row or cart.unseen("shop", "c", moment)
        if isinstance(item, datetime):
            cart.name_as_ordered(row, item)
        elif isinstance(item, CartChanged):
            cart.change(row, item)
        else:
            cart.replace(row, item)
        cart.settle(row)
    return row


def content(row: dict[str, Any]) -> dict[str, float]:
    return {line["sku"]: line["quantity"] for line in row["lines"]}


def test_what_goes_in_and_out_is_counted() -> None:
    row = told(changed("added", 0, quantity=3), changed("added", 1, "B"), changed("removed", 2))
    assert content(row) == {"A": 2, "B": 1}
    assert (row["state"], row["total_minor"], row["currency"]) == ("open", 1500, "PLN")


def test_a_product_is_the_same_by_any_of_its_ids() -> None:
    added = CartChanged(ref=REF, action="added", occurred_at=at(0), product_id="7", sku="A", name="Kettle")
    removed = CartChanged(ref=REF, action="removed", occurred_at=at(1), product_id="7", name="Kettle")
    assert told(added, removed)["state"] == "empty"


def test_taking_out_what_is_not_in_leaves_nothing_owing() -> None:
    assert content(told(changed("removed", 0), changed("added", 1))) == {"A": 1}


def test_a_snapshot_replaces_what_was_heard_before_it_and_keeps_what_came_after() -> None:
    row = told(changed("added", 0, "old"), changed("added", 9, "new"), snapshot(5, ("B", 2, 300)))
    assert content(row) == {"B": 2, "new": 1}


def test_a_snapshot_alone_keeps_the_total_its_shop_stated() -> None:
    stated = snapshot(5, ("B", 2, 300))
    row = told(stated)
    assert (row["total_minor"], row["state"]) == (600, "open")


def test_an_order_empties_the_cart_and_a_later_change_fills_it_anew() -> None:
    row = told(changed("added", 0), at(5))
    assert (row["state"], row["lines"]) == ("ordered", [])
    row = told(changed("added", 0), at(5), changed("added", 9, "B"))
    assert (row["state"], content(row)) == ("open", {"B": 1})


def test_a_completed_checkout_is_an_order() -> None:
    assert told(changed("added", 0), snapshot(5, ("A", 1, 500), completed=True))["state"] == "ordered"


def test_an_unknown_price_leaves_the_total_unknown() -> None:
    assert told(changed("added", 0, price=None))["total_minor"] is None


def test_a_checkout_without_products_keeps_the_cart_awake() -> None:
    row = told(changed("added", 0), changed("checkout_started", 30))
    assert (row["changed_at"], content(row)) == (at(30), {"A": 1})


def test_a_program_that_never_stops_adding_is_remembered_by_its_newest_changes() -> None:
    changes = [changed("added", minutes) for minutes in range(cart.MOST_CHANGES + 50)]
    row = told(*changes)
    assert len(row["changes"]) == cart.MOST_CHANGES
    assert row == told(*reversed(changes))


NEWS = st.one_of(
    st.builds(
        changed,
        st.sampled_from(["added", "removed", "checkout_started"]),
        st.integers(0, 20),
        st.sampled_from("AB"),
        st.sampled_from([1, 2, 0.5]),
    ),
    st.builds(
        lambda minutes, lines, done: snapshot(minutes, *lines, completed=done),
        st.integers(0, 20),
        st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([1, 2]), st.just(500)), max_size=2),
        st.booleans(),
    ),
    st.integers(0, 20).map(at),
)


@given(
    st.lists(NEWS, min_size=1, max_size=8).flatmap(lambda news: st.tuples(st.just(news), st.permutations(news + news)))
)
def test_neither_order_of_arrival_nor_repetition_matters(news: tuple[list[Any], list[Any]]) -> None:
    once, shuffled_and_doubled = news
    assert told(*once) == told(*shuffled_and_doubled)

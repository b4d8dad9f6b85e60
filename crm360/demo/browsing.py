"""Visits to the web shop: before a purchase, out of curiosity, with a cart left behind, and by strangers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm360.demo import times
from crm360.demo.catalogue import CURRENCY_OF, basket, pick
from crm360.demo.people import device
from crm360.demo.world import Item, Person, Product, Purchase, Visit

_QUERIES = {
    "pl": ("kubek", "młynek do kawy", "lampa", "świeca", "prezent dla mamy", "kawa ziarnista", "obrus", "patelnia"),
    "en": ("mug", "coffee grinder", "lamp", "candle", "gift for mum", "whole beans", "tablecloth", "skillet"),
    "de": ("mug", "coffee beans", "lamp", "candle", "blanket", "teapot"),
}
_CAMPAIGNS = ("", "", "", "newsletter", "brand-search", "instagram-kawa", "gift-guide")


def visits(people: Iterable[Person], purchases: Iterable[Purchase], anchor: datetime, rng: Random) -> list[Visit]:
    """Visits of people with an account, in no order."""
    tracked = [
        (bought, bought.buyer) for bought in purchases if bought.buyer and bought.buyer.device and not bought.store
    ]
    before_buying = [_before(bought, buyer, rng) for bought, buyer in tracked if buyer.story or rng.random() < 0.75]
    idle = [visit for person in people if person.device and not person.story for visit in _idle(person, anchor, rng)]
    blocked = [visit for person in people if "shop" in person.places for visit in _unseen(person, anchor, rng)]
    return before_buying + idle + blocked


def strangers(count: int, anchor: datetime, rng: Random) -> list[Visit]:
    """Visits of people who never say who they are; recent ones, for older ones would be forgotten by now."""
    found = []
    for _ in range(count):
        browser, day = device(rng), anchor - timedelta(days=rng.uniform(1, 80))
        for visit_no in range(rng.choice((1, 1, 1, 2))):
            at = times.evening(rng, day + timedelta(days=visit_no * 2))
            if at < anchor:
                seen = _looked_at(rng, at, (), rng.choice((1, 1, 2, 3)))
                found.append(Visit(visitor=None, device=browser, at=at, viewed=seen, identified=False))
    return found


def cart_id(rng: Random) -> str:
    """A cart's token, as the shop makes it."""
    return f"{rng.getrandbits(128):032x}"


def cart_of(bought: Purchase) -> str:
    """The token of the cart an order came from."""
    return cart_id(Random(f"cart {bought.number}"))


def abandoned(visitor: Person, at: datetime, items: tuple[Item, ...], *, checkout: bool, rng: Random) -> Visit:
    """A visit that ends with a full cart and no order."""
    return Visit(visitor=visitor, device=visitor.device, at=at, viewed=tuple(item.product for item in items), added=items,
                 cart_id=cart_id(rng), checkout=checkout, currency=CURRENCY_OF[visitor.home_at(at).country])  # fmt: skip


def _before(bought: Purchase, buyer: Person, rng: Random) -> Visit:
    at = bought.at - timedelta(minutes=rng.uniform(4, 40))
    extra = _looked_at(rng, at, buyer.favourites, rng.choice((0, 0, 1, 2)))
    bought_products = tuple(item.product for item in bought.items)
    changed = tuple(Item(product=found, quantity=1) for found in extra[:1] if found not in bought_products)
    removed = changed if rng.random() < 0.3 else ()
    return Visit(
        visitor=buyer, device=buyer.device, at=at, viewed=tuple(dict.fromkeys((*extra, *bought_products))),
        added=(*removed, *bought.items), removed=removed, cart_id=cart_of(bought), checkout=True,
        currency=bought.currency, **_arrival(buyer, rng),
    )  # fmt: skip


def _idle(person: Person, anchor: datetime, rng: Random) -> Iterator[Visit]:
    """A few visits; those before the account was opened are a stranger's until then."""
    first = max(times.start(anchor), person.joined_at - timedelta(days=40))
    last = person.left_at or anchor
    for _ in range(min(6, int(rng.expovariate(1 / 1.7)))):
        at = times.evening(rng, first + (last - first) * rng.random())
        if not times.start(anchor) < at < anchor - timedelta(hours=3):
            continue
        known = at > person.joined_at
        if known and rng.random() < 0.22:
            items = basket(rng, month=at.month, favourites=person.favourites, size=1.8)
            yield abandoned(person, at, items, checkout=rng.random() < 0.5, rng=rng)
            continue
        seen = _looked_at(rng, at, person.favourites, rng.choice((1, 2, 2, 3, 4)))
        yield Visit(visitor=person, device=person.device, at=at, viewed=seen, identified=known,
                    currency=CURRENCY_OF[person.home_at(at).country], **_arrival(person, rng))  # fmt: skip


def _unseen(person: Person, anchor: datetime, rng: Random) -> Iterator[Visit]:
    """Who blocks trackers is seen by the shop alone, and by it only when leaving a checkout."""
    if person.device or person.story or rng.random() > 0.2:
        return
    at = times.evening(rng, person.joined_at + (anchor - person.joined_at) * rng.random())
    if times.start(anchor) < at < anchor - timedelta(hours=3):
        items = basket(rng, month=at.month, favourites=person.favourites, size=1.8)
        yield abandoned(person, at, items, checkout=True, rng=rng)


def _arrival(person: Person, rng: Random) -> dict[str, Any]:
    query = rng.choice(_QUERIES[person.language]) if rng.random() < 0.2 else ""
    return {"query": query, "campaign": rng.choice(_CAMPAIGNS)}


def _looked_at(rng: Random, at: datetime, favourites: tuple[str, ...], count: int) -> tuple[Product, ...]:
    return tuple(dict.fromkeys(pick(rng, month=at.month, favourites=favourites) for _ in range(count)))

"""What people buy, online and at the tills, each in their own rhythm; what is called off and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from crm360.demo import times
from crm360.demo.catalogue import CURRENCY_OF, basket
from crm360.demo.world import Item, Person, Purchase

STORES = {"Kraków": "KRK", "Wrocław": "WRO", "Gdańsk": "GDN"}
_NEAREST = {"Kraków": ("Kraków", "Wieliczka", "Katowice", "Rzeszów", "Lublin"), "Gdańsk": ("Gdańsk", "Gdynia", "Sopot",
            "Tczew", "Toruń", "Białystok"), "Wrocław": ("Wrocław", "Oleśnica", "Poznań", "Łódź", "Dresden")}  # fmt: skip
_STORE_OF = {city: store for store, cities in _NEAREST.items() for city in cities}
#: Delivery costs this much below that price of goods.
_SHIPPING = {"PLN": (1499, 20000), "EUR": (690, 6000), "GBP": (590, 5000)}
_REASONS = ("customer", "customer", "inventory", "declined")
_COUPONS = ("WIOSNA10", "KAWA10", "LATO10", "JESIEN10", "WELCOME10")
FIRST_ORDER_NUMBER = 10_001


def purchases(people: Iterable[Person], anchor: datetime, rng: Random) -> list[Purchase]:
    """Everybody's purchases, unnumbered and in no order."""
    return [bought for person in people for bought in _of_person(person, anchor, rng)]


def walk_ins(count: int, anchor: datetime, rng: Random, cards: tuple[str, ...]) -> list[Purchase]:
    """Receipts without a customer; on some of them the cashier passed her own card for the points."""
    return [_walk_in(index, anchor, rng, cards) for index in range(count)]


def numbered(found: Iterable[Purchase]) -> tuple[Purchase, ...]:
    """In order of time; online orders as #10001 …, receipts by store, year and a running number."""
    counts: dict[str, int] = {}
    in_time = sorted(found, key=lambda one: one.at)
    documents = [(bought.at, index, "number") for index, bought in enumerate(in_time)]
    documents += [
        (bought.returned[0], index, "return_number")
        for index, bought in enumerate(in_time)
        if bought.returned and bought.store
    ]
    for at, index, field in sorted(documents):
        number: dict[str, Any] = {field: _number(in_time[index], counts, at)}
        in_time[index] = replace(in_time[index], **number)
    return tuple(in_time)


def _number(bought: Purchase, counts: dict[str, int], at: datetime) -> str:
    if not bought.store:
        counts["online"] = counts.get("online", FIRST_ORDER_NUMBER - 1) + 1
        return f"#{counts['online']}"
    prefix = f"{STORES[bought.store]}/{times.in_poland(at):%y}"
    counts[prefix] = counts.get(prefix, 1200) + 1
    return f"{prefix}/{counts[prefix]:05d}"


def _of_person(person: Person, anchor: datetime, rng: Random) -> Iterator[Purchase]:
    if person.story or not person.places & {"shop", "store"}:
        return
    begin, end = max(person.joined_at, times.start(anchor)), person.left_at or anchor
    moment = begin + timedelta(days=rng.random() * 20)
    while moment < end:
        store = _store(person, rng)
        at = times.opening_hours(rng, moment) if store else times.evening(rng, moment)
        if begin <= at < anchor - timedelta(hours=2):
            yield _purchase(person, at, store, anchor, rng)
        pause = rng.gammavariate(2.2, person.rhythm_days / 2.2)
        moment += timedelta(days=max(1.0, pause * (0.45 if moment.month in (10, 11, 12) else 1.0)))


def _store(person: Person, rng: Random) -> str:
    if "store" not in person.places or ("shop" in person.places and rng.random() < 0.55):
        return ""
    return _STORE_OF.get(person.home.city) or rng.choice(list(STORES))


def _purchase(person: Person, at: datetime, store: str, anchor: datetime, rng: Random) -> Purchase:
    size = 4.0 if person.company else 2.2
    items = basket(rng, month=at.month, favourites=person.favourites, size=size)
    if person.company:
        items = tuple(replace(item, quantity=item.quantity * rng.choice((2, 4, 6))) for item in items)
    card = rng.choice((person.second_card, person.card)) if person.second_card else person.card
    found = made(person, at, items, store=store, card=card if store and rng.random() < 0.93 else "")
    if rng.random() < 0.12:
        found = replace(found, discount_minor=found.goods_minor // 10, coupon=rng.choice(_COUPONS))
    return _unlucky(found, anchor, rng)


def made(person: Person | None, at: datetime, items: tuple[Item, ...], *, store: str = "", card: str = "") -> Purchase:
    """A purchase with its currency and delivery, not numbered yet."""
    currency = "PLN" if store or person is None else CURRENCY_OF[person.home_at(at).country]
    found = Purchase(number="", buyer=person, at=at, items=items, currency=currency, store=store, card=card)
    cost, free_from = _SHIPPING[currency]
    return found if store or found.goods_minor >= free_from else replace(found, shipping_minor=cost)


def _unlucky(found: Purchase, anchor: datetime, rng: Random) -> Purchase:
    luck = rng.random()
    if not found.store and luck < 0.03:
        at = found.at + timedelta(hours=rng.uniform(0.3, 20))
        return replace(found, cancelled_at=at, cancel_reason=rng.choice(_REASONS)) if at < anchor else found
    if luck < (0.1 if not found.store else 0.045):
        at = found.at + timedelta(days=rng.randint(3, 13), hours=rng.uniform(0, 2))
        back = found.items if rng.random() < 0.35 else (rng.choice(found.items),)
        return replace(found, returned=(at, back)) if at < anchor else found
    return found


def _walk_in(index: int, anchor: datetime, rng: Random, cards: tuple[str, ...]) -> Purchase:
    day = times.start(anchor) + timedelta(days=rng.uniform(1, times.SPAN.days - 1))
    at = min(times.opening_hours(rng, day), anchor - timedelta(hours=5))
    store = rng.choices(list(STORES), (5, 4, 4))[0]
    card = rng.choice(cards) if cards and store == "Kraków" and index % 4 == 0 else ""
    return made(None, at.astimezone(UTC), basket(rng, month=at.month, favourites=(), size=1.8), store=store, card=card)

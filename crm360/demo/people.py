"""Invents the customers: households at one address, couples, fathers and sons of one name, singles, colleagues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from crm360.demo import companies, naming, places, times
from crm360.demo.catalogue import shelves
from crm360.demo.numbers import Numbers
from crm360.demo.world import Address, Company, Language, Person, Place

_LANGUAGES: dict[str, Language] = {"PL": "pl", "GB": "en", "IE": "en", "DE": "de"}
_CHANCES: dict[Place, float] = {"shop": 0.53, "store": 0.41, "newsletter": 0.4, "chat": 0.13, "mail": 0.11}
FIRST_SHOP_ID = 7_210_448_300_000


@dataclass(slots=True)
class Maker:
    """What inventing people needs at hand."""

    rng: Random
    anchor: datetime
    numbers: Numbers
    households: int = 0
    made: int = 0

    def adult(self, youngest: int = 19, oldest: int = 79) -> date:
        """A birthday of somebody of that age; most are between thirty and fifty-five."""
        age = min(oldest, max(youngest, round(self.rng.gauss(42, 15))))
        return (self.anchor - timedelta(days=age * 365 + self.rng.randrange(365))).date()


def make_people(maker: Maker, count: int) -> list[Person]:
    """`count` people in households. The business customers come first, a thirtieth of them."""
    people = list(_colleagues(maker, count // 30))
    while len(people) < count:
        people.extend(_household(maker))
    return people[:count]


def _household(maker: Maker) -> list[Person]:
    rng, city = maker.rng, places.pick_city(maker.rng)
    maker.households += 1
    home, family = places.address_in(city, rng), naming.surname(rng, country=city.country)
    landline = maker.numbers.landline(city) if rng.random() < 0.18 else ""
    kind = rng.choices(("single", "couple", "family", "namesakes"), (58, 24, 15, 3))[0]
    first = person(maker, home=home, family=family, landline=landline)
    if kind == "single":
        return [first]
    if kind == "namesakes":
        return [first, _child(maker, first, same_name=True)]
    partner = _partner(maker, first)
    if rng.random() < 0.3:
        partner = _in_the_others_mailbox(maker, partner, first)
    return [first, partner] if kind == "couple" else [first, partner, _child(maker, first, same_name=False)]


def person(
    maker: Maker,
    *,
    home: Address,
    family: str,
    gender: naming.Gender | None = None,
    given: str = "",
    born_on: date | None = None,
    landline: str = "",
) -> Person:
    """Somebody living there; `family` in its masculine form."""
    country, rng = home.country, maker.rng
    gender = gender or ("f" if rng.random() < 0.62 else "m")
    born = born_on or maker.adult()
    given = given or naming.given_name(rng, country=country, gender=gender, year=born.year)
    surname = naming.for_gender(family, country=country, gender=gender)
    maker.made += 1
    chosen = _places(rng)
    joined = times.start(maker.anchor) + timedelta(days=548 * rng.random() ** 1.4 - 200 * (rng.random() < 0.4))
    language = _LANGUAGES[country]
    return Person(
        key=maker.made, household=maker.households, gender=gender, language=language, given=given, family=surname,
        nickname=naming.nickname(given, country=country) if rng.random() < 0.45 else "",
        born_on=born, home=home, landline=landline,
        moved=_move(maker, home), family_since=_marriage(maker, gender, born, country),
        email=maker.numbers.mailbox(given, surname, born.year, language),
        second_email=maker.numbers.mailbox(given, surname, born.year, language) if rng.random() < 0.12 else "",
        mobile=maker.numbers.mobile(country), places=chosen,
        card=maker.numbers.card() if "store" in chosen else "",
        shop_id=FIRST_SHOP_ID + maker.made * 4099 + rng.randrange(4000) if "shop" in chosen else 0,
        device=device(rng) if "web" in chosen else "",
        joined_at=min(joined, maker.anchor - timedelta(days=3)), rhythm_days=rng.lognormvariate(5.6, 0.6),
        left_at=maker.anchor - timedelta(days=rng.randint(60, 420)) if rng.random() < 0.25 else None,
        favourites=tuple(rng.sample(sorted(shelves()), rng.choice((1, 2, 2, 3)))), **_forgotten(maker, chosen, country),
    )  # fmt: skip


def _forgotten(maker: Maker, chosen: frozenset[Place], country: str) -> dict[str, Any]:
    """A second account, or a second card, with another phone number."""
    found: dict[str, Any] = {}
    if "shop" in chosen and maker.rng.random() < 0.05:
        found["second_shop_id"] = FIRST_SHOP_ID + maker.made * 4099 - 1_000_000_007
    if "store" in chosen and maker.rng.random() < 0.05:
        found["second_card"] = maker.numbers.card()
    return {**found, "second_mobile": maker.numbers.mobile(country)} if found else {}


def device(rng: Random) -> str:
    """A browser's anonymous id, as a tracker makes it."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _places(rng: Random) -> frozenset[Place]:
    chosen: set[Place] = {place for place, chance in _CHANCES.items() if rng.random() < chance}
    if not chosen & {"shop", "store", "newsletter"}:
        chosen.add(rng.choices(("shop", "store", "newsletter"), (6, 4, 2))[0])
    if "shop" in chosen and rng.random() < 0.8:
        chosen.add("web")
    return frozenset(chosen)


def _partner(maker: Maker, first: Person) -> Person:
    """Husband or wife, or somebody one lives with under another surname."""
    gender: naming.Gender = "m" if first.gender == "f" else "f"
    shared = maker.rng.random() < 0.75
    family = _masculine(maker, first) if shared else naming.surname(maker.rng, country=first.home.country)
    born = first.born_on + timedelta(days=maker.rng.randint(-1800, 1800))
    found = person(maker, home=first.home, family=family, gender=gender, born_on=born, landline=first.landline)
    return replace(found, moved=first.moved, family_since=None)


def _in_the_others_mailbox(maker: Maker, partner: Person, first: Person) -> Person:
    """One mailbox for the whole house. The shop keeps one account per address, so the other buys at the till."""
    left: set[Place] = {place for place in partner.places if place not in ("shop", "web")} | {"store"}
    card = partner.card or maker.numbers.card()
    return replace(
        partner,
        email=first.email,
        second_email="",
        places=frozenset(left),
        card=card,
        shop_id=0,
        second_shop_id=0,
        device="",
    )


def _child(maker: Maker, parent: Person, *, same_name: bool) -> Person:
    """A grown-up child; with `same_name` the son (or daughter) is called exactly as the parent."""
    born = min(
        parent.born_on + timedelta(days=maker.rng.randint(8000, 11500)), maker.anchor.date() - timedelta(days=6800)
    )
    gender: naming.Gender = parent.gender if same_name else ("f" if maker.rng.random() < 0.5 else "m")
    found = person(maker, home=parent.home, family=_masculine(maker, parent), gender=gender, born_on=born,
                   given=parent.given if same_name else "", landline=parent.landline)  # fmt: skip
    return replace(found, family_since=None)


def _masculine(maker: Maker, someone: Person) -> str:
    """The family's name as `person` takes it."""
    family = someone.family
    for ending in ("ska", "cka", "dzka"):
        if someone.home.country == "PL" and family.endswith(ending):
            return family[:-1] + "i"
    return family


def _move(maker: Maker, home: Address) -> tuple[datetime, Address] | None:
    if maker.rng.random() > 0.08:
        return None
    city = places.city_named(home.city) if maker.rng.random() < 0.5 else places.pick_city(maker.rng)
    if city.country != home.country:
        city = places.city_named(home.city)
    at = maker.anchor - timedelta(days=maker.rng.randint(60, 480))
    return at, places.address_in(city, maker.rng)


def _marriage(maker: Maker, gender: naming.Gender, born: date, country: str) -> tuple[datetime, str] | None:
    age = (maker.anchor.date() - born).days / 365
    if gender == "m" or not 23 < age < 42 or maker.rng.random() > 0.18:
        return None
    family = naming.for_gender(naming.surname(maker.rng, country=country), country=country, gender="f")
    return maker.anchor - timedelta(days=maker.rng.randint(50, 450)), family


def _colleagues(maker: Maker, count: int) -> Iterator[Person]:
    """People who buy for a company. The first orders with the mailbox everybody reads, the others with their own."""
    left = count
    for company in companies.companies(maker.numbers):
        maker.households += 1
        home = places.address_in(
            places.city_named(maker.rng.choice(("Kraków", "Wrocław", "Gdańsk", "Warszawa"))), maker.rng
        )
        for index in range(min(left, maker.rng.choice((1, 2, 2)))):
            left -= 1
            yield _colleague(maker, home, company, first=index == 0)


def _colleague(maker: Maker, home: Address, company: Company, *, first: bool) -> Person:
    found = person(maker, home=home, family=naming.surname(maker.rng, country="PL"))
    own = f"{found.email.partition('@')[0]}@{company.email.partition('@')[2]}"
    email, second_email = (company.email, "") if first else (own, company.email)
    shop_id = found.shop_id or FIRST_SHOP_ID + found.key * 4099
    return replace(found, company=company, email=email, second_email=second_email, second_shop_id=0, places=found.places | {"shop"}, shop_id=shop_id,
                   rhythm_days=45.0, favourites=("coffee", "tableware"), moved=None)  # fmt: skip

"""The people of the stories, whom a reader of the demo can look up by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from crm360.demo import people, times
from crm360.demo.naming import Gender
from crm360.demo.people import FIRST_SHOP_ID, Maker
from crm360.demo.world import Address, Person, Place

Cast = dict[str, Person]
_EVERYWHERE: frozenset[Place] = frozenset({"shop", "web", "store", "newsletter", "chat", "mail"})


def _at(street: str, house_number: str, city: str, postcode: str, country: str = "PL") -> Address:
    return Address(street=street, house_number=house_number, city=city, postcode=postcode, country=country)


_HOMES = {
    "anna": _at("Karmelicka", "29/6", "Kraków", "31-131"),
    "jan-senior": _at("Jaśkowa Dolina", "17/4", "Gdańsk", "80-252"),
    "jan-junior": _at("Jaśkowa Dolina", "17/4", "Gdańsk", "80-252"),
    "aleksandra": _at("ul. Hubska", "8/21", "Wrocław", "50-501"),
    "ola": _at("ul. Hubska", "8/21", "Wrocław", "50-501"),
    "piotr-gdansk": _at("Kartuska", "211", "Gdańsk", "80-122"),
    "piotr-wroclaw": _at("Powstańców Śląskich", "90/14", "Wrocław", "53-333"),
    "kasia": _at("ul. Puławska", "101/3", "Warszawa", "02-595"),
    "emma": _at("Rathmines Road", "212", "Dublin", "D06 E5P3", "IE"),
    "bob": _at("Lordship Lane", "45", "London", "SE22 8EW", "GB"),
    "michal": _at("Świdnicka", "12/7", "Wrocław", "50-067"),
    "zofia": _at("Wita Stwosza", "31/2", "Gdańsk", "80-306"),
    "beata": _at("Kalwaryjska", "64/19", "Kraków", "30-504"),
}
_AFTER_THE_WEDDING = _at("Starowiślna", "33/9", "Kraków", "31-038")


def cast(maker: Maker) -> Cast:
    """Story → its person."""
    anchor = maker.anchor
    wedding = anchor - timedelta(days=150)
    seen = [
        _one(maker, "anna", "Anna", "Kowalski", 1987, 3, 14, _EVERYWHERE, mobile="+48601550147"),
        _one(maker, "jan-senior", "Jan", "Nowak", 1951, 6, 24, {"store", "mail"}),
        _one(maker, "jan-junior", "Jan", "Nowak", 1980, 12, 27, {"shop", "web", "store"}),
        _one(maker, "aleksandra", "Aleksandra", "Wiśniewski", 1994, 9, 2, {"shop", "web", "newsletter"}),
        _one(maker, "ola", "Aleksandra", "Wiśniewski", 1994, 9, 2, {"store"}),
        _one(maker, "piotr-gdansk", "Piotr", "Zieliński", 1979, 1, 9, {"shop", "web", "store"}),
        _one(maker, "piotr-wroclaw", "Piotr", "Zieliński", 1990, 7, 30, {"shop", "web"}),
        _one(maker, "kasia", "Katarzyna", "Wójcik", 1993, 4, 18, {"shop", "web", "chat", "newsletter"},
             moved=(wedding, _AFTER_THE_WEDDING), family_since=(wedding, "Mazur")),
        _one(maker, "emma", "Emma", "Walsh", 1985, 11, 5, {"shop", "web", "chat", "newsletter"}),
        _one(maker, "bob", "Robert", "Hughes", 1972, 2, 20, {"shop", "web", "chat", "newsletter"}, nickname="Bob"),
        _one(maker, "michal", "Michał", "Dąbrowski", 1983, 8, 11, {"shop", "mail"}),
        _one(maker, "zofia", "Zofia", "Lewandowski", 1948, 5, 15, {"store"}),
        _one(maker, "beata", "Beata", "Kaczmarek", 1976, 10, 3, {"store"}),
    ]  # fmt: skip
    found = {person.story: person for person in seen}
    shared: dict[str, Any] = {"email": "nowakowie@poczta.example", "landline": "+48585551247"}
    for story in ("jan-senior", "jan-junior"):
        found[story] = replace(found[story], household=found["jan-senior"].household, **shared)
    return found


def _one(
    maker: Maker, story: str, given: str, family: str, year: int, month: int, day: int,
    places: frozenset[Place] | set[Place], **more: Any,
) -> Person:  # fmt: skip
    """Somebody with the given name, family (masculine form) and birthday, customer of these places."""
    maker.households += 1
    gender: Gender = "f" if given.endswith("a") else "m"
    born = date(year, month, day)
    made = people.person(maker, home=_HOMES[story], family=family, given=given, gender=gender, born_on=born)
    told: dict[str, Any] = {
        "story": story, "places": frozenset(places), "joined_at": _joined(maker.anchor), "moved": None,
        "family_since": None, "second_email": "", "second_shop_id": 0, "second_card": "", "second_mobile": "",
        "landline": "", "left_at": None,
        "card": (made.card or maker.numbers.card()) if "store" in places else "",
        "shop_id": FIRST_SHOP_ID + made.key * 4099 if "shop" in places else 0,
        "device": (made.device or people.device(maker.rng)) if "web" in places else "",
    }  # fmt: skip
    return replace(made, **(told | more))


def _joined(anchor: datetime) -> datetime:
    return times.start(anchor) + timedelta(days=12, hours=10)

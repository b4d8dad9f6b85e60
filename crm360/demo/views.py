"""How each source writes a person down: nicknames, typing errors, lost accents, missing and invented fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from crm360.demo.oddities import ODDITIES
from crm360.demo.world import Address, Person

SHOP, SECOND_SHOP, CARD, SECOND_CARD = "shop", "second-shop", "card", "second-card"
NEWSLETTER, CHAT, MAIL = "newsletter", "chat", "mail"
_NEIGHBOURS = {"a": "s", "s": "d", "e": "r", "o": "p", "i": "o", "n": "m", "k": "l", "w": "e", "c": "v", "z": "x"}
_ACCENTS = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜ", "acelnoszzACELNOSZZaousAOU")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A person as one source has them; "" where it knows nothing."""

    given: str
    family: str
    email: str
    phone: str
    born_on: str
    home: Address


def view(person: Person, source: str, at: datetime) -> View:
    """The person as `source` wrote them down at that time. The same every time it is asked."""
    rng = Random(f"{source} {person.key}")
    found = View(
        given=person.given,
        family=person.family_at(at),
        email=person.email,
        phone=written_phone(person.mobile, rng),
        born_on=person.born_on.isoformat(),
        home=person.home_at(at),
    )
    if person.story:
        return replace(found, **ODDITIES.get((person.story, source), {}))
    return _HABITS[source](found, person, rng)


def written_phone(number: str, rng: Random) -> str:
    """An E.164 number as people type it."""
    if not number.startswith("+48"):
        return rng.choice((number, number.replace("+", "00"), f"{number[:3]} {number[3:6]} {number[6:]}"))
    digits = number[3:]
    spaced = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return rng.choice((number, digits, spaced, spaced, spaced.replace(" ", "-"), f"+48 {spaced}", f"0048{digits}"))


def _shop(found: View, _person: Person, rng: Random) -> View:
    found = _named(found, rng, typo=0.02, plain=0.1, lower=0.03)
    return replace(found, phone="") if rng.random() < 0.22 else found


def _second_shop(found: View, person: Person, rng: Random) -> View:
    found = _named(found, rng, typo=0.3, plain=0.4, lower=0.1)
    email = person.second_email or person.email.replace("@", "2@")
    given = person.nickname if person.nickname and rng.random() < 0.5 else found.given
    return replace(found, given=given, email=email, phone=written_phone(person.second_mobile, rng))


def _card(found: View, person: Person, rng: Random) -> View:
    """Typed by a cashier from what was said over the noise of a shop."""
    found = _named(found, rng, typo=0.06, plain=0.05, lower=0.0)
    if person.nickname and rng.random() < 0.08:
        found = replace(found, given=person.nickname)
    if found.home.city in ("Gdańsk", "Gdynia", "Sopot") and rng.random() < 0.7:
        found = replace(found, given=found.given.upper(), family=found.family.upper())
    luck = rng.random()
    email = "brak@brak.pl" if luck < 0.05 else found.email if luck < 0.55 else ""
    phone = "000000000" if rng.random() < 0.05 else person.landline if person.landline and luck > 0.6 else found.phone
    return replace(found, email=email, phone=phone, born_on=found.born_on if rng.random() < 0.6 else "")


def _second_card(found: View, person: Person, rng: Random) -> View:
    given = person.nickname if person.nickname and rng.random() < 0.5 else found.given
    return replace(found, given=given, email="", phone=written_phone(person.second_mobile, rng), born_on="")


def _newsletter(found: View, person: Person, rng: Random) -> View:
    """A form that asks for an address and, if one likes, a name."""
    given = person.nickname if person.nickname and rng.random() < 0.3 else found.given
    found = _named(replace(found, given=given, phone=""), rng, typo=0.03, plain=0.15, lower=0.1)
    if rng.random() < 0.5:
        found = replace(found, family="")
    if person.second_email and rng.random() < 0.5:
        found = replace(found, email=person.second_email)
    return replace(found, given="") if rng.random() < 0.15 else found


def _chat(found: View, person: Person, rng: Random) -> View:
    given = person.nickname if person.nickname and rng.random() < 0.6 else found.given
    found = _named(replace(found, given=given), rng, typo=0.02, plain=0.25, lower=0.2)
    found = replace(found, phone=found.phone if rng.random() < 0.3 else "")
    if rng.random() < 0.3:
        found = replace(found, family="")
    return replace(found, email="") if found.phone and rng.random() < 0.5 else found


def _mail(found: View, person: Person, rng: Random) -> View:
    email = person.second_email if person.second_email and rng.random() < 0.4 else found.email
    return replace(found, email=email, phone="")


def _named(found: View, rng: Random, *, typo: float, plain: float, lower: float) -> View:
    """Given and family name with the slips of whoever typed them."""
    given, family = found.given, found.family
    if rng.random() < typo:
        given, family = (given, misspelt(family, rng)) if rng.random() < 0.7 else (misspelt(given, rng), family)
    if rng.random() < plain:
        given, family = given.translate(_ACCENTS), family.translate(_ACCENTS)
    if rng.random() < lower:
        given, family = given.lower(), family.lower()
    return replace(found, given=given, family=family)


def misspelt(word: str, rng: Random) -> str:
    """The word with one slip of the finger, never in its first letter."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    slip = rng.choice(("swap", "drop", "double", "neighbour"))
    if slip == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == "drop":
        return word[:at] + word[at + 1 :]
    if slip == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + _NEIGHBOURS.get(word[at], word[at]) + word[at + 1 :]


_HABITS = {
    SHOP: _shop,
    SECOND_SHOP: _second_shop,
    CARD: _card,
    SECOND_CARD: _second_card,
    NEWSLETTER: _newsletter,
    CHAT: _chat,
    MAIL: _mail,
}

"""Contacts of an invented shop with known truth: `contacts(rows, seed=…)`; any size, the same for one seed.

Polish and English people in households, seen in four channels: nicknames, typing errors, exchanged names, moves,
marriages, second mailboxes, family mailboxes, landlines, placeholders, namesakes; most fields missing most of the time.
A mailbox and a mobile number have one holder (or one household), as in life; nothing else tells namesakes apart.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zlib import crc32

from bench.retail import names

CHANNELS = ("shop", "email", "chat", "store")
_WEIGHTS = (35, 25, 20, 20)
_PLACEHOLDERS = ("brak@brak.pl", "test@test.com", "noemail@shop.com", "biuro@sklep.pl")
_NO_PHONES = ("000000000", "123456789", "999999999", "500000000")
_LETTERS = "abcdefghijklmnoprstuwyz"


@dataclass(frozen=True, slots=True)
class Contact:
    """One record as a channel gave it; "" where it said nothing. `person` and `household` are the truth."""

    record_id: str
    person: int
    household: int
    source: str
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    street: str = ""
    house_number: str = ""
    city: str = ""
    postcode: str = ""


@dataclass(slots=True)
class _Home:
    family: str
    polish: bool
    street: str
    house: str
    city: str
    postcode: str
    landline: str
    mailbox: str


@dataclass(slots=True)
class _Person:
    number: int
    household: int
    given: str
    female: bool
    home: _Home
    family: str
    born: str
    phones: list[str] = field(default_factory=list)
    mailboxes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _World:
    """What is taken: no two people hold one mailbox or one number."""

    chance: random.Random
    taken: set[str] = field(default_factory=set)

    def mailbox(self, local: str) -> str:
        """An address for `local`, with a number where others came first."""
        provider = self.chance.choice(names.PROVIDERS)
        address = f"{local}@{provider}"
        while address in self.taken:
            address = f"{local}{self.chance.randrange(10000)}@{provider}"
        self.taken.add(address)
        return address

    def number(self, polish: bool, *, line: bool = False) -> str:
        """A telephone number nobody has."""
        while (number := self._number(polish, line)) in self.taken:
            pass
        self.taken.add(number)
        return number

    def _number(self, polish: bool, line: bool) -> str:
        if polish:
            start = self.chance.choice(("22", "12", "71", "61") if line else ("50", "51", "60", "66", "53", "78"))
            return f"+48{start}{self.chance.randrange(10**7):07}"
        return f"+44{self.chance.choice(('20', '16') if line else ('77', '78', '79'))}{self.chance.randrange(10**8):08}"


def contacts(rows: int, *, seed: int) -> Iterator[Contact]:
    """`rows` contacts, shuffled."""
    chance = random.Random(seed)
    world = _World(chance)
    found: list[Contact] = []
    person = household = 0
    while len(found) < rows:
        home = _home(world)
        for _ in range(chance.choices((1, 2, 3, 4), (55, 22, 13, 10))[0]):
            one = _person(world, person, household, home)
            person += 1
            found.extend(
                _seen(world, one) for _ in range(chance.choices((1, 2, 3, 4, 5, 7), (22, 22, 20, 16, 12, 8))[0])
            )
        household += 1
    found = found[:rows]
    chance.shuffle(found)
    found.reverse()
    return (replace(found.pop(), record_id=f"c{at}") for at in range(rows))  # handed over one by one: half the memory


def _home(world: _World) -> _Home:
    chance = world.chance
    polish = chance.random() < 0.7
    family = names.family(chance, polish)
    mailbox = world.mailbox(
        f"{'rodzina.' if polish else 'the'}{names.plain(family)}{chance.choice(('', 's', '5', '24'))}"
    )
    return _Home(family, polish, *_door(chance, polish), world.number(polish, line=True), mailbox)


def _door(chance: random.Random, polish: bool) -> tuple[str, str, str, str]:
    """Street, house, city and postcode; a street's houses share a few postcodes."""
    city, street = names.place(chance, polish)
    house = chance.randrange(1, 180)
    code = crc32(f"{city}{street}{house // 60}".encode())
    area = crc32(city.encode())
    if polish:
        return street, str(house), city, f"{area % 100:02}-{code % 1000:03}"
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    ward = f"{letters[code % 20]}{letters[code // 20 % 20]}"
    return street, str(house), city, f"{city[:2].upper()}{area % 30 + 1} {code % 9 + 1}{ward}"


def _person(world: _World, number: int, household: int, home: _Home) -> _Person:
    chance = world.chance
    female = chance.random() < 0.52
    given = names.given(chance, polish=home.polish, female=female)
    family = home.family if chance.random() < 0.93 else names.family(chance, home.polish)
    family = names.feminine(family) if female and home.polish else family
    born = f"{chance.randrange(1940, 2009)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    one = _Person(number, household, given, female, home, family, born)
    one.phones = [world.number(home.polish) for _ in range(1 + (chance.random() < 0.15))]
    one.mailboxes = [world.mailbox(_local(chance, one)) for _ in range(1 + (chance.random() < 0.2))]
    return one


def _local(chance: random.Random, one: _Person) -> str:
    given, family = names.plain(one.given), names.plain(one.family)
    kind = chance.random()
    if kind < 0.2:
        return f"{chance.choice(names.HANDLES)}{chance.randrange(100000)}"
    if kind < 0.6:
        return f"{given}.{family}"
    if kind < 0.8:
        return f"{given[0]}{family}{one.born[2:4]}"
    return f"{family}.{given}{chance.randrange(1, 100)}"


def _seen(world: _World, one: _Person) -> Contact:
    chance = world.chance
    source = chance.choices(CHANNELS, _WEIGHTS)[0]
    said = Contact(
        "", one.number, one.household, source, given_name=_given(chance, one), family_name=_family(chance, one)
    )
    if source in ("shop", "email") or chance.random() < 0.35:
        said = replace(said, email=_email(chance, one))
    if chance.random() < (0.8 if source != "email" else 0.2):
        said = replace(said, phone=_phone(chance, one))
    if chance.random() < (0.4 if source in ("shop", "store") else 0.05):
        said = replace(said, birth_date=_slip(chance, one.born, 0.03) if chance.random() < 0.5 else one.born)
    if source == "shop" or chance.random() < 0.15:
        home, moved = one.home, chance.random() >= 0.93  # or sent elsewhere
        door = _door(chance, home.polish) if moved else (home.street, home.house, home.city, home.postcode)
        said = replace(said, street=_typo(chance, door[0]), house_number=door[1], city=door[2], postcode=door[3])
    return _exchanged(chance, said)


def _given(chance: random.Random, one: _Person) -> str:
    roll = chance.random()
    if roll < 0.08:
        return ""
    if roll < 0.13:
        return one.given[0]
    pets = names.NICKNAMES.get(one.given, ())
    if roll < 0.25 and pets:
        return chance.choice(pets)
    return _typo(chance, one.given)


def _family(chance: random.Random, one: _Person) -> str:
    roll = chance.random()
    if roll < 0.12:
        return ""
    if roll < 0.15 and one.female:
        return f"{one.family}-{names.family(chance, one.home.polish)}"  # after marriage
    return _typo(chance, one.family)


def _email(chance: random.Random, one: _Person) -> str:
    roll = chance.random()
    if roll < 0.01:
        return chance.choice(_PLACEHOLDERS)
    return one.home.mailbox if roll < 0.04 else _slip(chance, chance.choice(one.mailboxes), 0.03)


def _phone(chance: random.Random, one: _Person) -> str:
    roll = chance.random()
    if roll < 0.01:
        return chance.choice(_NO_PHONES)
    number = one.home.landline if roll < 0.08 else chance.choice(one.phones)
    if roll > 0.96:
        at = chance.randrange(4, len(number))
        number = f"{number[:at]}{chance.randrange(10)}{number[at + 1 :]}"
    local = number[3:]
    return chance.choice((number, local if one.home.polish else number, f"{local[:3]} {local[3:6]} {local[6:]}"))


def _exchanged(chance: random.Random, said: Contact) -> Contact:
    if said.given_name and said.family_name and chance.random() < 0.03:
        said = replace(said, given_name=said.family_name, family_name=said.given_name)
    if chance.random() < 0.06:
        said = replace(said, given_name=said.given_name.lower(), family_name=said.family_name.upper())
    return said


def _typo(chance: random.Random, text: str) -> str:
    return _slip(chance, text, 0.06)


def _slip(chance: random.Random, text: str, share: float) -> str:
    """One letter or digit lost, doubled, exchanged or mistyped in `share` of the texts."""
    if chance.random() >= share or len(text) < 3:
        return text
    at, kind = chance.randrange(1, len(text) - 1), chance.randrange(4)
    letter = text[at]
    other = str(chance.randrange(10)) if letter.isdigit() else chance.choice(_LETTERS)
    if not letter.isalnum():
        return text
    if text[:4].isdigit() or kind == 3:  # a date keeps its shape
        return text[:at] + other + text[at + 1 :]
    return text[:at] + ("", letter * 2, text[at + 1] + letter)[kind] + text[at + (2 if kind == 2 else 1) :]

"""Chats and e-mail threads: which template, about which order, answered by whom and how fast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Literal, NamedTuple

from crm360.demo import dialogues_english, dialogues_polish, letters, times
from crm360.demo.catalogue import products
from crm360.demo.world import Person, Purchase, Talk

Medium = Literal["chat", "mail"]
AGENTS = ("Magda", "Oliwia", "Kinga", "Ewa")
_DIRECTIONS = {">": "in", "<": "out", "!": "note"}

_WOMAN = re.compile(r"^in .*łam\b|^out .*\bPani\b", re.MULTILINE)
_MAN = re.compile(r"^in .*łem\b|^out .*\bPan\b", re.MULTILINE)


class Script(NamedTuple):
    """A conversation's template: its subject and what each side says, (in|out|note, text)."""

    subject: str
    turns: tuple[tuple[str, str], ...]


@cache
def scripts(medium: Medium, language: str) -> tuple[Script, ...]:
    """The templates of that medium in Polish, or in English for everybody else."""
    if medium == "chat":
        return _parsed(dialogues_polish.CHATS if language == "pl" else dialogues_english.CHATS)
    return _parsed(letters.POLISH if language == "pl" else letters.ENGLISH)


def talks(people: Iterable[Person], purchases: Iterable[Purchase], anchor: datetime, rng: Random) -> list[Talk]:
    """Everybody's conversations, unnumbered and in no order."""
    orders: dict[Person, list[Purchase]] = {}
    for bought in purchases:
        if bought.buyer and not bought.store:
            orders.setdefault(bought.buyer, []).append(bought)
    found: list[Talk] = []
    for person in people:
        for medium in ("chat", "mail"):
            if medium in person.places and not person.story:
                found += _of_person(person, medium, orders.get(person, []), anchor, rng)
    return found


def numbered(found: Iterable[Talk]) -> tuple[Talk, ...]:
    """In order of time, numbered from 301."""
    in_time = sorted(found, key=lambda talk: talk.at)
    return tuple(replace(talk, number=number) for number, talk in enumerate(in_time, 301))


def told(
    person: Person, medium: Medium, subject: str, at: datetime, rng: Random, bought: Purchase | None = None
) -> Talk:
    """The conversation of that subject, held by this person at that time."""
    script = next(one for one in scripts(medium, person.language) if one.subject.startswith(subject))
    return _held(person, medium, script, at, bought, rng)


def _of_person(person: Person, medium: Medium, orders: list[Purchase], anchor: datetime, rng: Random) -> Iterator[Talk]:
    for _ in range(rng.choice((1, 1, 1, 2))):
        bought = rng.choice(orders) if orders else None
        script = rng.choice([one for one in scripts(medium, person.language) if _suits(one, person, bought)])
        day = bought.at + timedelta(days=rng.randint(1, 9)) if bought else None
        day = day or times.start(anchor) + timedelta(days=rng.uniform(20, times.SPAN.days - 4))
        at = times.office_hours(rng, day)
        if at < anchor - timedelta(days=1):
            yield _held(person, medium, script, at, bought, rng)


def _suits(script: Script, person: Person, bought: Purchase | None) -> bool:
    """Polish verbs and forms of address have a gender, and some questions need an order."""
    written = "\n".join(f"{direction} {text}" for direction, text in script.turns)
    if bought is None and "{order}" in script.subject + written:
        return False
    return not (_WOMAN if person.gender == "m" else _MAN).search(written)


def _held(person: Person, medium: Medium, script: Script, at: datetime, bought: Purchase | None, rng: Random) -> Talk:
    product = bought.items[0].product if bought else rng.choice(products())
    name = product.name(person.language)
    words = {
        "name": person.given, "agent": rng.choice(AGENTS), "product": f"„{name}”" if person.language == "pl" else name,
        "order": bought.number if bought else "", "store": rng.choice(("Krakowie", "Wrocławiu", "Gdańsku")),
    }  # fmt: skip
    minutes, turns = 0, []
    for direction, text in script.turns:
        turns.append((direction, minutes, text.format(**words)))
        minutes += rng.randint(1, 6) if medium == "chat" else rng.randint(45, 1100)
    return Talk(number=0, person=person, medium=medium, at=at, subject=script.subject.format(**words),
                agent=words["agent"], turns=tuple(turns), resolved=rng.random() < 0.9)  # fmt: skip


def _parsed(text: str) -> tuple[Script, ...]:
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for line in text.strip().splitlines():
        sign, _, rest = line.partition(" ")
        if sign == "#":
            found.append((rest, []))
        else:
            found[-1][1].append((_DIRECTIONS[sign], rest.replace("\\n", "\n")))
    return tuple(Script(subject, tuple(turns)) for subject, turns in found)

"""Who may be written to: consents given at the counter, in the shop and on the newsletter form, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from crm360.demo import times
from crm360.demo.world import Consent, Mailing, Person

#: Month → campaign, subject in Polish and English; a letter goes out on the 11th.
_LETTERS = {
    1: ("zima", "Styczeń pachnie kawą: −15% na espresso", "January smells of coffee: 15% off espresso"),
    2: ("walentynki", "Dwie filiżanki, jedna kawa", "Two cups, one coffee"),
    3: ("wiosna", "Wiosna na balkonie: doniczki i zioła", "Spring on the balcony: pots and herbs"),
    4: ("wielkanoc", "Wielkanocny stół w lnie", "An Easter table in linen"),
    5: ("mama", "Prezent dla mamy, który zdąży dojść", "A present for mum that arrives in time"),
    6: ("lato", "Cold brew i hamak: lato w Lipowej", "Cold brew and a hammock: summer at Lipowa"),
    7: ("przecena", "Letnia wyprzedaż do −40%", "Summer sale, up to 40% off"),
    8: ("nowosci", "Nowa kolekcja kamionki Mgła", "The new Mist stoneware collection"),
    9: ("jesien", "Koce, świece i pierwsza herbata zimowa", "Blankets, candles and the first winter tea"),
    10: ("kawa", "Świeże ziarno z Rwandy", "Fresh beans from Rwanda"),
    11: ("black", "Czarny piątek po naszemu: darmowa dostawa", "Black Friday our way: free delivery"),
    12: ("swieta", "Ostatni dzwonek na prezenty", "Last call for presents"),
}


def consents(people: Iterable[Person], anchor: datetime, rng: Random) -> list[Consent]:
    """Every act, in no order."""
    return [consent for person in people if not person.story for consent in _of_person(person, anchor, rng)]


def mailings(given: Iterable[Consent], anchor: datetime, rng: Random) -> list[Mailing]:
    """Which newsletters were opened by those whose consent stood then; most readers skip most letters."""
    given = list(given)
    ends = {one.person: one.at for one in given if not one.given and one.channel == "email"}
    readers = [one for one in given if one.given and one.channel == "email" and one.how in ("newsletter", "form")]
    return [found for one in readers for found in _opened(one, ends.get(one.person, anchor), anchor, rng)]


def _of_person(person: Person, anchor: datetime, rng: Random) -> Iterator[Consent]:
    joined = person.joined_at
    if "newsletter" in person.places:
        at = times.evening(rng, joined + timedelta(days=rng.uniform(0, 60)))
        yield from _kept_or_not(person, min(at, anchor - timedelta(days=1)), "newsletter", anchor, rng)
    elif "web" in person.places and rng.random() < 0.3:
        yield from _kept_or_not(person, joined + timedelta(minutes=2), "form", anchor, rng)
    if "shop" in person.places and rng.random() < 0.35:
        yield Consent(person=person, channel="email", given=True, at=joined + timedelta(minutes=1), how="shop")
        if rng.random() < 0.15:
            at = joined + timedelta(days=rng.uniform(20, 300))
            if at < anchor:
                yield Consent(person=person, channel="email", given=False, at=at, how="shop")


def _kept_or_not(person: Person, at: datetime, how: str, anchor: datetime, rng: Random) -> Iterator[Consent]:
    yield Consent(
        person=person, channel="email", given=True, at=at, how="newsletter" if how == "newsletter" else "form"
    )
    end = at + timedelta(days=rng.uniform(15, 400))
    if rng.random() < 0.2 and end < anchor:
        yield Consent(person=person, channel="email", given=False, at=end, how="unsubscribe")


def _opened(one: Consent, until: datetime, anchor: datetime, rng: Random) -> Iterator[Mailing]:
    keen = rng.betavariate(0.9, 5)
    day = one.at.replace(day=11, hour=8, minute=5)
    while day < until:
        at = day + timedelta(hours=rng.expovariate(1 / 7))
        if max(one.at, times.start(anchor)) < at < until and rng.random() < keen:
            campaign, polish, english = _LETTERS[day.month]
            subject = polish if one.person.language == "pl" else english
            yield Mailing(reader=one.person, at=at, campaign=f"{campaign}-{day:%Y-%m}", subject=subject,
                          clicked=rng.random() < 0.25)  # fmt: skip
        day = _next_month(day)


def _next_month(day: datetime) -> datetime:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=11)

"""The whole demo world in one function of the day it ends on and of how many people live in it."""

from __future__ import annotations

from datetime import datetime
from random import Random

from crm360.demo import browsing, cast, consenting, people, shopping, stories, talking
from crm360.demo.numbers import Numbers
from crm360.demo.people import Maker
from crm360.demo.world import World

SEED = "Lipowa & Oak"


def world(*, anchor: datetime, count: int = 2000) -> World:
    """Eighteen months up to `anchor` (UTC) of `count` people, the same for the same arguments, whatever the machine."""
    maker = Maker(rng=_rng("people"), anchor=anchor, numbers=Numbers(_rng("numbers")))
    told = cast.cast(maker)
    everybody = [*told.values(), *people.make_people(maker, max(count - len(told), 0))]
    bought = shopping.numbered(
        [
            *stories.purchases(told, anchor),
            *shopping.purchases(everybody, anchor, _rng("shopping")),
            *shopping.walk_ins(count // 3, anchor, _rng("walk-ins"), (told["beata"].card,)),
        ]
    )
    seen = [
        *stories.visits(told, anchor),
        *browsing.visits(everybody, bought, anchor, _rng("browsing")),
        *browsing.strangers(count // 12, anchor, _rng("strangers")),
    ]
    given = [*stories.consents(told, anchor), *consenting.consents(everybody, anchor, _rng("consents"))]
    mailings = consenting.mailings(given, anchor, _rng("mailings"))
    said = [*stories.talks(told, bought, anchor), *talking.talks(everybody, bought, anchor, _rng("talks"))]
    return World(
        anchor=anchor,
        people=tuple(everybody),
        purchases=bought,
        visits=tuple(sorted(seen, key=lambda visit: visit.at)),
        talks=talking.numbered(said),
        consents=tuple(sorted(given, key=lambda consent: consent.at)),
        mailings=tuple(sorted(mailings, key=lambda mailing: mailing.at)),
    )


def _rng(topic: str) -> Random:
    """A stream of chance of its own for each topic: more of one thing does not change the others."""
    return Random(f"{SEED}: {topic}")

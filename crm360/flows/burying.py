"""The erased stay erased: what merely repeats that somebody existed is dropped, what they do anew is taken in.

A record or an address of an erased person (known by its digest) comes back only with an act of the person later than the
erasure: an order, a message, a visit, a proved consent. A list, a synchronisation, a webhook sent again do not bring
anybody back (Proximus, C-129/21); nor does a restored backup, whose contacts are erased again before the door opens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from crm360 import facts
from crm360.facts import ContactRef, ContactSeen, Fact
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.privacy import tombstones
from crm360.privacy.tombstones import Pair

WHY = "Somebody who was erased is in it."
_OWN_ACTS = (facts.OrderPlaced, facts.CartChanged, facts.CartSnapshot, facts.ActivityNoted, facts.PushSubscribed)


class Told(NamedTuple):
    """Facts of one payload or row, and how its source writes telephone numbers."""

    facts: Sequence[Fact]
    region: str


def gone(told: Sequence[Told]) -> list[set[ContactRef]]:
    """For each, whose facts must not be taken in, because they were erased and did nothing since."""
    if not tombstones.any_there():
        return [set() for _ in told]
    pairs = [_pairs(each) for each in told]
    dead = dead_among(pair for named in pairs for held in named.values() for pair in held)
    return [
        {
            ref
            for ref, held in named.items()
            if (erased := [dead[pair] for pair in held if pair in dead])
            and not any(_acted(fact, ref, max(erased)) for fact in each.facts)
        }
        for each, named in zip(told, pairs, strict=True)
    ]


def dead_among(pairs: Iterable[Pair]) -> dict[Pair, datetime]:
    """Of records and addresses (`pairs_of`) those of the erased who did not come back, with the moment."""
    dead = tombstones.erased(pairs)
    back = _back(dead) if dead else set()
    return {pair: at for pair, at in dead.items() if pair not in back}


def anybody() -> bool:
    """Whether anybody was ever erased here."""
    return tombstones.any_there()


def pairs_of(records: Iterable[tuple[str, str]], addresses: Iterable[tuple[str, str]]) -> Iterator[Pair]:
    """What tombstones are made of: records, and addresses."""
    for source, external_id in records:
        yield f"record {source}", external_id
    yield from addresses


def still_here(wanted: set[str]) -> list[int]:
    """Contacts whose record or address has one of these digests: a restored backup brought them back."""
    found: set[int] = set()
    for some in chunked(db.session.execute(select(Contact.id, Contact.source, Contact.external_id)).all()):
        found |= _matching(wanted, [(number, f"record {source}", external) for number, source, external in some])
    held = select(ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal)
    for some in chunked(db.session.execute(held).all()):
        found |= _matching(wanted, [tuple(row) for row in some])
    return sorted(found)


def _matching(wanted: set[str], rows: Sequence[tuple[int, str, str]]) -> set[int]:
    digests = tombstones.digests([(kind, normal) for _, kind, normal in rows])
    return {number for number, kind, normal in rows if wanted & digests[kind, normal]}


def _pairs(told: Told) -> dict[ContactRef, list[Pair]]:
    found: dict[ContactRef, list[Pair]] = {}
    for fact in told.facts:
        if fact.ref is None:
            continue
        held = found.setdefault(fact.ref, list(pairs_of([fact.ref], ())))
        for each in fact.identifiers if isinstance(fact, ContactSeen) else ():
            if normal := identifiers.normal(each.kind, each.value, region=told.region):
                held.append((each.kind, normal))
    return found


def _back(dead: Collection[Pair]) -> set[Pair]:
    """Records and addresses of the erased that somebody bears again: they came back by an act of theirs."""
    found: set[Pair] = set()
    for some in chunked([external for kind, external in dead if kind.startswith("record ")]):
        rows = db.session.execute(select(Contact.source, Contact.external_id).where(Contact.external_id.in_(some)))
        found.update((f"record {source}", external_id) for source, external_id in rows)
    for some in chunked([normal for kind, normal in dead if not kind.startswith("record ")]):
        query = select(ContactIdentifier.kind, ContactIdentifier.normal).where(ContactIdentifier.normal.in_(some))
        found.update((kind, normal) for kind, normal in db.session.execute(query))
    return found


def _acted(fact: Fact, ref: ContactRef, erased_at: datetime) -> bool:
    """Whether a fact is an act of the person after their erasure."""
    if fact.ref != ref:
        return False
    own = isinstance(fact, _OWN_ACTS)
    own = own or (isinstance(fact, facts.MessageExchanged) and fact.direction == "in")
    own = own or (isinstance(fact, facts.ConsentStated) and fact.evidence_grade == "A")
    at = fact.placed_at if isinstance(fact, facts.OrderPlaced) else fact.occurred_at
    return own and at > erased_at

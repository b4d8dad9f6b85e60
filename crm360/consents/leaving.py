"""Before a person is erased: their addresses are kept as digests, so that nothing that comes later opens them again.

Deleting what somebody said also deletes their refusals and what stopped us. Without the digests a list imported the next
day, a backup, or another customer with the same address would be permitted what they forbade.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, select, tuple_

from crm360.consents import operations, suppressing
from crm360.consents.above import above
from crm360.consents.definitions import Catalogue
from crm360.consents.judging import Address
from crm360.consents.models import Statement
from crm360.consents.policy import REFUSALS
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


def forget(*, contact_ids: Collection[int], now: datetime) -> int:
    """Keep the addresses of persons (all their contacts) as digests; call it before their rows go. Returns how many.

    Nothing is sent there for what needs a consent until somebody proves to hold the address and consents anew. Where the
    person was stopped, unsubscribed, or refused what needs no consent, nothing at all. Raises suppressing.NoKey.
    """
    leaving = frozenset(contact_ids)
    return sum(_forget(some, leaving, now) for some in chunked(_people(contact_ids), 200))


def _people(contact_ids: Collection[int]) -> list[list[int]]:
    """The contacts of each person together."""
    found: dict[int, list[int]] = {}
    for some in chunked(contact_ids):
        query = select(Contact.id, func.coalesce(Contact.profile_id, -Contact.id)).where(Contact.id.in_(some))
        for contact_id, person in db.session.execute(query.order_by(Contact.id)):
            found.setdefault(person, []).append(contact_id)
    return list(found.values())


def _forget(people: Collection[Collection[int]], leaving: frozenset[int], now: datetime) -> int:
    who = {contact_id: place for place, contacts in enumerate(people) for contact_id in contacts}
    held: dict[int, set[Address]] = {}
    for some in chunked(who):
        query = select(ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal)
        for contact_id, kind, normal in db.session.execute(query.where(ContactIdentifier.contact_id.in_(some))):
            if kind in suppressing.CHANNELS_OF:
                held.setdefault(who[contact_id], set()).add((kind, normal))
    everywhere = {address for mine in held.values() for address in mine}
    known = above(contacts=who, addresses={normal for _, normal in everywhere}, now=now)
    silent = {
        normal for normal, found in known.suppressed.items() if any(each.reason == "unsubscribed" for each in found)
    }
    silent_at = {address for address in everywhere if address[1] in silent} | _refused(everywhere, known.purposes)
    quiet = {place for place, mine in held.items() if known.stops.get(place) or mine & silent_at}
    reasons = dict.fromkeys(everywhere, "forgotten")
    reasons |= {address: "unsubscribed" for place in quiet for address in held[place]}
    operations.keep_refusals(heirs=_heirs(who, leaving, known.purposes), now=now)
    return suppressing.leave_alone(addresses=reasons, now=now)


def _heirs(some: Collection[int], leaving: frozenset[int], purposes: Catalogue) -> dict[int, int]:
    """Refusals of a purpose of the person as such, at addresses that somebody else holds too → who says them from now on.

    Such a refusal counts for everybody with the address, at all addresses of theirs. A digest of the one address does not
    reach the others, so they would be permitted again.
    """
    found: dict[int, int] = {}
    for each in chunked(some):
        mine, theirs = Statement, ContactIdentifier
        query = (
            select(mine.id, mine.purpose, theirs.contact_id)
            .join(theirs, and_(theirs.kind == mine.identifier_kind, theirs.normal == mine.identifier_normal))
            .where(mine.contact_id.in_(each), mine.state.in_(REFUSALS), theirs.contact_id != mine.contact_id)
            .order_by(theirs.contact_id)
        )
        for statement_id, purpose, other in db.session.execute(query):
            if other not in leaving and purposes.of(purpose).scope == "person":
                found.setdefault(statement_id, other)
    return found


def _refused(held: Collection[Address], purposes: Catalogue) -> set[Address]:
    """Addresses at which something was refused that needs no consent."""
    found: set[Address] = set()
    for some in chunked(sorted(held)):
        query = select(Statement.identifier_kind, Statement.identifier_normal, Statement.purpose).where(
            tuple_(Statement.identifier_kind, Statement.identifier_normal).in_(some), Statement.state.in_(REFUSALS)
        )
        for kind, normal, purpose in db.session.execute(query.distinct()):
            if not purposes.of(purpose).asks_consent:
                found.add((kind, normal))
    return found

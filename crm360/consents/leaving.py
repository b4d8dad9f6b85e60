"""Before a person is erased: their addresses are kept as digests, so that nothing that comes later opens them again.

Deleting what somebody said also deletes their refusals and what stopped us. Without the digests a list imported the next
day, a backup, or another customer with the same address would be permitted what they forbade.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, tuple_

from crm360.consents import suppressing
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
    return sum(_forget(some, now) for some in chunked(_people(contact_ids), 200))


def _people(contact_ids: Collection[int]) -> list[list[int]]:
    """The contacts of each person together."""
    found: dict[int, list[int]] = {}
    for some in chunked(contact_ids):
        query = select(Contact.id, func.coalesce(Contact.profile_id, -Contact.id)).where(Contact.id.in_(some))
        for contact_id, person in db.session.execute(query.order_by(Contact.id)):
            found.setdefault(person, []).append(contact_id)
    return list(found.values())


def _forget(people: Collection[Collection[int]], now: datetime) -> int:
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
    return suppressing.leave_alone(addresses=reasons, now=now)


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

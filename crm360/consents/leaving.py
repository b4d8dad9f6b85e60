"""Before a person is erased: their addresses are kept as digests, so that nothing that comes later opens them again.

Deleting what somebody said also deletes their refusals and what stopped us. Without the digests a list imported the next
day, a backup, or another customer with the same address would be permitted what they forbade.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, tuple_

from crm360.consents import suppressing
from crm360.consents.above import above
from crm360.consents.definitions import Catalogue
from crm360.consents.models import Statement
from crm360.consents.policy import REFUSALS
from crm360.identity.models import ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


def forget(*, contact_ids: Collection[int], now: datetime) -> int:
    """Keep the addresses of a person (all their contacts) as digests; call it before their rows go. Returns how many.

    Nothing is sent there for what needs a consent until somebody proves to hold the address and consents anew. Where the
    person was stopped, unsubscribed, or refused what needs no consent, nothing at all. Raises suppressing.NoKey.
    """
    held: set[tuple[str, str]] = set()
    for some in chunked(contact_ids):
        query = select(ContactIdentifier.kind, ContactIdentifier.normal).where(ContactIdentifier.contact_id.in_(some))
        held |= {(kind, normal) for kind, normal in db.session.execute(query) if kind in suppressing.CHANNELS_OF}
    reason = "unsubscribed" if _said_no(contact_ids, held, now) else "forgotten"
    return suppressing.leave_alone(addresses=dict.fromkeys(held, reason), now=now)


def _said_no(contact_ids: Collection[int], held: Collection[tuple[str, str]], now: datetime) -> bool:
    contacts = dict.fromkeys(contact_ids, 0)
    known = above(contacts=contacts, addresses={normal for _, normal in held}, now=now)
    unsubscribed = any(each.reason == "unsubscribed" for found in known.suppressed.values() for each in found)
    return bool(known.stops) or unsubscribed or _refused(held, known.purposes)


def _refused(held: Collection[tuple[str, str]], purposes: Catalogue) -> bool:
    """Whether something was refused at one of these addresses that needs no consent."""
    for some in chunked(sorted(held)):
        query = select(Statement.purpose).where(
            tuple_(Statement.identifier_kind, Statement.identifier_normal).in_(some), Statement.state.in_(REFUSALS)
        )
        if any(not purposes.of(purpose).asks_consent for purpose in db.session.scalars(query.distinct())):
            return True
    return False

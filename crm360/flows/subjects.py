"""Who a case is about, in everything by which the person is found: contacts, records, addresses, raw payloads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select

from crm360.commerce.models import Order
from crm360.consents.models import Statement
from crm360.identity import queries as identity
from crm360.identity.models import Contact, ContactIdentifier
from crm360.inbox.models import Payload, Source
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.personal_data import Whom
from crm360.privacy.models import Case
from crm360.privacy.needles import SHORTEST, Needles
from crm360.profiles import provenance

#: An id of a source shorter than this stands in other payloads by chance.
_LONG_ID = 10


@dataclass(frozen=True)
class Subject:
    """A person. `records`: (source, id) of each contact; `addresses`: (kind, normal) of each, also of shared ones.

    `held`: (kind, normal, written) of those nobody else bears.
    """

    profile_id: int | None
    contact_ids: tuple[int, ...]
    records: tuple[tuple[str, str], ...]
    addresses: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, str, str], ...]
    payload_ids: tuple[int, ...]

    @cached_property
    def needles(self) -> Needles:
        """What of them can be found in bytes."""
        written = [text for _, normal, value in self.held for text in (normal, value)]
        ids = [external_id.partition(":")[2] or external_id for _, external_id in self.records]
        return Needles([*written, *(each for each in ids if len(each) >= _LONG_ID)])

    @property
    def whom(self) -> Whom:
        """As the rooms ask for a person."""
        values = {text for _, normal, value in self.held for text in (normal, value) if len(text) >= SHORTEST}
        return Whom(self.contact_ids, self.payload_ids, tuple(sorted(values)))

    def also(self, payload_ids: Sequence[int]) -> Subject:
        """With more payloads."""
        more = tuple(sorted({*self.payload_ids, *payload_ids}))
        return replace(self, payload_ids=more)


def of_case(case: Case) -> Subject:
    """Whom a case is about now: everybody of the shop, or the customer the contact belongs to."""
    if case.right == "shop_erasure":
        return of_contacts(_of_source(case.source))
    if case.contact_id is None:
        return of_contacts(())
    profile_id = identity.profile_ids([case.contact_id]).get(case.contact_id)
    return of_contacts([case.contact_id]) if profile_id is None else of_profile(profile_id)


def of_profile(profile_id: int) -> Subject:
    """A customer."""
    contacts = list(db.session.scalars(identity.contact_ids(profile_id).order_by(Contact.id)))
    return of_contacts(contacts, profile_id=profile_id)


def of_contacts(contact_ids: Sequence[int], *, profile_id: int | None = None) -> Subject:
    """The person, or persons, of these contacts."""
    ids = tuple(sorted(set(contact_ids)))
    addresses, held = _addresses(ids)
    return Subject(profile_id, ids, _records(ids), addresses, held, _payloads(ids))


def order_numbers(subject: Subject) -> set[str]:
    """Numbers of their purchases."""
    query = select(Order.number)
    return {
        number
        for some in chunked(subject.contact_ids)
        for number in db.session.scalars(query.where(Order.contact_id.in_(some)))
    }


def _records(ids: Sequence[int]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for some in chunked(ids):
        for source, external_id in db.session.execute(
            select(Contact.source, Contact.external_id).where(Contact.id.in_(some))
        ):
            found.append((source, external_id))
    return tuple(sorted(found))


def _addresses(ids: Sequence[int]) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]:
    """Their addresses, and those no other customer's contact bears: a family's telephone is nobody's alone."""
    rows: set[tuple[str, str, str]] = set()
    for some in chunked(ids):
        query = select(ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.value)
        rows.update(tuple(row) for row in db.session.execute(query.where(ContactIdentifier.contact_id.in_(some))))
    ours, shared = set(ids), set()
    for normals in chunked({normal for _, normal, _ in rows}):
        query = select(ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.contact_id)
        for kind, normal, contact_id in db.session.execute(query.where(ContactIdentifier.normal.in_(normals))):
            if contact_id not in ours:
                shared.add((kind, normal))
    return tuple(sorted({row[:2] for row in rows})), tuple(sorted(row for row in rows if row[:2] not in shared))


def _payloads(ids: Sequence[int]) -> tuple[int, ...]:
    """Payloads their facts came from."""
    found: set[int] = set()
    for some in chunked(ids):
        found.update(provenance.payloads_of(some))
        for column, about in ((Statement.payload_id, Statement.contact_id), (Case.payload_id, Case.contact_id)):
            found.update(db.session.scalars(select(column).where(about.in_(some), column.is_not(None))))
    return tuple(sorted(found))


def payloads_of_source(name: str) -> list[int]:
    """Everything a shop ever sent that waits no more."""
    query = select(Payload.id).join(Source, Source.id == Payload.source_id)
    return list(db.session.scalars(query.where(Source.name == name, Payload.state != "waiting").order_by(Payload.id)))


def _of_source(name: str) -> list[int]:
    if db.session.scalar(select(Source.id).where(Source.name == name)) is None:
        return []
    return list(db.session.scalars(select(Contact.id).where(Contact.source == name)))

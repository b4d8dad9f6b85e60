"""Golden records composed from what contacts hold, for the refresh and for customers whose refresh is still to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.profiles.models import FieldRule
from crm360.profiles.statements import Known, Record, Told, compose
from crm360.profiles.survivorship import Pinned

_RULES = select(FieldRule.field, FieldRule.rule)


class Held(NamedTuple):
    """What is known of some profiles: contacts by profile, identifiers by contact."""

    contacts: Mapping[int, list[Told]]
    identifiers: Mapping[int, list[Known]]

    def record(
        self, profile_id: int, *, trust: Sequence[str], pins: Mapping[str, Pinned], rules: Mapping[str, str]
    ) -> Record:
        """The golden record of a profile that has contacts."""
        told = self.contacts[profile_id]
        known = [each for contact in told for each in self.identifiers.get(contact.contact_id, ())]
        return compose(told, known, profile_id=profile_id, trust=trust, pins=pins, rules=rules)


def held(profile_ids: Collection[int]) -> Held:
    """Everything the golden records of some hundred profiles are made of, besides what staff pinned."""
    return Held(_contacts(profile_ids), _identifiers(profile_ids))


def records(profile_ids: Collection[int]) -> dict[int, Record]:
    """Golden records of profiles nobody has refreshed yet, made for the moment; ids without contacts are left out."""
    if not profile_ids:
        return {}
    known, trust, rules = held(profile_ids), dialects.trusted_sources(db.session), rules_in_force()
    return {profile_id: known.record(profile_id, trust=trust, pins={}, rules=rules) for profile_id in known.contacts}


def rules_in_force() -> dict[str, str]:
    """field → rule, of fields that are not chosen as is usual."""
    return {row.field: row.rule for row in db.session.execute(_RULES)}


def _contacts(profile_ids: Collection[int]) -> dict[int, list[Told]]:
    statement = select(Contact.profile_id, Contact.id, Contact.source, Contact.fields)
    found: dict[int, list[Told]] = defaultdict(list)
    for profile_id, *told in db.session.execute(statement.where(Contact.profile_id.in_(profile_ids))):
        found[profile_id].append(Told(*told))
    return found


def _identifiers(profile_ids: Collection[int]) -> dict[int, list[Known]]:
    columns = (
        ContactIdentifier.contact_id,
        ContactIdentifier.kind,
        ContactIdentifier.value,
        ContactIdentifier.normal,
        ContactIdentifier.verified,
        ContactIdentifier.last_seen_at,
    )
    statement = select(*columns).join(Contact, Contact.id == ContactIdentifier.contact_id)
    found: dict[int, list[Known]] = defaultdict(list)
    for row in db.session.execute(statement.where(Contact.profile_id.in_(profile_ids))):
        found[row.contact_id].append(Known(*row))
    return found

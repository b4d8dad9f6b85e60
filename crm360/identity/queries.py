"""Questions about who is who. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from crm360.facts import ContactRef
from crm360.identity.history import history
from crm360.identity.models import Contact, ContactIdentifier, Profile, Redirect
from crm360.identity.reviewing import count_open, lookalikes, open_reviews
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound


class ProfileNotFound(NotFound):
    """No customer has, or ever had, this id."""


class ContactNotFound(NotFound):
    """No named customer record has this id."""


def current(profile_id: int) -> int:
    """The id under which the customer is known now: itself, or where its redirects lead. Raises ProfileNotFound."""
    seen: set[int] = set()
    at = profile_id
    while at not in seen:
        seen.add(at)
        target = db.session.scalar(select(Redirect.target_id).where(Redirect.profile_id == at))
        if target is None:
            break
        at = target
    if db.session.scalar(select(Contact.id).where(Contact.profile_id == at).limit(1)) is None:
        raise ProfileNotFound(f"There is no customer {profile_id}.")
    return at


def numbers_of(profile_id: int) -> list[int]:
    """Every number a customer is or was known under: this one, those it was led to, those that lead to it."""
    found, at = {profile_id}, profile_id
    while (target := db.session.scalar(select(Redirect.target_id).where(Redirect.profile_id == at))) not in {
        None,
        *found,
    }:
        at = int(target)
        found.add(at)
    while more := set(db.session.scalars(select(Redirect.profile_id).where(Redirect.target_id.in_(found)))) - found:
        found |= more
    return sorted(found)


def contact_ids(profile_id: int) -> Select[int]:
    """A SELECT of the profile's contact ids, for use in `IN`."""
    return select(Contact.id).where(Contact.profile_id == profile_id)


def contacts_of(profile_id: int) -> list[Contact]:
    """The profile's contacts, oldest first, anonymous visits included."""
    query = select(Contact).where(Contact.profile_id == profile_id).order_by(Contact.first_seen_at, Contact.id)
    return list(db.session.scalars(query))


def identifiers_of(profile_id: int) -> list[ContactIdentifier]:
    """Every identifier of the profile's contacts, most recently seen first."""
    query = (
        select(ContactIdentifier)
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .where(Contact.profile_id == profile_id)
        .order_by(ContactIdentifier.kind, ContactIdentifier.last_seen_at.desc(), ContactIdentifier.id)
    )
    return list(db.session.scalars(query))


def address(identifier_id: int) -> tuple[Contact, ContactIdentifier] | None:
    """An identifier by its row, and the contact it was seen with."""
    query = select(Contact, ContactIdentifier).join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
    row = db.session.execute(query.where(ContactIdentifier.id == identifier_id)).first()
    return (row[0], row[1]) if row else None


def identifier_id(contact_id: int, kind: str, normal: str) -> int | None:
    """The row of a contact's identifier."""
    held = (
        ContactIdentifier.contact_id == contact_id,
        ContactIdentifier.kind == kind,
        ContactIdentifier.normal == normal,
    )
    found = db.session.scalar(select(ContactIdentifier.id).where(*held))
    return None if found is None else int(found)


def anchor(profile_id: int) -> int:
    """The contact that notes and tags of this profile hang on: its oldest named one."""
    query = select(Contact.id).where(Contact.profile_id == profile_id).order_by(Contact.anonymous, Contact.id).limit(1)
    found = db.session.scalar(query)
    if found is None:
        raise ProfileNotFound(f"There is no customer {profile_id}.")
    return int(found)


def find(ref: ContactRef) -> Contact | None:
    """The contact a source knows by this id."""
    query = select(Contact).where(Contact.source == ref.source, Contact.external_id == ref.external_id)
    return db.session.scalar(query)


def contacts(contact_ids: Iterable[int]) -> dict[int, Contact]:
    """Contacts by id; ids nobody has are left out."""
    found: dict[int, Contact] = {}
    for chunk in chunked(contact_ids):
        rows = db.session.scalars(select(Contact).where(Contact.id.in_(chunk)))
        found.update((contact.id, contact) for contact in rows)
    return found


def profile_ids(contact_ids: Iterable[int]) -> dict[int, int]:
    """contact id → profile id, for those that have one."""
    found: dict[int, int] = {}
    for chunk in chunked(contact_ids):
        query = select(Contact.id, Contact.profile_id).where(Contact.id.in_(chunk), Contact.profile_id.is_not(None))
        found.update((contact, profile) for contact, profile in db.session.execute(query))
    return found


def of_the_same(contact_ids: Collection[int | None]) -> list[int]:
    """These contacts (at most some hundred) and all others of their customers."""
    theirs = select(Contact.profile_id).where(Contact.id.in_(contact_ids), Contact.profile_id.is_not(None))
    either = or_(Contact.id.in_(contact_ids), Contact.profile_id.in_(theirs))
    return list(db.session.scalars(select(Contact.id).where(either).order_by(Contact.id)))


def stale_visitors(*, before: datetime, limit: int, sparing: Select[int]) -> Sequence[int]:
    """Anonymous contacts nobody ever named, last seen before the given moment; not those `sparing` selects."""
    query = (
        select(Contact.id)
        .where(Contact.anonymous, Contact.profile_id.is_(None), Contact.last_seen_at < before)
        .where(Contact.id.not_in(sparing))
        .order_by(Contact.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def count_contacts(*, most: int) -> int:
    """How many contacts there are; counting stops at `most`."""
    some = select(Contact.id).limit(most).subquery()
    return int(db.session.scalar(select(func.count()).select_from(some)) or 0)


def named_contacts() -> list[int]:
    """Ids of every contact that is not an anonymous visit, ascending."""
    return list(db.session.scalars(select(Contact.id).where(Contact.anonymous.is_(False)).order_by(Contact.id)))


def sources_of(profile_ids: Collection[int]) -> dict[int, list[str]]:
    """profile → names of the sources that know it."""
    query = select(Contact.profile_id, Contact.source).where(Contact.profile_id.in_(profile_ids)).distinct()
    found: dict[int, list[str]] = {}
    for profile_id, source in db.session.execute(query.order_by(Contact.source)):
        found.setdefault(profile_id, []).append(source)
    return found


def made_at(profile_ids: Iterable[int], *, at: datetime) -> set[int]:
    """Of these profiles, those that came to be at that moment."""
    query = select(Profile.id).where(Profile.id.in_(set(profile_ids)), Profile.created_at == at)
    return set(db.session.scalars(query))


def counts() -> dict[str, int]:
    """How many contacts (anonymous visitors apart) and profiles there are."""
    query = select(
        func.count(Contact.id).filter(Contact.anonymous.is_(False)),
        func.count(Contact.id).filter(Contact.anonymous),
        func.count(func.distinct(Contact.profile_id)),
    )
    contacts, visitors, profiles = db.session.execute(query).one()
    return {"contacts": contacts, "anonymous_visitors": visitors, "profiles": profiles}


def profile_page(*, after: int = 0, limit: int = 50) -> list[int]:
    """Ids of profiles in use, ascending, after `after`."""
    query = (
        select(Profile.id)
        .where(Profile.id > after, select(Contact.id).where(Contact.profile_id == Profile.id).exists())
        .order_by(Profile.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


__all__ = [
    "ContactNotFound",
    "ProfileNotFound",
    "anchor",
    "contact_ids",
    "contacts",
    "contacts_of",
    "count_open",
    "counts",
    "current",
    "find",
    "history",
    "identifiers_of",
    "lookalikes",
    "named_contacts",
    "open_reviews",
    "profile_ids",
    "profile_page",
    "stale_visitors",
]

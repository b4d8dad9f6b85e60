"""A profile's identifiers, each with the reason why it joins nobody, if there is one."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.identity.compared import weak_by_nature
from crm360.identity.models import Contact, ContactIdentifier, WeakValue
from crm360.kernel.db import db
from crm360.normalise import identifiers


class Weak(NamedTuple):
    """Why a value points at nobody. `seen`: names or records it was seen with (as far as counted), 0 by its nature."""

    reason: str
    seen: int = 0


class Marked(NamedTuple):
    """An identifier; `weak` None when it can join records."""

    identifier: ContactIdentifier
    weak: Weak | None


def marked_identifiers(profile_id: int) -> list[Marked]:
    """Every identifier of the profile's contacts by kind, the most recently seen first; one statement."""
    key = ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)
    query = (
        select(ContactIdentifier, WeakValue)
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .outerjoin(WeakValue, WeakValue.key == key)
        .where(Contact.profile_id == profile_id)
        .order_by(ContactIdentifier.kind, ContactIdentifier.last_seen_at.desc(), ContactIdentifier.id)
    )
    return [
        Marked(identifier, _weak(identifier.kind, identifier.normal, learned))
        for identifier, learned in db.session.execute(query)
    ]


def _weak(kind: Any, normal: str, learned: WeakValue | None) -> Weak | None:
    if identifiers.is_placeholder(kind, normal):
        return Weak("placeholder")
    if weak_by_nature(kind, normal):
        return Weak("function")
    return Weak(learned.reason, learned.count) if learned else None

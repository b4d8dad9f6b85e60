"""Who was affected by a breach: what was open, to whom, between which two moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from crm360.accounts import seeking
from crm360.commerce.models import Order
from crm360.consents.models import Statement
from crm360.conversations.models import Message
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outbox.models import Letter
from crm360.profiles import queries as profiles
from crm360.profiles.models import TimelineEntry

#: Kinds of data a breach may be about.
KINDS = ("email", "phone", "card", "national_id", "orders", "messages", "letters", "consents", "visits")
#: held: whatever we had by the end; arrived: only what came or was written between the two moments.
REACHES = ("held", "arrived")


class Person(NamedTuple):
    """One who was affected, and how they can be told."""

    profile_id: int
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]


def profiles_of(*, scope: Mapping[str, Any], began_at: datetime, ended_at: datetime) -> list[int]:
    """Ids of today's profiles of everybody affected, ascending.

    `scope`: {"by": "staff", "value": id} whom that colleague read or changed between the moments; {"by": "source",
    "value": name, "reach"} whom that source knew; {"by": "kind", "value": one of KINDS, "reach"} who had such data.
    """
    if scope["by"] == "staff":
        seen = seeking.profiles_seen(staff_id=int(scope["value"]), since=began_at, until=ended_at)
        return sorted(_today(seen))
    since = began_at if scope.get("reach") == "arrived" else None
    about = _of_source(str(scope["value"])) if scope["by"] == "source" else _OF_KIND[str(scope["value"])]()
    contacts, moment = about
    query = contacts.where(moment <= ended_at)
    if since is not None:
        query = query.where(moment >= since)
    holding = select(Contact.profile_id).where(Contact.id.in_(query), Contact.profile_id.is_not(None)).distinct()
    return sorted(db.session.scalars(holding))


def people(profile_ids: list[int]) -> list[Person]:
    """Names and addresses of these profiles, to tell them (Art. 34)."""
    found: list[Person] = []
    for some in chunked(profile_ids):
        named = profiles.golden(some)
        reached: dict[int, dict[str, dict[str, None]]] = {each: {"email": {}, "phone": {}} for each in some}
        query = select(Contact.profile_id, ContactIdentifier.kind, ContactIdentifier.value).join(
            ContactIdentifier, ContactIdentifier.contact_id == Contact.id
        )
        query = query.where(Contact.profile_id.in_(some), ContactIdentifier.kind.in_(("email", "phone")))
        for profile_id, kind, value in db.session.execute(query.order_by(ContactIdentifier.id)):
            reached[profile_id][kind][value] = None
        found += [
            Person(each, named[each].display_name if each in named else "", tuple(reached[each]["email"]), tuple(reached[each]["phone"]))
            for each in some
        ]  # fmt: skip
    return found


def _today(profile_ids: list[int]) -> set[int]:
    """Where the customers of these profiles are now: their first records tell, whatever was merged since."""
    found: set[int] = set()
    for some in chunked(profile_ids):
        here = Contact.profile_id.in_(some) | Contact.home_profile_id.in_(some)
        query = select(Contact.profile_id).where(here, Contact.profile_id.is_not(None)).distinct()
        found |= set(db.session.scalars(query))
    return found


About = tuple[Select[Any], Any]


def _of_source(name: str) -> About:
    return select(Contact.id).where(Contact.source == name), Contact.created_at


def _identifiers(kind: str) -> About:
    query = select(ContactIdentifier.contact_id).where(ContactIdentifier.kind == kind)
    return query, ContactIdentifier.first_seen_at


_OF_KIND: Mapping[str, Any] = {
    **{kind: (lambda kind=kind: _identifiers(kind)) for kind in ("email", "phone", "card", "national_id")},
    "orders": lambda: (select(Order.contact_id), Order.placed_at),
    "messages": lambda: (select(Message.contact_id), Message.sent_at),
    "letters": lambda: (select(Letter.contact_id), Letter.created_at),
    "consents": lambda: (select(Statement.contact_id), Statement.recorded_at),
    "visits": lambda: (select(TimelineEntry.contact_id).where(TimelineEntry.kind.like("page.%")), TimelineEntry.occurred_at),
}  # fmt: skip

"""Who was one customer at an earlier moment, by the record of every move. Nothing here writes.

Identity has one time, that of its record: a contact counts from the moment it was kept, and is where its last move until
then put it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from crm360.identity.models import Contact, Lineage
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

_CONTACTS = select(Contact.id, Contact.profile_id, Contact.home_profile_id, Contact.created_at)
_BY_ID = _CONTACTS.where(dialects.Among(Contact.id))
_MOVES = (
    select(Lineage.contact_id, Lineage.from_profile_id, Lineage.to_profile_id, Lineage.at)
    .where(dialects.Among(Lineage.contact_id))
    .order_by(Lineage.at, Lineage.id)
)
_OF_PROFILES = _CONTACTS.where(dialects.Among(Contact.profile_id))
_LEFT_OR_CAME = [
    select(Lineage.contact_id).where(dialects.Among(end)).distinct()
    for end in (Lineage.from_profile_id, Lineage.to_profile_id)
]


class Member(NamedTuple):
    """A contact, the profile it is part of, and the first profile it ever was in."""

    contact_id: int
    profile_id: int
    home_id: int | None


class _Move(NamedTuple):
    old: int | None
    new: int | None
    at: datetime


def members(contact_ids: Collection[int], *, known: datetime | None = None) -> dict[int, Member]:
    """Contact → where it is, or was as known at `known`; those without a profile, or not kept yet, are left out."""
    found: dict[int, Member] = {}
    for some in chunked(set(contact_ids)):
        rows = db.session.execute(_BY_ID, {"values": some}).all()
        found |= _placed(rows, known)
    return found


def members_of(profile_ids: Collection[int], *, known: datetime | None = None) -> dict[int, Member]:
    """The contacts of profiles, now or as known at `known`: also those that have been parted from them since."""
    found: dict[int, Member] = {}
    for some in chunked(set(profile_ids)):
        rows = db.session.execute(_OF_PROFILES, {"values": some}).all()
        if known is not None:
            there = {row[0] for row in rows}
            gone = {each for query in _LEFT_OR_CAME for each in db.session.scalars(query, {"values": some})} - there
            rows = [*rows, *db.session.execute(_BY_ID, {"values": list(gone)})] if gone else rows
        wanted = set(some)
        found |= {each: place for each, place in _placed(rows, known).items() if place.profile_id in wanted}
    return found


def joined_at(
    profile_ids: Collection[int], *, known: datetime | None = None, before: datetime | None = None
) -> dict[int, datetime]:
    """Profile → when contacts of another profile last came to it; those nobody ever came to are left out."""
    found: dict[int, datetime] = {}
    for some in chunked(set(profile_ids)):
        query = select(Lineage.to_profile_id, Lineage.at).where(
            Lineage.to_profile_id.in_(some), Lineage.from_profile_id.is_not(None)
        )
        if known is not None:
            query = query.where(Lineage.at <= known)
        if before is not None:
            query = query.where(Lineage.at < before)
        for profile_id, at in db.session.execute(query):
            found[profile_id] = max(found.get(profile_id, at), at)
    return found


def parted(profile_ids: Collection[int], *, at: datetime) -> dict[int, list[int]]:
    """Which contacts left which of these profiles at that moment; profiles nobody left are left out."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for some in chunked(set(profile_ids)):
        left = or_(Lineage.from_profile_id.in_(some), Lineage.to_profile_id.in_(some))
        query = select(Lineage.from_profile_id, Lineage.contact_id).where(
            left, Lineage.at == at, Lineage.from_profile_id.is_not(None)
        )
        for profile_id, contact_id in db.session.execute(query):
            found[profile_id].append(contact_id)
    return dict(found)


def arrived(profile_id: int, *, at: datetime) -> set[int]:
    """The contacts that came to a profile at that moment."""
    return set(
        db.session.scalars(select(Lineage.contact_id).where(Lineage.to_profile_id == profile_id, Lineage.at == at))
    )


def _placed(rows: Iterable[tuple[int, int | None, int | None, datetime]], known: datetime | None) -> dict[int, Member]:
    if known is None:
        return {each: Member(each, profile, home) for each, profile, home, _ in rows if profile is not None}
    kept = {each: (profile, home) for each, profile, home, created in rows if created <= known}
    moves = _moves(kept)
    places = {each: _place(profile, moves.get(each, ()), known) for each, (profile, _) in kept.items()}
    return {each: Member(each, place, kept[each][1]) for each, place in places.items() if place is not None}


def _moves(contact_ids: Collection[int]) -> dict[int, list[_Move]]:
    found: defaultdict[int, list[_Move]] = defaultdict(list)
    for some in chunked(contact_ids):
        for contact_id, old, new, at in db.session.execute(_MOVES, {"values": some}):
            found[contact_id].append(_Move(old, new, at))
    return found


def _place(present: int | None, moves: Iterable[_Move], known: datetime) -> int | None:
    """Where the last move until then put a contact, else where the first one after took it from, else where it is."""
    last: int | None = present
    for number, move in enumerate(moves):
        if move.at > known:
            return move.old if number == 0 else last
        last = move.new
    return last

"""Lists filled by hand follow their customers through merges and back: who moves because records went elsewhere. Nothing here
writes.

What colleagues said last of a number stands, wherever its records are: in a list is whoever holds the records of a customer who
was put in and not taken out. So when a merge is undone each is in or out as colleagues left them, whatever was merged since.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import or_, select

from crm360.identity.models import Redirect
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.segments.models import Change, Member, Segment

IDENTITY = "identity"


class Carried(NamedTuple):
    """A customer who comes into a list or leaves it."""

    segment_id: int
    profile_id: int
    entered: bool


def moves(profile_ids: Collection[int]) -> list[Carried]:
    """Who moves in lists filled by hand, after records went from one of these customers to another."""
    if not profile_ids:
        return []
    lists = set(db.session.scalars(select(Segment.id).where(Segment.kind == "static")))
    if not lists:
        return []
    holder = holders(set(profile_ids))
    inside = _members(lists, holder)
    wanted = {(number, holder[each]) for number, each in _put_in(lists, holder, inside)}
    out, come = sorted(inside - wanted), sorted(wanted - inside)
    return [Carried(*each, False) for each in out] + [Carried(*each, True) for each in come]


def merged_into(segment_id: int, profile_ids: Collection[int]) -> set[int]:
    """Customers put into a list who are part of one of these now."""
    holder = holders(set(profile_ids))
    said = _put_in({segment_id}, holder, set())
    return {each for _, each in said if holder[each] in profile_ids and holder[each] != each}


def holders(ids: set[int]) -> dict[int, int]:
    """Customer → the one they are part of now, of these and of everybody whose ways lead to them or from them."""
    target: dict[int, int] = {}
    new = ids
    while new:
        found: dict[int, int] = {}
        for some in chunked(new):
            ways = select(Redirect.profile_id, Redirect.target_id)
            ways = ways.where(or_(Redirect.profile_id.in_(some), Redirect.target_id.in_(some)))
            found |= dict(db.session.execute(ways).all())
        target |= found
        new = {each for way in found.items() for each in way} - ids
        ids = ids | new
    return {each: _end(each, target) for each in ids}


def _end(profile_id: int, target: dict[int, int]) -> int:
    seen = {profile_id}
    while (onward := target.get(profile_id)) is not None and onward not in seen:
        seen.add(onward)
        profile_id = onward
    return profile_id


def _members(lists: Collection[int], whom: Collection[int]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for some in chunked(whom):
        rows = select(Member.segment_id, Member.profile_id).where(Member.profile_id.in_(some))
        found |= {(number, each) for number, each in db.session.execute(rows) if number in lists}
    return found


def _put_in(lists: Collection[int], whom: Collection[int], inside: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """(list, customer) of whom colleagues put in and did not take out again; of who is `inside` and no word is kept, too."""
    said: dict[tuple[int, int], bool] = {}
    carried: set[tuple[int, int]] = set()
    for some in chunked(whom):
        rows = select(Change.segment_id, Change.profile_id, Change.entered, Change.reason)
        rows = rows.where(Change.profile_id.in_(some)).order_by(Change.id)
        for number, each, entered, reason in db.session.execute(rows):
            if reason != IDENTITY:
                said[number, each] = entered
            else:
                carried.add((number, each))
    unsaid = inside - said.keys() - carried
    return {each for each, entered in said.items() if entered and each[0] in lists} | unsaid

"""Lists filled by hand follow their customers through merges and back: who moves because records went elsewhere. Nothing here
writes.

A member that is no customer of its own any more leaves, and whoever it is part of now comes in. When the merge is undone it
comes back, and who was in only because of it leaves. What colleagues did meanwhile stands.
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
    inside, last = _members(lists, holder), _last_changes(lists, holder)
    gone = {each for each in inside if holder[each[1]] != each[1]}
    merged = {each for each, entered in last.items() if not entered and holder[each[1]] != each[1]}
    back = {each for each, entered in last.items() if not entered and holder[each[1]] == each[1]} - inside
    wanted = {(number, holder[each]) for number, each in gone | merged}
    carried = {each for each, entered in last.items() if entered} & inside
    come = back | ({(number, holder[each]) for number, each in gone} - inside)
    leave = gone | {each for each in carried if each not in wanted and holder[each[1]] == each[1]}
    return sorted([Carried(*each, False) for each in leave] + [Carried(*each, True) for each in come])


def merged_into(segment_id: int, profile_ids: Collection[int]) -> set[int]:
    """Former members who left a list because they are part of one of these customers now."""
    holder = holders(set(profile_ids))
    last = _last_changes({segment_id}, holder)
    return {
        each
        for (_, each), entered in last.items()
        if not entered and holder[each] in profile_ids and holder[each] != each
    }


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


def _last_changes(lists: Collection[int], whom: Collection[int]) -> dict[tuple[int, int], bool]:
    """(list, customer) → whether they came in, where what moved them last was a merge or its undoing."""
    last: dict[tuple[int, int], tuple[bool, str]] = {}
    for some in chunked(whom):
        rows = select(Change.segment_id, Change.profile_id, Change.entered, Change.reason)
        for number, each, entered, reason in db.session.execute(
            rows.where(Change.profile_id.in_(some)).order_by(Change.id)
        ):
            if number in lists:
                last[number, each] = (entered, reason)
    return {key: entered for key, (entered, reason) in last.items() if reason == IDENTITY}

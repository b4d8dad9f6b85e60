"""Who was in a segment on a date, by the record of everybody who came and went. Nothing here writes.

Two times: `at`, the moment asked about, and `known`, the moment up to whose records we look. They differ where time moved
somebody before it was worked out: such a change counts from the moment it happened, and is known from when it was recorded.
What somebody was in is what the rule said of the facts there were; facts that came late change it from then on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, func, or_, select, union_all

from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.segments.models import Change, Member, Segment


def segments_of(
    profile_ids: Collection[int], *, at: datetime, known: datetime
) -> dict[int, list[tuple[Segment, datetime]]]:
    """profile → the segments it was in and since when, by their names; those in none are left out."""
    found: defaultdict[int, list[tuple[Segment, datetime]]] = defaultdict(list)
    kept = or_(Segment.archived_at.is_(None), Segment.archived_at > at)
    for some in chunked(set(profile_ids)):
        inside = _inside(at, known, some).subquery().c
        query = select(inside.profile_id, Segment, inside.since).join(Segment, Segment.id == inside.segment_id)
        for profile_id, segment, since in db.session.execute(query.where(kept).order_by(Segment.name)):
            found[profile_id].append((segment, since))
    return dict(found)


def members(
    segment_id: int, *, at: datetime, known: datetime, after: int = 0, limit: int | None = None
) -> list[tuple[int, datetime]]:
    """(profile, since when) of everybody who was in a segment, by profile."""
    inside = _inside(at, known, None, segment_id).subquery().c
    query = select(inside.profile_id, inside.since).where(inside.profile_id > after).order_by(inside.profile_id)
    return [(profile_id, since) for profile_id, since in db.session.execute(query.limit(limit))]


def _inside(
    at: datetime, known: datetime, profile_ids: Collection[int] | None, segment_id: int | None = None
) -> CompoundSelect[Any]:
    """(segment, profile, since) by the last change until then, and the members of snapshots, which never change."""
    last = func.row_number().over(
        partition_by=(Change.segment_id, Change.profile_id), order_by=(Change.at.desc(), Change.id.desc())
    )
    changes = select(Change.segment_id, Change.profile_id, Change.at, Change.entered, last.label("place"))
    changes = changes.where(Change.at <= at, Change.recorded_at <= known)
    frozen = select(Member.segment_id, Member.profile_id, Member.since).join(Segment, Segment.id == Member.segment_id)
    frozen = frozen.where(Segment.kind == "snapshot", Member.since <= at, Member.since <= known)
    if profile_ids is not None:
        changes, frozen = (
            changes.where(Change.profile_id.in_(profile_ids)),
            frozen.where(Member.profile_id.in_(profile_ids)),
        )
    if segment_id is not None:
        changes, frozen = changes.where(Change.segment_id == segment_id), frozen.where(Member.segment_id == segment_id)
    ranked = changes.subquery().c
    moved = select(ranked.segment_id, ranked.profile_id, ranked.at.label("since")).where(
        ranked.place == 1, ranked.entered
    )
    return union_all(moved, frozen)

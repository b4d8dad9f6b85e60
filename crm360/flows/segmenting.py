"""Customers come into segments and leave them: tags follow, other systems hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm360.identity.queries import ProfileNotFound
from crm360.profiles import operations as profiles
from crm360.segments import keeping, queries
from crm360.segments.keeping import Moved
from crm360.segments.models import Segment
from crm360.webhooks import kinds, outbox
from crm360.webhooks.kinds import Happened


def work_off(*, now: datetime) -> int:
    """One step of `keeping.work_off` with all that follows from it; how many were looked at. The caller commits."""
    looked, moved = keeping.work_off(now=now)
    follow(moved, now=now)
    return looked


def follow(moved: Sequence[Moved], *, now: datetime) -> None:
    """Tags and outgoing events of who moved."""
    segments = {each: queries.get(each) for each in {one.segment_id for one in moved}}
    for each in moved:
        if segments[each.segment_id].tag:
            _tag(segments[each.segment_id], each, now)
    events = [
        Happened(
            kinds.ENTERED if each.entered else kinds.LEFT,
            each.profile_id,
            {"segment_id": each.segment_id, "segment": segments[each.segment_id].name},
        )
        for each in moved
    ]
    outbox.record(events=events, now=now)


def tagger(segment: Segment) -> str:
    """Who put a tag on: the rule, by its segment."""
    return f"segment:{segment.id}"


def _tag(segment: Segment, moved: Moved, now: datetime) -> None:
    try:
        if moved.entered:
            profiles.set_tag(profile_id=moved.profile_id, name=segment.tag, by=tagger(segment), now=now)
        else:
            profiles.remove_tag(
                profile_id=moved.profile_id, name=segment.tag, by=tagger(segment), now=now, only_of=tagger(segment)
            )
    except ProfileNotFound:
        return  # merged away since: what hung on it went along

"""A segment as a person one can picture, beside all customers; and the ways its members take."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from crm360.consents import stopping
from crm360.identity.models import Contact
from crm360.insights import figures, personas, reading
from crm360.insights.personas import Quote
from crm360.kernel.db import db
from crm360.segments import queries
from crm360.segments.models import Member, Segment

#: Pictures are drawn of so many at most: more would say the same.
SAMPLE = 1_500
#: Ways are told of so many at most.
WALKERS = 5_000
#: Spreads numbers evenly, and the same each time: a prime above any remainder.
_MIX, _OF = 7_919, 1_000_003


class Persona(NamedTuple):
    """`theirs` and `everybody` as `insights.personas.described`; `size` of the segment."""

    segment: Segment
    size: int
    theirs: dict[str, Any]
    everybody: dict[str, Any]
    quotes: list[Quote]


class Ways(NamedTuple):
    """Journeys as the page of journeys shows them, of `walkers` of the segment's `size` members."""

    segment: Segment
    size: int
    walkers: int
    told: dict[str, Any]


def of_segment(segment_id: int, *, now: datetime) -> Persona:
    """What is typical of a segment, of a sample of it. Raises NoSuchSegment."""
    segment = queries.get(segment_id)
    members = sampled(segment_id, SAMPLE)
    known = select(Contact.profile_id).where(Contact.profile_id.is_not(None), Contact.anonymous.is_(False))
    everybody = list(db.session.scalars(_mixed(known.group_by(Contact.profile_id), Contact.profile_id).limit(SAMPLE)))
    silenced = stopping.restricted(members, now=now) if members else set()
    return Persona(
        segment, queries.sizes([segment_id]).get(segment_id, 0), personas.described(members, now=now),
        personas.described(everybody, now=now),
        personas.quotes([each for each in members if each not in silenced], now=now),
    )  # fmt: skip


def ways_of(segment_id: int, *, now: datetime) -> Ways:
    """The paths of a segment's members and where they leave. Raises NoSuchSegment."""
    segment = queries.get(segment_id)
    members = sampled(segment_id, WALKERS)
    since = reading.window(now, figures.JOURNEY_DAYS)
    touches = reading.touches(since=since, until=now, profile_ids=members)
    known = set(members)
    answers = [each for each in reading.answers() if each.profile_id in known]
    told = {"days": figures.JOURNEY_DAYS, **figures.ways(touches, answers)}
    return Ways(segment, queries.sizes([segment_id]).get(segment_id, 0), len(members), told)


def sampled(segment_id: int, most: int) -> list[int]:
    """Members of a segment, evenly drawn where there are more, the same each time."""
    theirs = select(Member.profile_id).where(Member.segment_id == segment_id)
    return list(db.session.scalars(_mixed(theirs, Member.profile_id).limit(most)))


def _mixed(statement: Any, column: Any) -> Any:
    return statement.order_by(func.mod(column * _MIX, _OF), column)

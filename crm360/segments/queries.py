"""Questions about segments, their rules and their members. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, tuple_

from crm360.kernel import dialects, paging
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.profiles import feed
from crm360.segments import parsing, permitted, rules
from crm360.segments.compiler import Other, Setting
from crm360.segments.models import Change, Due, Member, Segment, Version
from crm360.segments.rules import Rule


class NoSuchSegment(NotFound):
    """No segment has this id."""


class Listed(NamedTuple):
    """A segment and how many are in it."""

    segment: Segment
    members: int


class Named(NamedTuple):
    """What a segment is called."""

    id: int
    name: str


class Page(NamedTuple):
    """Newest first; `next_cursor` None on the last page."""

    rows: list[Change]
    next_cursor: str | None


def get(segment_id: int) -> Segment:
    """Raises NoSuchSegment."""
    found = db.session.get(Segment, segment_id)
    if found is None:
        raise NoSuchSegment(f"There is no segment {segment_id}.")
    return found


def listed(*, archived: bool = False) -> list[Listed]:
    """Segments by name."""
    where = Segment.archived_at.is_not(None) if archived else Segment.archived_at.is_(None)
    found = list(db.session.scalars(select(Segment).where(where).order_by(Segment.name)))
    many = sizes(each.id for each in found)
    return [Listed(each, many.get(each.id, 0)) for each in found]


def names() -> list[Named]:
    """The segments in use, by name; `listed` counts their members, too."""
    query = select(Segment.id, Segment.name).where(Segment.archived_at.is_(None)).order_by(Segment.name)
    return [Named(*row) for row in db.session.execute(query)]


def sizes(segment_ids: Iterable[int]) -> dict[int, int]:
    """segment → how many members; those without any are left out."""
    query = select(Member.segment_id, func.count()).where(Member.segment_id.in_(list(segment_ids)))
    return dict(db.session.execute(query.group_by(Member.segment_id)).all())


def version(segment: Segment) -> Version | None:
    """The version in force; None of a segment without a rule."""
    return db.session.get(Version, (segment.id, segment.version)) if segment.version else None


def versions(segment_id: int) -> list[Version]:
    """Every version, the newest first."""
    query = select(Version).where(Version.segment_id == segment_id).order_by(Version.number.desc())
    return list(db.session.scalars(query))


def rule_of(segment: Segment) -> Rule | None:
    """The rule in force."""
    found = version(segment)
    return parsing.parse(found.rule) if found else None


def dynamic() -> dict[int, tuple[Segment, Rule]]:
    """Segments kept by their rule."""
    query = (
        select(Segment, Version.rule)
        .join(Version, (Version.segment_id == Segment.id) & (Version.number == Segment.version))
        .where(Segment.kind == "dynamic", Segment.archived_at.is_(None))
        .order_by(Segment.id)
    )
    return {segment.id: (segment, parsing.parse(rule)) for segment, rule in db.session.execute(query)}


def setting(now: datetime) -> Setting:
    """What rules are asked with at a moment."""
    return Setting(
        now=now,
        zone=dialects.shop_zone(db.session),
        permitted=permitted.conditions(now),
        others={number: Other(rule, segment.marketing) for number, (segment, rule) in dynamic().items()},
    )


def used_in(segment_id: int) -> list[Segment]:
    """Segments whose rule names this one."""
    return [segment for segment, rule in dynamic().values() if segment_id in named(rule)]


def named(rule: Rule) -> set[int]:
    """The segments a rule names."""
    return {leaf.segment for _, leaf in rule.leaves() if isinstance(leaf, rules.Belongs)}


def member_ids(segment_id: int, *, after: int = 0, limit: int | None = None) -> list[int]:
    """Profile ids of the members kept, ascending."""
    query = select(Member.profile_id).where(Member.segment_id == segment_id, Member.profile_id > after)
    return list(db.session.scalars(query.order_by(Member.profile_id).limit(limit)))


def since(segment_id: int, profile_ids: Collection[int]) -> dict[int, datetime]:
    """profile → since when a member."""
    query = select(Member.profile_id, Member.since).where(Member.segment_id == segment_id)
    return dict(db.session.execute(query.where(Member.profile_id.in_(profile_ids))).all())


def segments_of(profile_id: int) -> list[tuple[Segment, datetime]]:
    """The segments a customer is in, and since when."""
    query = select(Segment, Member.since).join(Member, Member.segment_id == Segment.id)
    rows = db.session.execute(
        query.where(Member.profile_id == profile_id, Segment.archived_at.is_(None)).order_by(Segment.name)
    )
    return [(segment, at) for segment, at in rows]


def changes(segment_id: int, *, before: str | None = None, limit: int = 50) -> Page:
    """Who came and went, newest first. Raises BadCursor."""
    query = select(Change).where(Change.segment_id == segment_id)
    if before:
        query = query.where(tuple_(Change.at, Change.id) < tuple_(*paging.moment(before)))
    rows = list(db.session.scalars(query.order_by(Change.at.desc(), Change.id.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, paging.encode(rows[-1].at, rows[-1].id) if more else None)


def moved(segment_id: int, *, since: datetime) -> Mapping[str, int]:
    """How many came ("entered") and went ("left") since a moment."""
    query = select(Change.entered, func.count()).where(Change.segment_id == segment_id, Change.at >= since)
    found = dict(db.session.execute(query.group_by(Change.entered)).all())
    return {"entered": found.get(True, 0), "left": found.get(False, 0)}


def settled(segment: Segment, now: datetime) -> bool:
    """Whether the members kept are those of this very moment."""
    if segment.kind != "dynamic":
        return True
    due = select(Due.profile_id).where(Due.segment_id == segment.id, Due.due_at <= now).limit(1)
    return segment.built_version == segment.version and not feed.anything() and db.session.scalar(due) is None

"""Segments made, changed, filled and frozen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid
from crm360.profiles import feed, tagging
from crm360.segments import carrying, counting, keeping, parsing, queries, rules
from crm360.segments.models import Due, Member, Segment, Version
from crm360.segments.parsing import BadRule
from crm360.segments.rules import Rule

LONGEST_NAME = 80
KINDS = ("dynamic", "static", "snapshot")


class BadSegment(Invalid):
    """A segment that cannot be kept so."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, errors={field: [message]})


def create(
    *, name: str, by: str, now: datetime, rule: Any = None, description: str = "", marketing: bool = True, tag: str = "",
    kind: str = "",
) -> Segment:  # fmt: skip
    """A new segment: dynamic with a rule (a document), static without. Raises BadSegment, BadRule."""
    kind = kind or ("dynamic" if rule is not None else "static")
    segment = Segment(kind=kind, created_at=now, created_by=by, version=0, built_version=0)
    _describe(segment, name, description, marketing, tag)
    db.session.add(segment)
    db.session.flush()
    if rule is not None:
        set_rule(segment_id=segment.id, rule=rule, by=by, now=now)
    return segment


def describe(*, segment_id: int, name: str, description: str, marketing: bool, tag: str, now: datetime) -> Segment:
    """Another name, description, tag; whether it serves marketing. Raises NoSuchSegment, BadSegment."""
    segment = queries.get(segment_id)
    rebuild = segment.marketing != marketing or segment.tag != tag.strip()
    _describe(segment, name, description, marketing, tag)
    if rebuild and segment.kind == "dynamic":
        segment.built_version = 0
    db.session.flush()
    return segment


def set_rule(*, segment_id: int, rule: Any, by: str, now: datetime) -> Segment:
    """Another rule, as a new version; the same rule changes nothing. Raises NoSuchSegment, BadSegment, BadRule."""
    segment, read = queries.get(segment_id), parsing.parse(rule)
    if segment.kind != "dynamic":
        raise BadSegment("rule", "Only a dynamic segment has a rule.")
    check(read, segment_id=segment_id)
    written = parsing.document(read)
    before = queries.version(segment)
    if before is None or before.rule != written:
        segment.version += 1
        db.session.add(Version(segment_id=segment.id, number=segment.version, rule=written, made_at=now, made_by=by))
        db.session.flush()
    return segment


def check(rule: Rule, *, segment_id: int | None) -> None:
    """That the segments a rule names are there and do not lead back to it. Raises BadRule."""
    known = {number: queries.named(other) for number, (_, other) in queries.dynamic().items()}
    there = set(db.session.scalars(select(Segment.id).where(Segment.archived_at.is_(None))))
    for place, leaf in rule.leaves():
        if isinstance(leaf, rules.Belongs):
            if leaf.segment not in there:
                raise BadRule(f"{place}.segment", f"There is no segment {leaf.segment}.")
            if segment_id is not None and segment_id in _reached(leaf.segment, known):
                raise BadRule(
                    f"{place}.segment", "That segment is made of this one: a segment cannot be part of itself."
                )


def _reached(start: int, named: dict[int, set[int]]) -> set[int]:
    seen, ahead = set(), [start]
    while ahead:
        each = ahead.pop()
        if each not in seen:
            seen.add(each)
            ahead += named.get(each, set())
    return seen


def add_members(*, segment_id: int, profile_ids: Collection[int], by: str, now: datetime) -> list[keeping.Moved]:
    """Put customers into a static segment. Raises NoSuchSegment, BadSegment."""
    segment = _static(segment_id)
    there = set(queries.since(segment_id, profile_ids))
    return _moved(segment, set(profile_ids) - there, True, now)


def remove_members(*, segment_id: int, profile_ids: Collection[int], by: str, now: datetime) -> list[keeping.Moved]:
    """Take customers out of a static segment. Raises NoSuchSegment, BadSegment."""
    segment, ids = _static(segment_id), set(queries.since(segment_id, profile_ids))
    return _moved(segment, ids | carrying.merged_into(segment_id, ids), False, now)


def _moved(segment: Segment, profile_ids: Collection[int], entered: bool, now: datetime) -> list[keeping.Moved]:
    moved = [keeping.Moved(segment.id, each, entered, "staff", now) for each in sorted(profile_ids)]
    keeping.write(moved, {segment.id: segment.version}, now=now)
    feed.mark(profile_ids, now=now)  # segments made of this one
    return moved


def freeze(*, segment_id: int, name: str, by: str, now: datetime) -> Segment:
    """A snapshot of who is in a segment at `now`; it never changes but for erasures. Raises NoSuchSegment, BadSegment."""
    origin = queries.get(segment_id)
    ids = counting.members(segment_id=segment_id, now=now)
    segment = create(
        name=name, by=by, now=now, description=origin.description, marketing=origin.marketing, kind="snapshot"
    )
    segment.origin_id = origin.id
    for chunk in chunked(ids):
        rows = [{"segment_id": segment.id, "profile_id": each, "since": now} for each in chunk]
        dialects.insert_new(db.session, table_of(Member), rows, ["segment_id", "profile_id"])
    db.session.flush()
    return segment


def archive(*, segment_id: int, now: datetime) -> Segment:
    """Put a segment away: it is kept up to date no more. Raises NoSuchSegment, BadSegment when others are made of it."""
    segment = queries.get(segment_id)
    if users := queries.used_in(segment_id):
        raise BadSegment("segment", f"The segment {users[0].name!r} is made of this one.")
    segment.archived_at = now
    db.session.execute(delete(Due).where(Due.segment_id == segment_id))
    db.session.flush()
    return segment


def restore(*, segment_id: int) -> Segment:
    """Take an archived segment out again; a dynamic one is built anew. Raises NoSuchSegment."""
    segment = queries.get(segment_id)
    segment.archived_at, segment.built_version = None, 0
    db.session.flush()
    return segment


def _static(segment_id: int) -> Segment:
    segment = queries.get(segment_id)
    if segment.kind != "static":
        raise BadSegment("segment", "Only a static segment is filled by hand.")
    return segment


def _describe(segment: Segment, name: str, description: str, marketing: bool, tag: str) -> None:
    name, tag = " ".join(name.split()), tag.strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadSegment("name", f"A name has 1 to {LONGEST_NAME} characters.")
    taken = select(Segment.id).where(Segment.name == name, Segment.id != (segment.id or 0))
    if db.session.scalar(taken) is not None:
        raise BadSegment("name", "There is a segment of this name.")
    segment.name, segment.description, segment.marketing = name, description.strip()[:500], marketing
    segment.tag = tagging.written(tag) if tag else ""

"""Why somebody is, or was, in each segment: its rule in words and as data, what of it they meet, when they came and went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.kernel.iso8601 import zulu
from crm360.segments import describing, parsing, queries, tracing
from crm360.segments.models import Change, Member, Segment, Version

Row = dict[str, Any]


def segments_of(profile_id: int, *, locale: str, now: datetime) -> list[Row]:
    """One row per segment the customer is or was in, by name."""
    changes: defaultdict[int, list[Change]] = defaultdict(list)
    for change in db.session.scalars(
        select(Change).where(Change.profile_id == profile_id).order_by(Change.at, Change.id)
    ):
        changes[change.segment_id].append(change)
    since = dict(
        db.session.execute(select(Member.segment_id, Member.since).where(Member.profile_id == profile_id)).all()
    )
    ids = {*changes, *since}
    names = dict(db.session.execute(select(Segment.id, Segment.name)).all())
    segments = db.session.scalars(select(Segment).where(Segment.id.in_(ids)).order_by(Segment.name))
    return [_row(each, changes[each.id], since.get(each.id), profile_id, locale, names, now) for each in segments]


def _row(
    segment: Segment, changes: list[Change], since: datetime | None, profile_id: int, locale: str,
    names: Mapping[int, str], now: datetime,
) -> Row:  # fmt: skip
    numbers = {change.version for change in changes if change.version} | ({segment.version} if since else set())
    found = {number: db.session.get(Version, (segment.id, number)) for number in sorted(numbers)}
    rules = [{"version": number, "since": zulu(said.made_at), "in_words": _words(said, locale, names), "rule": said.rule}
             for number, said in found.items() if said is not None]  # fmt: skip
    why = rules[-1]["in_words"] if rules else _HOW[segment.kind]
    return {
        "name": f"segment: {segment.name}", "why": why, "kind": segment.kind, "is_member": since is not None,
        "since": zulu(since) if since else "", "serves_marketing": segment.marketing, "rules": rules,
        "conditions": _conditions(segment, profile_id, locale, names, now) if since else [],
        "history": [{"at": zulu(each.at), "what": "entered" if each.entered else "left", "because": each.reason,
                     "rule_version": each.version} for each in changes],
    }  # fmt: skip


_HOW = {
    "static": "put in by a colleague",
    "snapshot": "a copy of another segment on a day",
    "dynamic": "kept by a rule",
}


def _words(said: Version, locale: str, names: Mapping[int, str]) -> str:
    try:
        rule = parsing.parse(said.rule)
    except parsing.BadRule:  # of a version whose words are no longer read: the rule itself is told beside this
        return _HOW["dynamic"]
    return describing.sentence(rule, locale, names=dict(names))


def _conditions(
    segment: Segment, profile_id: int, locale: str, names: Mapping[int, str], now: datetime
) -> list[Row]:  # fmt: skip
    """What of the rule in force they meet at this moment; nothing of one that is no longer read."""
    try:
        rule = queries.rule_of(segment)
    except parsing.BadRule:
        return []
    if rule is None or segment.kind != "dynamic":
        return []
    traced = tracing.trace(rule, [profile_id], queries.setting(now), marketing=segment.marketing)[profile_id]
    return [
        {"condition": describing.phrase(leaf, locale, names=dict(names)), "met": traced.answers[place].met}
        for place, leaf in rule.leaves()
    ]

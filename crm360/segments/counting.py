"""How many, and who, at this very moment: a rule asked of everybody. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.kernel.db import db
from crm360.kernel.expressions import listed
from crm360.profiles.models import GoldenRecord
from crm360.segments import carrying, compiler, queries
from crm360.segments.compiler import Setting
from crm360.segments.rules import Group, Rule


class Count(NamedTuple):
    """How many meet a rule, how many do but are kept out for privacy, of how many customers."""

    matched: int
    excluded: int
    customers: int


class Condition(NamedTuple):
    """One condition at its place: how many meet it alone, and how many the rule would have without it."""

    place: str
    alone: int
    without: int


def count(rule: Rule, *, marketing: bool, now: datetime, setting: Setting | None = None) -> Count:
    """Exact at `now`."""
    asked = setting or queries.setting(now)
    met = _many(compiler.customers(rule, asked, marketing=marketing))
    out = select(GoldenRecord.profile_id).where(compiler.excluded(marketing, now))
    kept_out = list(db.session.scalars(out))
    hidden = _many(compiler.whoever(rule, asked).where(listed(GoldenRecord.profile_id, kept_out))) if kept_out else 0
    return Count(met, hidden, int(db.session.scalar(select(func.count()).select_from(GoldenRecord)) or 0))


def conditions(rule: Rule, *, marketing: bool, now: datetime, setting: Setting | None = None) -> list[Condition]:
    """Each condition counted, in the order of reading."""
    asked = setting or queries.setting(now)
    return [
        Condition(
            place,
            _many(compiler.meeting(leaf, asked)),
            _many(compiler.customers(without(rule, place), asked, marketing=marketing)),
        )
        for place, leaf in rule.leaves()
    ]


def who(rule: Rule, *, marketing: bool, now: datetime, setting: Setting | None = None) -> list[int]:
    """Profile ids that meet a rule, ascending."""
    asked = setting or queries.setting(now)
    query = compiler.customers(rule, asked, marketing=marketing)
    return sorted(db.session.scalars(query))


def members(*, segment_id: int, now: datetime) -> list[int]:
    """Profile ids in a segment at `now`, ascending: of a dynamic one by its rule, of others as kept, without those privacy
    keeps out. Whoever a snapshot's customer is part of now stands for them. Raises NoSuchSegment."""
    segment = queries.get(segment_id)
    rule = queries.rule_of(segment) if segment.kind == "dynamic" else None
    if rule is not None:
        return who(rule, marketing=segment.marketing, now=now)
    kept = set(queries.member_ids(segment_id))
    if segment.kind == "snapshot":
        kept = {now_part_of for each, now_part_of in carrying.holders(kept).items() if each in kept}
    query = select(GoldenRecord.profile_id).where(
        listed(GoldenRecord.profile_id, sorted(kept)), ~compiler.excluded(segment.marketing, now)
    )
    return sorted(db.session.scalars(query))


def without(rule: Rule, place: str) -> Rule:
    """A rule less what stands at a place."""
    if place in ("match", "except"):
        return replace(rule, but_not=None) if place == "except" else replace(rule, match=Group("all"))
    top, *steps = _steps(place)
    if top == "except" and rule.but_not:
        return replace(rule, but_not=_less(rule.but_not, [int(each) for each in steps]))
    return replace(rule, match=_less(rule.match, [int(each) for each in steps]))


def _less(group: Group, steps: list[int]) -> Group:
    here, *deeper = steps
    part = group.of[here]
    kept = (_less(part, deeper),) if deeper and isinstance(part, Group) else ()
    return replace(group, of=(*group.of[:here], *kept, *group.of[here + 1 :]))


def _steps(place: str) -> Iterator[str]:
    top, *rest = place.split(".of[")
    yield top
    yield from (each.rstrip("]") for each in rest)


def _many(query: object) -> int:
    return int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)  # type: ignore[attr-defined]

"""What an administrator should look at: values shared by many, profiles grown large, contacts that contradict inside one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.identity import guards
from crm360.identity.models import Contact, WeakValue
from crm360.kernel.db import db


class Large(NamedTuple):
    """A profile of many contacts."""

    profile_id: int
    contacts: int


class Contradiction(NamedTuple):
    """Two contacts of one profile that a guard would keep apart: only a person's merge can have joined them."""

    profile_id: int
    left_id: int
    right_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Shared:
    """An identifier value that joins nobody, and why; `count` people or contacts, up to the limit counted."""

    kind: str
    value: str
    reason: str
    count: int


def large_profiles(*, least: int = 8, limit: int = 50) -> list[Large]:
    """Profiles of at least so many named contacts, largest first."""
    size = func.count()
    query = (
        select(Contact.profile_id, size)
        .where(Contact.profile_id.is_not(None), Contact.anonymous.is_(False))
        .group_by(Contact.profile_id)
        .having(size >= least)
        .order_by(size.desc(), Contact.profile_id)
        .limit(limit)
    )
    return [Large(*row) for row in db.session.execute(query)]


def contradictions(*, limit: int = 50) -> list[Contradiction]:
    """Hard conflicts inside profiles; reads the contacts once, profile by profile."""
    found: list[Contradiction] = []
    for profile, members in _members():
        for (left, mine), (right, theirs) in combinations(members, 2):
            if reason := guards.conflict(mine, theirs):
                found.append(Contradiction(profile, left, right, reason))
        if len(found) >= limit:
            break
    return found[:limit]


def shared_identifiers(*, limit: int = 200) -> list[Shared]:
    """Identifier values learned to belong to several people ."""
    query = select(WeakValue).order_by(WeakValue.count.desc(), WeakValue.key)
    rows = db.session.scalars(query.limit(limit))
    return [Shared(kind, value, row.reason, row.count) for row in rows for kind, _, value in [row.key.partition(":")]]


def _members() -> Iterator[tuple[int, list[tuple[int, dict[str, object]]]]]:
    query = (
        select(Contact.profile_id, Contact.id, Contact.compared)
        .where(Contact.profile_id.is_not(None))
        .order_by(Contact.profile_id, Contact.id)
        .execution_options(yield_per=5_000)
    )
    profile: int | None = None
    members: list[tuple[int, dict[str, object]]] = []
    for at, contact, compared in db.session.execute(query):
        if at != profile:
            if profile is not None and len(members) > 1:
                yield profile, members
            profile, members = at, []
        members.append((contact, compared))
    if profile is not None and len(members) > 1:
        yield profile, members

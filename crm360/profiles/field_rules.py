"""How the value of each field is chosen among sources: what is usual, what an administrator set, and applying a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, func, select, update

from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid
from crm360.profiles import composing, feed, operations, survivorship
from crm360.profiles.models import FieldRule, GoldenRecord

#: Fields chosen one by one; the parts of an address are chosen together, as "address".
FIELDS = (
    "given_name", "family_name", "full_name", "company", "job_title", "gender", "birth_date", "birth_place", "locale", "joined_on",
    "email", "phone", "card", "address",
)  # fmt: skip
#: Golden records chosen anew in one transaction.
AT_ONCE = 5_000


class BadFieldRule(Invalid):
    """The field cannot be chosen so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"rule": [reason]})


def set_rule(*, field: str, rule: str, by: str, now: datetime) -> bool:
    """Choose a field by another rule from now on; whether that is a change. Waits for `apply_rules`. Raises BadFieldRule."""
    if field not in FIELDS or rule not in survivorship.rules_for(field):
        raise BadFieldRule(f"{field!r} cannot be chosen by {rule!r}.")
    if composing.rules_in_force().get(field, survivorship.default_rule(field)) == rule:
        return False
    row = {"field": field, "rule": rule, "set_at": now, "set_by": by, "applied_at": None}
    dialects.upsert(db.session, table_of(FieldRule), [row], ["field"])
    return True


def in_force() -> dict[str, str]:
    """field → rule, usual ones included."""
    set_by_staff = composing.rules_in_force()
    return {name: set_by_staff.get(name, survivorship.default_rule(name)) for name in FIELDS}


def set_rules() -> Mapping[str, FieldRule]:
    """field → the rule an administrator set."""
    return {each.field: each for each in db.session.scalars(select(FieldRule))}


def rules_wait() -> bool:
    """Whether golden records exist that an older rule chose."""
    return bool(db.session.scalar(select(exists().where(FieldRule.applied_at.is_(None)))))


def left_to_do() -> int:
    """How many golden records an older rule chose."""
    since = select(func.max(FieldRule.set_at)).where(FieldRule.applied_at.is_(None)).scalar_subquery()
    return int(db.session.scalar(select(func.count()).where(GoldenRecord.refreshed_at < since)) or 0)


def next_ones(*, at_once: int = AT_ONCE) -> list[int]:
    """Profiles whose golden records are chosen anew next: older than the last change of a rule."""
    since = select(func.max(FieldRule.set_at)).where(FieldRule.applied_at.is_(None)).scalar_subquery()
    stale = select(GoldenRecord.profile_id).where(GoldenRecord.refreshed_at < since)
    return list(db.session.scalars(stale.order_by(GoldenRecord.profile_id).limit(at_once)))


def apply_rules(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Choose anew the golden records older than the last change of a rule, `at_once` of them; returns how many."""
    if not rules_wait():
        return 0
    ids = next_ones(at_once=at_once)
    operations.refresh(profile_ids=ids, now=now)
    feed.mark(ids, now=now)
    if len(ids) < at_once:
        db.session.execute(update(FieldRule).where(FieldRule.applied_at.is_(None)).values(applied_at=now))
    return len(ids)

"""What people rule of identifier values and limits, as the computation of who is who asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select

from crm360.identity import limits
from crm360.identity.models import Limit, ValueRule, ValueRuleLifted
from crm360.kernel import asking
from crm360.kernel.db import db
from crm360.kernel.dialects import Among

BLOCKED, PERSONAL = "blocked", "personal"
_IN_FORCE = select(ValueRule.key).where(~exists().where(ValueRuleLifted.rule_id == ValueRule.id))
_AMONG = {rule: _IN_FORCE.where(ValueRule.rule == rule, Among(ValueRule.key)) for rule in (BLOCKED, PERSONAL)}
_ALL = {rule: _IN_FORCE.where(ValueRule.rule == rule) for rule in (BLOCKED, PERSONAL)}
_LIMITS = select(Limit.kind, Limit.most)


def blocked(keys: Iterable[str] | None = None) -> frozenset[str]:
    """Those of `keys` (`kind:normal`; None: of all) that count for nothing."""
    return _ruled(BLOCKED, keys)


def personal(keys: Iterable[str] | None = None) -> frozenset[str]:
    """Those of `keys` (None: of all) that are one person's own, whatever names are seen with them."""
    return _ruled(PERSONAL, keys)


def limits_in_force() -> dict[str, int]:
    """kind → how many a profile collects by evidence alone; 0: any number. Beside them, "bulk" (see `limits.BULK`)."""
    return {**limits.USUAL, **dict(asking.rows(db.session, _LIMITS))}


def _ruled(rule: str, keys: Iterable[str] | None) -> frozenset[str]:
    if keys is None:
        return frozenset(asking.scalars(db.session, _ALL[rule]))
    listed = set(keys)
    return frozenset(asking.scalars(db.session, _AMONG[rule], values=listed)) if listed else frozenset()

"""An administrator rules on values, limits and fields: the partition and what is derived from it follow."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import announcing, refresh
from crm360.identity import limit_setting, value_rules
from crm360.identity.value_rules import Effect
from crm360.profiles import field_rules


def rule_value(
    *, kind: str, value: str, rule: str, by: str, reason: str = "", region: str = "PL", now: datetime
) -> Effect:
    """A value joins nobody, or is one person's own. Raises BadRule, AlreadyRuled."""
    effect = value_rules.rule_value(kind=kind, value=value, rule=rule, by=by, reason=reason, region=region, now=now)
    return _shown(effect, now)


def lift(*, rule_id: int, by: str, now: datetime) -> Effect:
    """The value counts again as the whole base says. Raises RuleNotFound."""
    return _shown(value_rules.lift(rule_id=rule_id, by=by, now=now), now)


def something_waits() -> bool:
    """Whether a limit or a field's rule was set that has not reached every customer yet."""
    return limit_setting.limits_wait() or field_rules.rules_wait()


def apply(*, now: datetime) -> int:
    """Bring customers up to date with new limits and rules of fields, some thousands at a time; returns how many."""
    touched = limit_setting.apply_limits(now=now) if limit_setting.limits_wait() else set()
    refresh.profiles(touched, now=now)
    with announcing.changes_of(field_rules.next_ones(), now=now):
        return len(touched) + field_rules.apply_rules(now=now)


def _shown(effect: Effect, now: datetime) -> Effect:
    refresh.profiles(effect.profile_ids, changed_contacts=effect.contact_ids, now=now)
    return effect

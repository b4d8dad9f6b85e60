"""Ruling that a value joins nobody or is one person's own, lifting such rules, and reading them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import exists, func, insert, select

from crm360.identity import group_keys, ruling
from crm360.identity.compared import JOINING, Compared
from crm360.identity.models import Contact, ContactIdentifier, ValueRule, ValueRuleLifted
from crm360.identity.resolving import resolve
from crm360.identity.restating import restate
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound
from crm360.normalise import identifiers
from crm360.normalise.text import clean

#: Kinds whose values can be ruled.
KINDS: tuple[str, ...] = (*JOINING, "tax_id")
RULES = (ruling.BLOCKED, ruling.PERSONAL)
#: More records than one person has; comparing all of them with each other would take hours.
MOST_PERSONAL = 500
LONGEST = 200
_BATCH = 500


class BadRule(Invalid):
    """The value cannot be ruled so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"value": [reason]})


class AlreadyRuled(Conflict):
    """A rule of this value is in force."""


class RuleNotFound(NotFound):
    """No rule in force has this id."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule and who would feel it. `carriers`: records that hold the value."""

    id: int
    kind: str
    normal: str
    value: str
    rule: str
    reason: str
    made_at: datetime
    made_by: str
    carriers: int
    lifted_at: datetime | None = None
    lifted_by: str = ""


class Effect(NamedTuple):
    """The rule's id, the records whose values were read anew, and the profiles they touched."""

    rule_id: int
    contact_ids: list[int]
    profile_ids: set[int]


def rule_value(
    *, kind: str, value: str, rule: str, by: str, reason: str = "", region: str = "PL", now: datetime
) -> Effect:
    """Let `value` join nobody (blocked), or be one person's own (personal), until the rule is lifted.

    Everybody who carries it is resolved again. Raises BadRule, AlreadyRuled.
    """
    key, typed = _key(kind, value, region)
    if rule not in RULES:
        raise BadRule(f"{rule!r} is no rule.")
    dialects.lock_partition(db.session)
    if db.session.scalar(select(ValueRule.id).where(ValueRule.key == key, _in_force())) is not None:
        raise AlreadyRuled("There is a rule for this value already. Lift it first.")
    carriers = _carriers(key)
    if rule == ruling.PERSONAL and len(carriers) > MOST_PERSONAL:
        raise BadRule("More than 500 records carry this value: it cannot be one person\u2019s.")
    row = {"key": key, "value": typed, "rule": rule, "reason": reason.strip(), "made_at": now, "made_by": by}
    rule_id = db.session.scalar(insert(ValueRule).returning(ValueRule.id), row)
    return Effect(cast("int", rule_id), carriers, _heard(key, carriers, now))


def lift(*, rule_id: int, by: str, now: datetime) -> Effect:
    """Take a rule back; who carries the value is resolved again. Raises RuleNotFound."""
    dialects.lock_partition(db.session)
    found = db.session.scalar(select(ValueRule).where(ValueRule.id == rule_id, _in_force()))
    if found is None:
        raise RuleNotFound("This rule is not in force.")
    db.session.execute(insert(ValueRuleLifted).values(rule_id=rule_id, lifted_at=now, lifted_by=by))
    carriers = _carriers(found.key)
    return Effect(rule_id, carriers, _heard(found.key, carriers, now))


def rules(*, rule: str | None = None, past: bool = False, after: int = 0, limit: int = 50) -> list[Ruled]:
    """Rules in force (`past`: those lifted), the latest first, below the id `after` when that is given."""
    size = select(func.count()).select_from(ContactIdentifier).where(_key_column() == ValueRule.key).scalar_subquery()
    query = select(ValueRule, ValueRuleLifted, size).outerjoin(ValueRuleLifted)
    query = query.where(ValueRuleLifted.rule_id.is_not(None) if past else ValueRuleLifted.rule_id.is_(None))
    if rule is not None:
        query = query.where(ValueRule.rule == rule)
    if after:
        query = query.where(ValueRule.id < after)
    rows = db.session.execute(query.order_by(ValueRule.id.desc()).limit(limit))
    return [_told(made, lifted, carriers) for made, lifted, carriers in rows]


def rule_of(keys: Iterable[str]) -> dict[str, ValueRule]:
    """key → the rule in force of it, for those that have one."""
    found = db.session.scalars(select(ValueRule).where(ValueRule.key.in_(sorted(set(keys))), _in_force()))
    return {rule.key: rule for rule in found}


def _told(made: ValueRule, lifted: ValueRuleLifted | None, carriers: int) -> Ruled:
    kind, _, normal = made.key.partition(":")
    return Ruled(
        made.id, kind, normal, made.value, made.rule, made.reason, made.made_at, made.made_by, carriers,
        lifted.lifted_at if lifted else None, lifted.lifted_by if lifted else "",
    )  # fmt: skip


def _key(kind: str, value: str, region: str) -> tuple[str, str]:
    """The key and the value as typed. What no identifier can hold is kept as it is: nobody may ever carry it."""
    typed = " ".join(clean(value).split())
    if kind not in KINDS:
        raise BadRule(f"{kind!r} is no kind of value.")
    if not typed or len(typed) > LONGEST:
        raise BadRule("Type a value, such as an e-mail address or a number.")
    normal = identifiers.normal(cast("identifiers.IdentifierKind", kind), typed, region=region)
    return f"{kind}:{normal or typed}", typed


def _heard(key: str, carriers: Sequence[int], now: datetime) -> set[int]:
    before: dict[int, Compared] = {}
    for batch in chunked(carriers, _BATCH):
        before |= restate(batch)
        group_keys.follow(contact_ids=batch)
    touched: set[int] = set()
    for part in chunked(carriers, _BATCH):
        touched |= resolve(contact_ids=part, before=before, also=[key], now=now)
    return touched


def _carriers(key: str) -> list[int]:
    kind, _, normal = key.partition(":")
    query = (
        select(ContactIdentifier.contact_id)
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .where(ContactIdentifier.kind == kind, ContactIdentifier.normal == normal, Contact.anonymous.is_(False))
    )
    return sorted(db.session.scalars(query))


def _in_force():  # type: ignore[no-untyped-def]
    return ~exists().where(ValueRuleLifted.rule_id == ValueRule.id)


def _key_column():  # type: ignore[no-untyped-def]
    return ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)

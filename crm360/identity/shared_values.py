"""A profile's identifiers, each with the reason why it joins nobody, if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, cast

from sqlalchemy import exists, func, select

from crm360.identity import ruling, value_rules
from crm360.identity.compared import weak_by_nature
from crm360.identity.models import Contact, ContactIdentifier, ValueRule, ValueRuleLifted, WeakValue
from crm360.kernel.db import db
from crm360.normalise import identifiers


class Weak(NamedTuple):
    """Why a value points at nobody. `seen`: names or records it was seen with (as far as counted), 0 by its nature."""

    reason: str
    seen: int = 0


class Marked(NamedTuple):
    """An identifier; `weak` None when it can join records."""

    identifier: ContactIdentifier
    weak: Weak | None


class Standing(NamedTuple):
    """A value, how many records and customers carry it, why it joins nobody, and what staff ruled of it."""

    kind: str
    normal: str
    records: int
    customers: int
    weak: Weak | None
    rule: ValueRule | None


def marked_identifiers(profile_id: int) -> list[Marked]:
    """Every identifier of the profile's contacts by kind, the most recently seen first; one statement."""
    key = ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)
    lifted = exists().where(ValueRuleLifted.rule_id == ValueRule.id)
    rule = select(ValueRule.rule).where(ValueRule.key == key, ~lifted).limit(1).scalar_subquery()
    query = (
        select(ContactIdentifier, WeakValue, rule)
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .outerjoin(WeakValue, WeakValue.key == key)
        .where(Contact.profile_id == profile_id)
        .order_by(ContactIdentifier.kind, ContactIdentifier.last_seen_at.desc(), ContactIdentifier.id)
    )
    return [
        Marked(each, _weak(each.kind, each.normal, learned, ruled=ruled))
        for each, learned, ruled in db.session.execute(query)
    ]


def standing(text: str, *, region: str) -> list[Standing]:
    """Everything a typed value may be, as far as somebody carries it, it is ruled, or it is nobody's by its nature."""
    readings = {
        kind: identifiers.normal(cast("identifiers.IdentifierKind", kind), text, region=region)
        or " ".join(text.split())
        for kind in value_rules.KINDS
    }
    keys = {_key(kind, normal): (kind, normal) for kind, normal in readings.items()}
    carried = _carried(list(keys))
    learned = {row.key: row for row in db.session.scalars(select(WeakValue).where(WeakValue.key.in_(keys)))}
    rules = value_rules.rule_of(keys)
    found = []
    for key, (kind, normal) in keys.items():
        records, customers = carried.get(key, (0, 0))
        weak = _weak(kind, normal, learned.get(key), ruled=rules[key].rule if key in rules else None)
        if records or key in rules:
            found.append(Standing(kind, normal, records, customers, weak, rules.get(key)))
    return found


def fills_a_form(text: str, *, region: str) -> bool:
    """Whether a text holds no e-mail address, phone or card number, or one that everybody types."""
    for kind in ("email",) if "@" in text else ("phone", "card"):
        normal = identifiers.normal(cast("identifiers.IdentifierKind", kind), text, region=region)
        if normal is not None and not identifiers.is_placeholder(cast("identifiers.IdentifierKind", kind), normal):
            return False
    return True


def nobodys_by_nature(*, least: int = 2, limit: int = 50) -> Iterator[Standing]:
    """Placeholders and offices' addresses that several records carry, those of most first; none staff overruled."""
    records, personal = func.count(), ruling.personal()
    query = (  # read from the index alone; whose the few are that stay is asked afterwards
        select(ContactIdentifier.kind, ContactIdentifier.normal)
        .where(ContactIdentifier.kind.in_(("email", "phone", "card")))
        .group_by(ContactIdentifier.kind, ContactIdentifier.normal)
        .having(records >= least)
        .order_by(records.desc(), ContactIdentifier.kind, ContactIdentifier.normal)
    )
    shared = (
        (kind, normal, weak)
        for kind, normal in db.session.execute(query)
        if (weak := _weak(kind, normal, None)) and _key(kind, normal) not in personal
    )
    found = list(islice(shared, limit))
    carried = _carried([_key(kind, normal) for kind, normal, _ in found])
    for kind, normal, weak in found:
        yield Standing(kind, normal, *carried[_key(kind, normal)], weak, None)


def _carried(keys: list[str]) -> dict[str, tuple[int, int]]:
    """key → (records, customers)."""
    key = ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)
    query = (
        select(key, func.count(), func.count(func.distinct(Contact.profile_id)))
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .where(ContactIdentifier.kind.in_(value_rules.KINDS))
        .where(ContactIdentifier.normal.in_({each.partition(":")[2] for each in keys}))
        .group_by(ContactIdentifier.kind, ContactIdentifier.normal)
    )
    return {name: (records, customers) for name, records, customers in db.session.execute(query) if name in keys}


def _key(kind: str, normal: str) -> str:
    return f"{kind}:{normal}"


def _weak(kind: Any, normal: str, learned: WeakValue | None, *, ruled: str | None = None) -> Weak | None:
    if ruled == ruling.BLOCKED:
        return Weak("blocked")
    if identifiers.is_placeholder(kind, normal):
        return Weak("placeholder")
    if ruled == ruling.PERSONAL:
        return None
    if weak_by_nature(kind, normal):
        return Weak("function")
    return Weak(learned.reason, learned.count) if learned else None

"""A rule to one SELECT of customers, for either database. Facts hang on contacts; whose they are is read at that moment."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import aliased

from crm360.commerce.models import CustomerValue
from crm360.consents.models import Stop, StopLifted
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.expressions import BearsWord, Folded, JsonText, Shifted, listed
from crm360.profiles import points
from crm360.profiles.models import GoldenRecord, Tag
from crm360.segments import behaviour, catalog, rules
from crm360.segments.models import Member
from crm360.segments.rules import Group, Leaf, Rule

#: Stops that keep a customer out of every segment, and of those that serve marketing.
ALWAYS_OUT = ("erased", "restriction", "deceased")
MARKETING_OUT = (*ALWAYS_OUT, "objection_marketing")
#: Numbers of value that are nought for who never bought.
_NOUGHT = frozenset({"orders", "purchase_days", "returns", "spend", "abandoned_carts"})
_PRIME = 2**31 - 1
DRAWS = 10_000


class Other(NamedTuple):
    """Another segment as a rule may name it: its rule, or None when its members are listed."""

    rule: Rule | None
    marketing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a rule is asked with. `permitted` selects whom we may reach; `others` knows the segments it names."""

    now: datetime
    zone: ZoneInfo
    permitted: Callable[[str, str], Any]
    others: Mapping[int, Other] = field(default_factory=dict)
    #: Only these customers are asked about; None: everybody.
    only: tuple[int, ...] | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


_WHO = GoldenRecord.profile_id


def customers(rule: Rule, setting: Setting, *, marketing: bool) -> Select[Any]:
    """SELECT of the profile ids that meet a rule, without those privacy keeps out."""
    return select(_WHO).where(_rule(rule, setting), ~excluded(marketing, setting.now))


def whoever(rule: Rule, setting: Setting) -> Select[Any]:
    """The same, privacy aside."""
    return select(_WHO).where(_rule(rule, setting))


def in_segment(segment_id: int) -> Select[Any]:
    """SELECT of the members kept."""
    return select(Member.profile_id).where(Member.segment_id == segment_id)


def meeting(part: Group | Leaf, setting: Setting) -> Select[Any]:
    """SELECT of the profile ids that meet one condition, privacy aside."""
    return select(_WHO).where(_part(part, setting))


def _scope(column: Any, setting: Setting) -> list[ColumnElement[bool]]:
    return [] if setting.only is None else [listed(column, setting.only)]


def excluded(marketing: bool, now: datetime, only: Sequence[int] | None = None) -> ColumnElement[bool]:
    """That a customer may not be evaluated: restriction, death, erasure; for marketing an objection as well."""
    stop, contact = aliased(Stop), aliased(Contact)
    lifted = exists(select(1).where(StopLifted.stop_id == stop.id))
    whose = (
        select(contact.profile_id)
        .join(stop, stop.contact_id == contact.id)
        .where(stop.kind.in_(MARKETING_OUT if marketing else ALWAYS_OUT), contact.profile_id.is_not(None))
        .where(stop.since <= now, or_(stop.until.is_(None), stop.until > now), ~lifted)
    )
    return _WHO.in_(whose if only is None else whose.where(listed(contact.profile_id, only)))


def _rule(rule: Rule, setting: Setting) -> ColumnElement[bool]:
    met = _part(rule.match, setting)
    return and_(met, not_(_part(rule.but_not, setting))) if rule.but_not else met


def _part(part: Group | Leaf, setting: Setting) -> ColumnElement[bool]:
    if not isinstance(part, Group):
        return _CONDITIONS[type(part)](part, setting)
    asked = [_part(each, setting) for each in part.of]
    if part.match == "all":
        return and_(true(), *asked)
    either = or_(false(), *asked)
    return either if part.match == "any" else not_(either)


def _counted(leaf: rules.Counted, setting: Setting) -> ColumnElement[bool]:
    source = behaviour.read(leaf.what)
    within = behaviour.bounds(leaf.when, source.at, setting.now)
    match leaf.op:
        case "at_least":
            return _times(source, within, leaf.n)
        case "more_than":
            return _times(source, within, leaf.n + 1)
        case "at_most":
            return not_(_times(source, within, leaf.n + 1))
        case "less_than":
            return not_(_times(source, within, leaf.n))
        case _:
            return and_(_times(source, within, leaf.n), not_(_times(source, within, leaf.n + 1)))


def _times(source: behaviour.Read, within: list[ColumnElement[bool]], least: int) -> ColumnElement[bool]:
    if least <= 0:
        return true()
    whose = behaviour.among(source, within)
    if least > 1:
        whose = whose.group_by(source.profile).having(func.count() >= least)
    return _WHO.in_(whose)


_TOTALS: Mapping[str, Any] = {"sum": func.sum, "avg": func.avg, "max": func.max, "min": func.min}


def _totalled(leaf: rules.Totalled, setting: Setting) -> ColumnElement[bool]:
    source = behaviour.read(leaf.what, of=leaf.of, currency=leaf.currency)
    within = [*behaviour.bounds(leaf.when, source.at, setting.now), source.amount.is_not(None)]
    total = _TOTALS[leaf.by](source.amount)
    fits = behaviour.number_fits(total, leaf.op, behaviour.scaled(leaf.value, leaf.currency))
    return _WHO.in_(behaviour.among(source, within).group_by(source.profile).having(fits))


def _extreme(leaf: rules.Extreme, setting: Setting) -> ColumnElement[bool]:
    """The first is in the window: one is, and none was before it. The latest: one is, and none came after it."""
    source = behaviour.read(leaf.what)
    within = behaviour.bounds(leaf.when, source.at, setting.now)
    since, until = _edges(leaf.when, source.at, setting.now)
    beyond = since if leaf.which == "first" else until
    met = _WHO.in_(behaviour.among(source, within))
    if beyond is None:
        return met
    return and_(met, _WHO.not_in(behaviour.among(source, [source.at <= setting.now, beyond])))


def _edges(window: rules.Window, at: Any, now: datetime) -> tuple[Any, Any]:
    """What lies before a window, and what lies after it."""
    if window.kind == "last" and window.span:
        return at <= now - window.span.length, None
    if window.kind == "ago" and window.span:
        return None, at > now - window.span.length
    return at < window.since if window.since else None, at >= window.until if window.until else None


def _without(leaf: rules.Without, setting: Setting) -> ColumnElement[bool]:
    did, then = behaviour.read(leaf.what), behaviour.read(leaf.other, by_person=True)
    within = behaviour.bounds(leaf.when, did.at, setting.now)
    after = [then.profile == did.profile, then.at > did.at, then.at <= setting.now]
    if leaf.within:
        deadline = Shifted(did.at, int(leaf.within.length.total_seconds()))
        within.append(did.at <= setting.now - leaf.within.length)
        after.append(then.at <= deadline)
    followed = select(1).select_from(then.tables).where(*then.conditions, *after).correlate(*_tables(did)).exists()
    return _WHO.in_(behaviour.among(did, [*within, ~followed]))


def _tables(source: behaviour.Read) -> list[Any]:
    return list(source.tables._from_objects)


def _held(leaf: rules.Held, setting: Setting) -> ColumnElement[bool]:
    column = JsonText(GoldenRecord.fields, leaf.field, "value")
    return behaviour.text_fits(column, leaf.op, leaf.value)


_BORN = JsonText(GoldenRecord.fields, "birth_date", "value")
_WHOLE_DATE = func.coalesce(func.length(_BORN) == 10, False)


def _aged(leaf: rules.Aged, setting: Setting) -> ColumnElement[bool]:
    today = setting.today

    def least(years: int) -> ColumnElement[bool]:
        return and_(_WHOLE_DATE, func.coalesce(born_by(today, years) >= _BORN, False))

    def known(asked: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(_WHOLE_DATE, asked)

    match leaf.op:
        case "at_least":
            return least(leaf.years)
        case "more_than":
            return least(leaf.years + 1)
        case "at_most":
            return known(not_(least(leaf.years + 1)))
        case "less_than":
            return known(not_(least(leaf.years)))
        case _:
            return and_(least(leaf.years), not_(least(leaf.years + 1)))


def born_by(today: date, years: int) -> str:
    """Who has so many full years today was born on this day at the latest (as texts compare, the 29th of February included)."""
    return f"{max(today.year - years, 0):04}-{today:%m-%d}"


def _birthday(leaf: rules.Birthday, setting: Setting) -> ColumnElement[bool]:
    days = birthdays(setting.today, leaf.days)
    return and_(_WHOLE_DATE, func.coalesce(func.substr(_BORN, 6, 5).in_(sorted(days)), False))


def birthdays(today: date, days: int) -> set[str]:
    """Months and days ("02-29") of birthdays from today to so many days on."""
    coming = [today + timedelta(days=number) for number in range(days + 1)]
    found = {f"{each:%m-%d}" for each in coming}
    kept = any(each.month == 2 and each.day == 28 and (each + timedelta(days=1)).month == 3 for each in coming)
    return found | ({"02-29"} if kept else set())


def _identified(leaf: rules.Identified, setting: Setting) -> ColumnElement[bool]:
    held, contact = aliased(ContactIdentifier), aliased(Contact)
    whose = select(contact.profile_id).join(held, held.contact_id == contact.id)
    whose = whose.where(held.kind == leaf.kind, contact.profile_id.is_not(None), *_scope(contact.profile_id, setting))
    if leaf.op == "ends":
        whose = whose.where(behaviour.text_fits(held.normal, "ends", leaf.value))
    return _WHO.not_in(whose) if leaf.op == "lacks" else _WHO.in_(whose)


def _tagged(leaf: rules.Tagged, setting: Setting) -> ColumnElement[bool]:
    tag, contact = aliased(Tag), aliased(Contact)
    whose = select(contact.profile_id).join(tag, tag.contact_id == contact.id)
    named = Folded(tag.name).in_(behaviour.spellings(leaf.tag))
    whose = whose.where(named, contact.profile_id.is_not(None), *_scope(contact.profile_id, setting))
    return _WHO.not_in(whose) if leaf.op == "lacks" else _WHO.in_(whose)


def _labelled(leaf: rules.Labelled, setting: Setting) -> ColumnElement[bool]:
    contact = aliased(Contact)
    bears = BearsWord(contact.source_tags, *behaviour.spellings(leaf.label))
    whose = select(contact.profile_id).where(
        bears, contact.profile_id.is_not(None), *_scope(contact.profile_id, setting)
    )
    return _WHO.not_in(whose) if leaf.op == "lacks" else _WHO.in_(whose)


def _points(leaf: rules.Valued, setting: Setting) -> ColumnElement[bool]:
    """Of whom no source tells any points has no number of them, not nought."""
    contact = aliased(Contact)
    told = points.holders(contact, only=setting.only)
    if leaf.op in catalog.BARE:
        return _WHO.in_(told) if leaf.op == "known" else _WHO.not_in(told)
    total = func.sum(points.balance(contact))
    return _WHO.in_(told.having(behaviour.number_fits(total, leaf.op, float(leaf.value or 0))))  # type: ignore[arg-type]


def _valued(leaf: rules.Valued, setting: Setting) -> ColumnElement[bool]:
    if leaf.field == "points":
        return _points(leaf, setting)
    known = catalog.VALUES[leaf.field]
    column = getattr(CustomerValue, known.key or leaf.field)
    if known.type == "text":
        found = behaviour.text_fits(
            column, "is" if leaf.op == "is_not" else "known" if leaf.op == "unknown" else leaf.op, leaf.value
        )
        return _valuing(found, absent=leaf.op in ("is_not", "unknown"))
    if leaf.op in catalog.BARE:
        return _valuing(column.is_not(None), absent=leaf.op == "unknown")
    wanted = float(leaf.value or 0) * (100 if known.type == "money" else 1)  # type: ignore[arg-type]
    fits = behaviour.number_fits(column, leaf.op, wanted)
    nought = leaf.field in _NOUGHT and rules.compared(0, leaf.op, wanted)
    return _valuing(not_(fits), absent=True) if nought else _valuing(fits, absent=False)


def _valuing(fits: ColumnElement[bool], *, absent: bool) -> ColumnElement[bool]:
    whose = select(CustomerValue.profile_id).where(fits)
    return _WHO.not_in(whose) if absent else _WHO.in_(whose)


def _permitted(leaf: rules.Permitted, setting: Setting) -> ColumnElement[bool]:
    met = setting.permitted(leaf.purpose, leaf.channel)(_WHO)
    return not_(met) if leaf.op == "may_not" else met


def _belongs(leaf: rules.Belongs, setting: Setting) -> ColumnElement[bool]:
    other = setting.others.get(leaf.segment)
    if other is not None and other.rule is not None:
        met = and_(_rule(other.rule, setting), ~excluded(other.marketing, setting.now))
    else:
        met = _WHO.in_(in_segment(leaf.segment))
    return not_(met) if leaf.op == "not_in" else met


def _drawn(leaf: rules.Drawn, setting: Setting) -> ColumnElement[bool]:
    """The arithmetic of `draw` in SQL: no product reaches 63 bits."""
    a, b, c, d = keys(leaf.salt)
    one = ((_WHO % _big(_PRIME)) * _big(a) + _big(b)) % _big(_PRIME)
    two = ((one * one) % _big(_PRIME) * _big(c) + one * _big(d)) % _big(_PRIME)
    return two % _big(DRAWS) < _big(round(leaf.percent * DRAWS / 100))


def _big(number: int) -> Any:
    return literal(number, BigInteger)


def keys(salt: str) -> tuple[int, int, int, int]:
    """Four multipliers that a salt stands for."""
    digest = hmac.new(b"crm360 draw", salt.encode(), hashlib.sha256).digest()
    first, second, third, fourth = (1 + int.from_bytes(digest[i : i + 4]) % (2**30) for i in (0, 4, 8, 12))
    return first, second, third, fourth


def draw(profile_id: int, salt: str) -> int:
    """A number from 0 to DRAWS - 1 that is a customer's for ever under a salt."""
    a, b, c, d = keys(salt)
    one = (profile_id % _PRIME * a + b) % _PRIME
    return (one * one % _PRIME * c + one * d) % _PRIME % DRAWS


_CONDITIONS: Mapping[type[Any], Callable[[Any, Setting], ColumnElement[bool]]] = {
    rules.Counted: _counted,
    rules.Totalled: _totalled,
    rules.Extreme: _extreme,
    rules.Without: _without,
    rules.Held: _held,
    rules.Aged: _aged,
    rules.Birthday: _birthday,
    rules.Identified: _identified,
    rules.Tagged: _tagged,
    rules.Labelled: _labelled,
    rules.Valued: _valued,
    rules.Permitted: _permitted,
    rules.Belongs: _belongs,
    rules.Drawn: _drawn,
}

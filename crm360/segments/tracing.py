"""A rule asked about some people: each condition with what decides it, and when time alone may change the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.consents import reaching, turning
from crm360.consents.models import Stop
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.expressions import JsonText, listed
from crm360.profiles.models import GoldenRecord
from crm360.segments import behaviour, compiler, moments, rules
from crm360.segments.compiler import Setting
from crm360.segments.moments import Answer, Happening
from crm360.segments.rules import Group, Leaf, Rule, What

_NO = Answer(False)
_YES = Answer(True)


class Traced(NamedTuple):
    """One person and a rule. `answers` by place ("match.of[1]"), groups included; `excluded`: privacy keeps them out."""

    met: bool
    until: datetime | None
    answers: dict[str, Answer]
    excluded: bool = False


def trace(rule: Rule, profile_ids: Sequence[int], setting: Setting, *, marketing: bool) -> dict[int, Traced]:
    """profile → what the rule says of them at the setting's moment; who is no customer is not met."""
    scoped = replace(setting, only=tuple(profile_ids))
    known, evaluated = _standing(profile_ids, marketing, setting.now)
    stops = _stops(profile_ids, setting.now)
    answers: dict[int, dict[str, Answer]] = {each: {} for each in profile_ids}
    for place, leaf in rule.leaves():
        found = _ANSWERING.get(type(leaf), _asked)(leaf, profile_ids, scoped)
        for each in profile_ids:
            answers[each][place] = found.get(each, _NO)
    return {
        each: _traced(
            rule,
            answers[each],
            known=each in known,
            excluded=each in known and each not in evaluated,
            stop=stops.get(each),
        )
        for each in profile_ids
    }


def _traced(rule: Rule, answers: dict[str, Answer], *, known: bool, excluded: bool, stop: datetime | None) -> Traced:
    met = _group(rule.match, "match", answers)
    if rule.but_not:
        met = not _group(rule.but_not, "except", answers) and met
    edges = [each.until for each in answers.values() if each.until] + ([stop] if stop else [])
    until = min(edges, default=None) if known else None
    return Traced(met and known and not excluded, until, answers, excluded)


def _group(group: Group, place: str, answers: dict[str, Answer]) -> bool:
    met = []
    for number, each in enumerate(group.of):
        here = f"{place}.of[{number}]"
        met.append(_group(each, here, answers) if isinstance(each, Group) else answers[here].met)
    said = all(met) if group.match == "all" else any(met) if group.match == "any" else not any(met)
    answers[place] = Answer(said)
    return said


def _standing(profile_ids: Sequence[int], marketing: bool, now: datetime) -> tuple[set[int], set[int]]:
    """Who is a customer, and who of them may be evaluated."""
    who = GoldenRecord.profile_id
    query = select(who, compiler.excluded(marketing, now, profile_ids)).where(listed(who, profile_ids))
    rows = db.session.execute(query).all()
    return {each for each, _ in rows}, {each for each, out in rows if not out}


def _stops(profile_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """When a stop next begins or ends."""
    query = select(Contact.profile_id, Stop.since, Stop.until).join(Stop, Stop.contact_id == Contact.id)
    found: dict[int, datetime] = {}
    for profile, *edges in db.session.execute(query.where(listed(Contact.profile_id, profile_ids))):
        for at in edges:
            if at and at > now:
                found[profile] = min(at, found.get(profile, at))
    return found


def happenings(
    what: What, profile_ids: Sequence[int], *, of: str = "", currency: str = "", since: datetime | None = None
) -> dict[int, list[Happening]]:
    """profile → their events of a kind, those to come included; `since`: only later ones."""
    source = behaviour.read(what, of=of, currency=currency, by_person=True)
    columns = [source.profile, source.at, source.ref, *([source.amount] if of else [])]
    asked = [*source.conditions, listed(source.profile, profile_ids), *([source.at > since] if since else [])]
    found: defaultdict[int, list[Happening]] = defaultdict(list)
    for profile, *event in db.session.execute(select(*columns).select_from(source.tables).where(*asked)):
        found[profile].append(Happening(*event))
    return found


def _floor(window: rules.Window, now: datetime) -> datetime | None:
    """Before which nothing counts any more."""
    return now - window.span.length if window.kind == "last" and window.span else None


def _counted(leaf: rules.Counted, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    happened = happenings(leaf.what, ids, since=_floor(leaf.when, setting.now))
    return {each: moments.counted(leaf, happened.get(each, ()), setting.now) for each in ids}


def _totalled(leaf: rules.Totalled, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    happened = happenings(leaf.what, ids, of=leaf.of, currency=leaf.currency, since=_floor(leaf.when, setting.now))
    value = behaviour.scaled(leaf.value, leaf.currency)
    return {each: moments.totalled(leaf, happened.get(each, ()), setting.now, value) for each in ids}


def _extreme(leaf: rules.Extreme, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    happened = happenings(leaf.what, ids)
    return {each: moments.extreme(leaf, happened.get(each, ()), setting.now) for each in ids}


def _without(leaf: rules.Without, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    did = happenings(leaf.what, ids, since=_floor(leaf.when, setting.now))
    others = happenings(leaf.other, list(did))
    return {each: moments.without(leaf, did.get(each, ()), others.get(each, ()), setting.now) for each in ids}


def _born(ids: Sequence[int]) -> dict[int, date]:
    born = JsonText(GoldenRecord.fields, "birth_date", "value")
    query = select(GoldenRecord.profile_id, born).where(listed(GoldenRecord.profile_id, ids), born.is_not(None))
    found = {}
    for profile, text in db.session.execute(query):
        try:
            found[profile] = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            found[profile] = None
    return {profile: day for profile, day in found.items() if day}


def _aged(leaf: rules.Aged, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    return {each: moments.aged(leaf, born, setting.now, setting.zone) for each, born in _born(ids).items()}


def _birthday(leaf: rules.Birthday, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    return {each: moments.birthday(leaf, born, setting.now, setting.zone) for each, born in _born(ids).items()}


def _permitted(leaf: rules.Permitted, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    asked: dict[str, Any] = {"purpose": leaf.purpose, "channel": leaf.channel, "now": setting.now}
    until = turning.points(ids, **asked)
    wanted = leaf.op == "may"
    return {
        each.profile_id: Answer(each.reachable == wanted, (), until.get(each.profile_id))
        for each in reaching.reach(ids, **asked)
    }


def _belongs(leaf: rules.Belongs, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    other = setting.others.get(leaf.segment)
    if other is None or other.rule is None:
        return _asked(leaf, ids, setting)
    traced = trace(other.rule, ids, setting, marketing=other.marketing)
    wanted = leaf.op == "in"
    return {each: Answer(found.met == wanted, (), found.until) for each, found in traced.items()}


def _asked(leaf: Leaf, ids: Sequence[int], setting: Setting) -> Mapping[int, Answer]:
    """What is true until something happens."""
    who = GoldenRecord.profile_id
    met = db.session.scalars(compiler.meeting(leaf, setting).where(listed(who, ids)))
    return dict.fromkeys(met, _YES)


_ANSWERING: Mapping[type[Any], Callable[[Any, Sequence[int], Setting], Mapping[int, Answer]]] = {
    rules.Counted: _counted,
    rules.Totalled: _totalled,
    rules.Extreme: _extreme,
    rules.Without: _without,
    rules.Aged: _aged,
    rules.Birthday: _birthday,
    rules.Permitted: _permitted,
    rules.Belongs: _belongs,
}

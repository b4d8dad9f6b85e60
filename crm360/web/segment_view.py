"""What the pages of segments show: a draft with its counts, a person tested, a segment's tabs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from math import acos, pi, sqrt
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from crm360.commerce.models import Order
from crm360.consents import definitions
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.outreach import audience, launching, plan
from crm360.profiles import queries as profiles
from crm360.profiles import search
from crm360.profiles.models import TimelineEntry
from crm360.segments import catalog, counting, describing, operations, parsing, permitted, queries, reachable, tracing
from crm360.segments.models import Segment
from crm360.segments.parsing import BadRule
from crm360.segments.rules import Group, Rule
from crm360.web import named

SAMPLE = 10
#: Channels of the waterfall, in the order they are tried.
CHANNELS = ("email", "sms", "phone", "push")
#: Without kept permissions so many are asked about while the page waits.
ASKED_AT_ONCE = 1_500
#: What is asked about before anybody chose: shops and lists state their consents for it.
USUAL_PURPOSE = "marketing"


#: Where a waterfall leaves people.
LEFT: dict[str, Any] = {
    "no_address": _("Have no address"), "undeliverable": _("Messages come back or were reported as spam"),
    "stopped": _("Processing is stopped"), "no_consent": _("No valid consent"),
    "withdrawn": _("Withdrawn or unsubscribed"), "capped": _("Had enough messages lately"), "reachable": _("Can be reached"),
}  # fmt: skip


def prepare(app: Flask) -> None:
    """Filters of the cards: names of listed things, and the properties that are numbers."""
    app.jinja_env.filters.update(
        map_names=lambda items: [(key, said[0]) for key, said in items],
        left_words=lambda step: LEFT.get(step, step),
        numbers_only=lambda properties: [(key, said[0]) for key, said in properties.items() if said[1] != "text"],
    )


def zone() -> ZoneInfo:
    """Where the shop is."""
    return ZoneInfo(current_app.config["SETTINGS"].timezone)


def language() -> str:
    """The reader's language."""
    return str(get_locale() or "en")


def words(rule: Rule) -> str:
    """A rule in the reader's language."""
    return describing.sentence(rule, language(), names=names_of_segments(), zone=zone())


def names_of_segments() -> dict[int, str]:
    """segment → its name."""
    return dict(queries.names())


def choices() -> dict[str, Any]:
    """What the cards offer."""
    said = language()
    pick = 1 if said.startswith("pl") else 0
    return {
        "events": {name: _upper(each.pl[0] if pick else each.en) for name, each in catalog.EVENTS.items()},
        "properties": {
            name: {key: (each.name[pick], each.type) for key, each in event.properties.items()}
            for name, event in catalog.EVENTS.items()
        },
        "fields": {name: _upper(each[pick]) for name, each in catalog.FIELDS.items()},
        "identifiers": {name: _upper(each[pick]) for name, each in catalog.IDENTIFIERS.items()},
        "values": {name: (_upper(each.name[pick]), each.type) for name, each in catalog.VALUES.items()},
        "segments": names_of_segments(),
        "purposes": {code: each.names.get(said[:2], code) for code, each in definitions.catalogue(now=clock.now()).known.items()},
    }  # fmt: skip


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def draft(
    said: dict[str, Any], *, marketing: bool, purpose: str, channel: str, who: str, segment_id: int | None, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Everything the builder shows of a draft: counts of the whole and of each condition, or what is wrong and where."""
    shown: dict[str, Any] = {
        "draft": said, "marketing": marketing, "purpose": purpose, "channel": channel, "who": who, "segment_id": segment_id,
        "choices": choices(), "error": None, "counted": None, "now": now,
    }  # fmt: skip
    try:
        rule = parsing.parse(said)
        operations.check(rule, segment_id=segment_id)
    except BadRule as error:
        return shown | {"error": error, "wrong_at": dotted(error.place)}
    setting = queries.setting(now)
    ids = counting.who(rule, marketing=marketing, now=now, setting=setting)
    return shown | {
        "sentence": words(rule),
        "counted": counting.count(rule, marketing=marketing, now=now, setting=setting),
        "conditions": {
            dotted(each.place): each
            for each in counting.conditions(rule, marketing=marketing, now=now, setting=setting)
        },
        "waterfall": falling(ids, purpose, channel, now),
        "sample": people(ids[:SAMPLE]),
        "tested": tested(rule, who, marketing=marketing, now=now),
    }


def dotted(place: str) -> str:
    """ "match.of[1].when" as fields of the form are named: "match.of.1.when"."""
    return place.replace("[", ".").replace("]", "")


def falling(ids: Collection[int], purpose: str, channel: str, now: datetime) -> reachable.Waterfall | None:
    """The waterfall; None while too many would have to be asked about first."""
    if len(ids) > ASKED_AT_ONCE and not permitted.is_kept(purpose, channel, now):
        permitted.ask_for([(purpose, channel)], now=now)
        return None
    found = reachable.waterfall(profile_ids=ids, purpose=purpose, channel=channel, now=now)
    if channel not in launching.CHANNELS:
        return found
    house = plan.house(current_app.config["SETTINGS"])
    return found.less("capped", audience.over_cap(found.reached, plan=plan.Plan(), house=house, now=now))


class Person(NamedTuple):
    """A customer in a list."""

    id: int
    name: str
    city: str


def people(ids: Collection[int]) -> list[Person]:
    """In the order given."""
    records = profiles.golden(ids)
    return [
        Person(
            each,
            records[each].display_name if each in records else f"#{each}",
            records[each].city if each in records else "",
        )
        for each in ids
    ]


class Tested(NamedTuple):
    """One customer and a rule: the whole, and each condition with what decides it."""

    person: Person
    met: bool
    excluded: bool
    until: datetime | None
    lines: list[dict[str, Any]]


def tested(rule: Rule, who: str, *, marketing: bool, now: datetime) -> Tested | None:
    """The customer somebody typed in, by number or by whatever finds them; None without one."""
    profile_id = find(who)
    if profile_id is None:
        return None
    traced = tracing.trace(rule, [profile_id], queries.setting(now), marketing=marketing)[profile_id]
    lines = [
        *_lines(rule.match, "match", 0, traced),
        *(_lines(rule.but_not, "except", 0, traced) if rule.but_not else ()),
    ]
    return Tested(people([profile_id])[0], traced.met, traced.excluded, traced.until, lines)


def find(who: str) -> int | None:
    """A customer by "#17", or the best hit of a search."""
    who, told = who.strip(), named.number(who)
    if told is not None and told in profiles.golden([told]):
        return told
    hits = search.find(query=who, limit=1) if len(who) > 1 else []
    return hits[0].profile_id if hits else None


def _lines(group: Group, place: str, depth: int, traced: tracing.Traced) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = [
        {"depth": depth, "group": group.match, "except": place == "except", "met": traced.answers[place].met}
    ]
    for number, each in enumerate(group.of):
        here = f"{place}.of[{number}]"
        if isinstance(each, Group):
            said += _lines(each, here, depth + 1, traced)
        else:
            answer = traced.answers[here]
            text = describing.phrase(each, language(), names=names_of_segments(), zone=zone())
            said.append(
                {
                    "depth": depth + 1,
                    "words": text,
                    "met": answer.met,
                    "events": events(answer.deciding, each),
                    "number": answer.number,
                }
            )
    return said


def events(deciding: Collection[Any], leaf: Any) -> list[tuple[str, str, datetime]]:
    """(kind, title, when) of the events that decide a condition."""
    names = {each.event for each in (getattr(leaf, "what", None), getattr(leaf, "other", None)) if each}
    found: dict[int, tuple[str, str]] = {}
    refs = [each.ref for each in deciding]
    if names & {"order", "order.returned"}:
        rows = db.session.execute(select(Order.id, Order.number, Order.placed_at).where(Order.id.in_(refs)))
        moments = {each.at for each in deciding}
        found |= {number: ("order.placed", text) for number, text, at in rows if at in moments}
    rows = db.session.execute(
        select(TimelineEntry.id, TimelineEntry.kind, TimelineEntry.title).where(
            TimelineEntry.id.in_(refs), TimelineEntry.kind.in_(names)
        )
    )
    found |= {number: (kind, title) for number, kind, title in rows}
    return [(*found[each.ref], each.at) for each in deciding if each.ref in found]


def overlaps(segment: Segment, now: datetime) -> list[dict[str, Any]]:
    """Every other segment: how many both share, and two circles that overlap by so much."""
    own = set(counting.members(segment_id=segment.id, now=now))
    found = []
    for other in queries.names():
        if other.id != segment.id:
            others = set(queries.member_ids(other.id))
            shared = len(own & others)
            found.append(
                {
                    "segment": other,
                    "own": len(own),
                    "other": len(others),
                    "shared": shared,
                    "drawn": circles(len(own), len(others), shared),
                }
            )
    return sorted(found, key=lambda each: -each["shared"])


def circles(one: int, other: int, shared: int) -> dict[str, float] | None:
    """Radii and the distance of two circles whose areas, and whose common area, are as the numbers."""
    if not one or not other:
        return None
    most = max(one, other)
    left, right = 40 * sqrt(one / most), 40 * sqrt(other / most)
    wanted = shared / most * pi * 1600
    near, far = abs(left - right), left + right
    for _step in range(40):
        middle = (near + far) / 2
        near, far = (middle, far) if _lens(left, right, middle) > wanted else (near, middle)
    return {"left": round(left, 2), "right": round(right, 2), "apart": round((near + far) / 2, 2)}


def _lens(left: float, right: float, apart: float) -> float:
    """The common area of two circles."""
    if apart >= left + right:
        return 0.0
    if apart <= abs(left - right):
        return pi * min(left, right) ** 2
    one = (apart**2 + left**2 - right**2) / (2 * apart * left)
    two = (apart**2 + right**2 - left**2) / (2 * apart * right)
    rest = sqrt(
        max(0, (-apart + left + right) * (apart + left - right) * (apart - left + right) * (apart + left + right))
    )
    return left**2 * acos(max(-1, min(1, one))) + right**2 * acos(max(-1, min(1, two))) - rest / 2


def differences(segment: Segment) -> list[dict[str, Any]]:
    """Versions, newest first: what each says, which conditions are new in it, who came and went by it."""
    found = queries.versions(segment.id)
    said = []
    for number, each in enumerate(found):
        rule = parsing.parse(each.rule)
        before = parsing.parse(found[number + 1].rule) if number + 1 < len(found) else None
        now_said = _phrases(rule)
        then = _phrases(before) if before else []
        said.append(
            {
                "version": each, "sentence": words(rule),
                "added": [text for text in now_said if text not in then] if before else [],
                "gone": [text for text in then if text not in now_said],
            }
        )  # fmt: skip
    return said


def _phrases(rule: Rule) -> list[str]:
    return [describing.phrase(leaf, language(), names=names_of_segments(), zone=zone()) for _, leaf in rule.leaves()]


def summary(segment: Segment, now: datetime) -> Mapping[str, Any]:
    """What stands on top of a segment's page."""
    rule = queries.rule_of(segment)
    return {
        "segment": segment, "sentence": words(rule) if rule else "", "members": queries.sizes([segment.id]).get(segment.id, 0),
        "settled": queries.settled(segment, now), "moved": queries.moved(segment.id, since=now - timedelta(days=1)),
        "now": now,
    }  # fmt: skip

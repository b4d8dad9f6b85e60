"""What is typical of some customers: values, behaviour, channels, and what they said. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from crm360.commerce.models import CustomerValue, Order
from crm360.identity.models import Contact
from crm360.insights import journeys
from crm360.insights.percentiles import percentile
from crm360.insights.retention import share
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.normalise.language import language
from crm360.profiles import tones
from crm360.profiles.models import GoldenRecord, TimelineEntry

#: Behaviour is that of so many days.
DAYS = 90
MOST_NAMED, MOST_QUOTES = 5, 6
#: A quote is of so many letters at least: "ok" says nothing of anybody.
_LEAST_QUOTED = 15


class Quote(NamedTuple):
    """Words of somebody, without who: `kind` as on the timeline, `tone` a guess unless a colleague said so."""

    profile_id: int
    kind: str
    words: str
    tone: str
    at: datetime


def described(profile_ids: Collection[int], *, now: datetime) -> dict[str, Any]:
    """The picture of these customers, or of a sample of many.

    {"customers", "values": {name: median}, "currency", "repeaters", "buyers", "categories", "cities", "languages", "age",
    "steps", "channels", "tones"}; the named ones as [(name, share)], most first.
    """
    ids = list(profile_ids)
    return {
        "customers": len(ids),
        **_values(ids, now),
        **_who(ids, now),
        "steps": _steps(ids, now),
        "channels": _channels(ids, now),
        "tones": _tones(ids, now),
    }


def quotes(profile_ids: Collection[int], *, now: datetime) -> list[Quote]:
    """Their newest answers and reviews in words, one a customer, the tones side by side."""
    columns = select(Contact.profile_id, TimelineEntry.kind, TimelineEntry.properties, TimelineEntry.occurred_at)
    joined = columns.join(Contact, Contact.id == TimelineEntry.contact_id)
    said = joined.where(
        TimelineEntry.kind.in_(("survey.answered", "review.written")), dialects.Among(Contact.profile_id)
    )
    newest = said.where(TimelineEntry.occurred_at <= now).order_by(TimelineEntry.occurred_at.desc()).limit(300)
    found: dict[str, list[Quote]] = {tone: [] for tone in ("negative", "positive", "neutral")}
    quoted: set[int] = set()
    for profile_id, kind, properties, at in db.session.execute(newest, {"values": list(profile_ids)}):
        words, tone = str(properties.get("snippet") or ""), str(properties.get("tone") or "neutral")
        if profile_id is None or profile_id in quoted or len(words) < _LEAST_QUOTED or tone not in found:
            continue
        quoted.add(profile_id)
        found[tone].append(Quote(profile_id, kind, words, tone, at))
    mixed = [each for row in zip(*(_padded(theirs) for theirs in found.values()), strict=True) for each in row if each]
    return mixed[:MOST_QUOTES]


def _padded(theirs: list[Quote]) -> list[Quote | None]:
    return [*theirs[:MOST_QUOTES], *[None] * (MOST_QUOTES - len(theirs))]


def _values(ids: list[int], now: datetime) -> dict[str, Any]:
    names = (
        "currency",
        "orders",
        "spend_minor",
        "average_minor",
        "rhythm_days",
        "last_at",
        "purchase_days",
        "favourite_category",
    )
    columns = select(*(getattr(CustomerValue, name) for name in names))
    rows = db.session.execute(columns.where(dialects.Among(CustomerValue.profile_id)), {"values": ids}).all()
    bought = [row for row in rows if row.purchase_days]
    currency = max(
        Counter(row.currency for row in bought).items(), key=lambda each: (each[1], each[0]), default=("", 0)
    )[0]
    own = [row for row in bought if row.currency == currency]
    medians: dict[str, Iterable[Any]] = {
        "orders": (row.orders for row in bought),
        "spend_minor": (row.spend_minor for row in own),
        "average_minor": (row.average_minor for row in own),
        "rhythm_days": (row.rhythm_days for row in bought),
        "recency_days": ((now - row.last_at).total_seconds() / 86_400 for row in bought if row.last_at),
    }
    return {
        "currency": currency,
        "buyers": share(len(bought), len(ids)),
        "repeaters": share(sum(row.purchase_days > 1 for row in bought), len(bought)),
        "values": {name: percentile(sorted(each for each in values if each is not None), 0.5) for name, values in medians.items()},
        "categories": _most(Counter(row.favourite_category for row in bought if row.favourite_category), len(bought)),
    }  # fmt: skip


def _who(ids: list[int], now: datetime) -> dict[str, Any]:
    columns = select(GoldenRecord.city, GoldenRecord.fields).where(dialects.Among(GoldenRecord.profile_id))
    rows = db.session.execute(columns, {"values": ids}).all()
    locales = Counter(language(_field(row.fields, "locale")) for row in rows)
    born = [_age(_field(row.fields, "birth_date"), now.date()) for row in rows]
    return {
        "cities": _most(Counter(row.city for row in rows if row.city), len(ids)),
        "languages": _most(Counter({code: number for code, number in locales.items() if code}), len(ids)),
        "age": percentile(sorted(each for each in born if each is not None), 0.5),
    }


def _field(fields: Mapping[str, Any], name: str) -> str:
    return str((fields.get(name) or {}).get("value") or "")


def _age(born: str, today: date) -> int | None:
    try:
        at = date.fromisoformat(born)
    except ValueError:
        return None
    return today.year - at.year - ((today.month, today.day) < (at.month, at.day))


def _steps(ids: list[int], now: datetime) -> list[tuple[str, float]]:
    """Share of them who took each step of a journey within the days looked at."""
    rows = db.session.execute(_of_them(now, TimelineEntry.kind, Contact.profile_id), {"values": ids})
    took: dict[str, set[int]] = {}
    for kind, profile_id in rows:
        if (step := journeys.step_of(kind)) and profile_id is not None:
            took.setdefault(step, set()).add(profile_id)
    return [(step, len(took[step]) / len(ids)) for step in journeys.ORDER if step in took]


def _of_them(now: datetime, *columns: Any) -> Any:
    entries = select(*columns).join(Contact, Contact.id == TimelineEntry.contact_id)
    within = (TimelineEntry.occurred_at >= now - timedelta(days=DAYS), TimelineEntry.occurred_at <= now)
    return entries.where(dialects.Among(Contact.profile_id), *within).distinct()


def _channels(ids: list[int], now: datetime) -> list[tuple[str, float]]:
    """Where they buy: share of their orders by channel, a store being one."""
    place = case((Order.store != "", "store"), else_=Order.channel)
    counted = select(place, func.count()).join(Contact, Contact.id == Order.contact_id).group_by(place)
    sold = counted.where(dialects.Among(Contact.profile_id), Order.kind == "sale", Order.placed_at <= now)
    numbers: Counter[str] = Counter(dict(db.session.execute(sold, {"values": ids}).all()))
    return _most(numbers, numbers.total())


def _tones(ids: list[int], now: datetime) -> list[tuple[str, float]]:
    """What their messages, answers and reviews sound like, by guess."""
    columns = (TimelineEntry.id, TimelineEntry.properties)
    spoken = select(*columns).join(Contact, Contact.id == TimelineEntry.contact_id).order_by(TimelineEntry.id.desc())
    theirs = spoken.where(dialects.Among(Contact.profile_id), TimelineEntry.kind.in_(tones.KINDS))
    rows = db.session.execute(theirs.where(TimelineEntry.occurred_at <= now).limit(5_000), {"values": ids})
    numbers = Counter(str(properties["tone"]) for _, properties in rows if properties.get("tone") in tones.TONES)
    return [(tone, numbers[tone] / numbers.total()) for tone in tones.TONES if numbers.total()]


def _most(numbers: Counter[str], whole: int) -> list[tuple[str, float]]:
    ranked = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))[:MOST_NAMED]
    return [(name, number / whole) for name, number in ranked] if whole else []

"""The score of a survey by part: month, channel, store, agent, segment, product; with its count, interval and customers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, false, func, select

from crm360.commerce.models import Line
from crm360.identity.models import Contact
from crm360.insights.behind import MOST_LISTED, Behind
from crm360.kernel.db import db
from crm360.segments import queries as segments
from crm360.segments.models import Member
from crm360.surveys import scores
from crm360.surveys.models import Answer, Survey
from crm360.surveys.scores import Score

#: What answers are parted by. "score": those of one value on the scale.
PARTS = ("month", "channel", "store", "agent", "segment", "product")
KINDS = (*PARTS, "score")
#: Of products those most answered about.
MOST = 50
_ASKED_ABOUT = "order:"
_COLUMNS = {"channel": Answer.channel, "store": Answer.store, "agent": Answer.agent}
#: The order an answer is about; of other answers NULL.
_ORDER_ID = case(
    (Answer.subject.startswith(_ASKED_ABOUT), cast(func.substr(Answer.subject, len(_ASKED_ABOUT) + 1), BigInteger))
)
#: A product as `commerce.purchase_rows` knows it: by SKU, by name without one.
_product = func.coalesce(func.nullif(Line.sku, ""), Line.name)


class Part(NamedTuple):
    """`key` names the part in an address, `name` is what people call it."""

    key: str
    name: str
    score: Score


def by(survey: Survey, part: str, *, zone: tzinfo) -> list[Part]:
    """The score of each part that was answered: months the latest first, others the most answered first.

    A customer of several segments counts in each, an answer about several products for each. Answers nobody is known to
    have given are in no segment; those that name no channel, store, agent or order are left out of these parts.
    """
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for key, name, value, number in _rows(survey, part, zone):
        found[key][value] += number
        names[key] = max(names.get(key, ""), name)
    scored = [
        Part(key, names[key], each) for key, counts in found.items() if (each := scores.score(survey.kind, counts))
    ]
    if part == "month":
        return sorted(scored, key=lambda each: each.key, reverse=True)
    return sorted(scored, key=lambda each: (-each.score.answers, each.name, each.key))[:MOST]


def customers(survey_id: int, part: str, key: str, *, zone: tzinfo) -> Behind:
    """Who gave the answers of a part, the unhappiest first; answers of nobody known have nobody behind them."""
    joined = select(Contact.profile_id).join(Answer, Answer.contact_id == Contact.id)
    wanted = joined.where(*_scored(survey_id), *_within(part, key, zone), Contact.profile_id.is_not(None))
    whose = wanted.group_by(Contact.profile_id).order_by(func.min(Answer.score), Contact.profile_id)
    count = int(db.session.scalar(select(func.count()).select_from(whose.subquery())) or 0)
    return Behind([row[0] for row in db.session.execute(whose.limit(MOST_LISTED))], count)


def _scored(survey_id: int) -> tuple[ColumnElement[bool], ...]:
    return Answer.survey_id == survey_id, Answer.score.is_not(None)


def _rows(survey: Survey, part: str, zone: tzinfo) -> list[tuple[str, str, int, int]]:
    """(key, name, value on the scale, answers)."""
    if part == "month":
        given = select(Answer.answered_at, Answer.score).where(*_scored(survey.id))
        months = Counter((f"{at.astimezone(zone):%Y-%m}", value or 0) for at, value in db.session.execute(given))
        return [(month, month, value, number) for (month, value), number in months.items()]
    if part == "segment":
        called = {each.id: each.name for each in segments.names()}
        told = db.session.execute(_by_segment(survey.id))
        return [(str(number), called[number], value, many) for number, value, many in told if number in called]
    query = _by_product(survey.id) if part == "product" else _by_column(survey.id, part)
    return [(key, name or key, value, many) for key, name, value, many in db.session.execute(query)]


def _by_column(survey_id: int, part: str) -> Select[str, str, int | None, int]:
    column = _COLUMNS[part]
    counted = select(column, column, Answer.score, func.count()).where(*_scored(survey_id), column != "")
    return counted.group_by(column, Answer.score)


def _by_segment(survey_id: int) -> Select[int, int | None, int]:
    joined = select(Member.segment_id, Answer.score, func.count()).select_from(Answer)
    whose = joined.join(Contact, Contact.id == Answer.contact_id).join(Member, Member.profile_id == Contact.profile_id)
    return whose.where(*_scored(survey_id)).group_by(Member.segment_id, Answer.score)


def _by_product(survey_id: int) -> Select[Any, str, int | None, int]:
    counted = select(_product, func.max(Line.name), Answer.score, func.count(Answer.id.distinct())).select_from(Answer)
    about = counted.join(Line, Line.order_id == _ORDER_ID).where(*_scored(survey_id), _product != "")
    return about.group_by(_product, Answer.score)


def _within(part: str, key: str, zone: tzinfo) -> tuple[ColumnElement[bool], ...]:
    """What an answer of a part fulfils; none does that of a part nobody named."""
    if part in _COLUMNS:
        return (_COLUMNS[part] == key,)
    if part == "product":
        return (_ORDER_ID.in_(select(Line.order_id).where(_product == key)),)
    if part == "month":
        return _in_month(key, zone)
    if not key.isdigit() or len(key) > 18:
        return (false(),)
    if part == "score":
        return (Answer.score == int(key),)
    return (Contact.profile_id.in_(select(Member.profile_id).where(Member.segment_id == int(key))),)


def _in_month(key: str, zone: tzinfo) -> tuple[ColumnElement[bool], ...]:
    try:
        first = date.fromisoformat(f"{key}-01")
    except ValueError:
        return (false(),)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    since, until = (datetime(each.year, each.month, 1, tzinfo=zone) for each in (first, following))
    return Answer.answered_at >= since, Answer.answered_at < until

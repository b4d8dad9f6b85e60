"""What a list asks for as conditions on customers: each as a question put to one, and as the set of all who meet it.

A list that few meet begins with the set; one that many meet is read in its order and put to each in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, select, true
from sqlalchemy.orm import aliased

from crm360.commerce.models import CustomerValue
from crm360.consents import stopping
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.lists import asking
from crm360.lists.asking import Asked
from crm360.normalise import text
from crm360.profiles import collating, tagging
from crm360.profiles import queries as profiles
from crm360.profiles.models import GoldenRecord, Tag
from crm360.sales.models import Ownership
from crm360.segments.models import Member

WHO = GoldenRecord.profile_id


class Reader(NamedTuple):
    """Who looks: `desk` of the privacy desk, which alone sees restricted customers."""

    staff_id: int
    desk: bool


class Condition(NamedTuple):
    """`holds` of a golden record's profile; `among` selects the ids of all it holds of, None where that is no small set.

    Not `exact`: it holds of some of them only.
    """

    holds: ColumnElement[bool]
    among: Select[Any] | None = None
    exact: bool = True


def of(asked: Asked, *, reader: Reader, now: datetime) -> list[Condition]:
    """The conditions of a list, and that nobody sees whom only the privacy desk may."""
    hidden = [] if reader.desk else [unrestricted(now)]
    return [*hidden, *(make(asked, reader, now) for name, make in _MADE.items() if getattr(asked, name))]


def unrestricted(now: datetime) -> Condition:
    """Not a customer whose data are restricted."""
    return Condition(WHO.not_in(stopping.restricted_ids(now=now)))


def tagged(name: str) -> Condition:
    """Customers who bear a tag, however it is spelled."""
    spellings = [each for each in profiles.all_tag_names() if tagging.same(each, name)]
    tag, contact = aliased(Tag), aliased(Contact)
    whose = select(contact.profile_id).join(tag, tag.contact_id == contact.id).where(tag.name.in_(spellings))
    return Condition(
        whose.where(contact.profile_id == WHO).correlate(GoldenRecord).exists(),
        whose.where(contact.profile_id.is_not(None)),
    )


def owned(staff_id: int) -> Condition:
    """Customers who are a colleague's."""
    held, contact = aliased(Ownership), aliased(Contact)
    ever = select(contact.profile_id).join(held, held.contact_id == contact.id).where(held.staff_id == staff_id)
    return Condition(_often(_owner() == staff_id), ever.where(contact.profile_id.is_not(None)), exact=False)


def not_owned(staff_id: int | None) -> Condition:
    """Customers who are not a colleague's; None: who are somebody's."""
    owner = _owner()
    return Condition(_often(owner.is_not(None) if staff_id is None else func.coalesce(owner, 0) != staff_id))


def in_segment(segment_id: int) -> Condition:
    """Members of a segment as kept."""
    members = select(Member.profile_id).where(Member.segment_id == segment_id)
    return Condition(members.where(Member.profile_id == WHO).correlate(GoldenRecord).exists(), members)


def _often(holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same in a form of which planners guess that it often holds; of a question to a subquery they guess: hardly ever."""
    return case((holds, true()), else_=false())


def _owner() -> Any:
    """Whose the customer is: the newest word among their contacts."""
    held, contact = aliased(Ownership), aliased(Contact)
    said = select(held.staff_id).join(contact, contact.id == held.contact_id).where(contact.profile_id == WHO)
    newest = said.order_by(held.set_at.desc(), held.id.desc()).limit(1)
    return newest.correlate(GoldenRecord).scalar_subquery()


def _of_owner(asked: Asked, reader: Reader, _now: datetime) -> Condition:
    if asked.owner == asking.NOBODY:
        return Condition(_often(_owner().is_(None)))
    return owned(reader.staff_id if asked.owner == asking.ME else int(asked.owner))


def _of_source(asked: Asked, _reader: Reader, _now: datetime) -> Condition:
    contact = aliased(Contact)
    told = select(contact.profile_id).where(contact.source == asked.source)
    here = told.where(contact.profile_id == WHO).correlate(GoldenRecord)
    return Condition(here.exists(), told.where(contact.profile_id.is_not(None)))


def _of_city(asked: Asked, _reader: Reader, _now: datetime) -> Condition:
    key, there = text.fold(asked.city), aliased(GoldenRecord)
    return Condition(GoldenRecord.city_key == key, select(there.profile_id).where(there.city_key == key))


def _of_country(asked: Asked, _reader: Reader, _now: datetime) -> Condition:
    key, there = collating.country_key(asked.country), aliased(GoldenRecord)
    return Condition(GoldenRecord.country_key == key, select(there.profile_id).where(there.country_key == key))


def _of_purchase(asked: Asked, _reader: Reader, now: datetime) -> Condition:
    value = aliased(CustomerValue)
    if asked.bought == asking.NEVER:
        return Condition(~bought())
    among = select(value.profile_id).where(last_fits(asked, value, now))
    return Condition(among.where(value.profile_id == WHO).correlate(GoldenRecord).exists(), among)


def last_fits(asked: Asked, value: Any, now: datetime) -> ColumnElement[bool]:
    """That the last purchase of a row of values is as a list asks, so that one in their order begins with the first."""
    way, days = asked.days
    since = now - timedelta(days=days)
    fits: ColumnElement[bool] = value.last_at >= since if way == "within" else value.last_at < since
    return fits


def bought() -> ColumnElement[bool]:
    """That a customer bought something that counts."""
    value = aliased(CustomerValue)
    some = select(1).select_from(value).where(value.profile_id == WHO, value.last_at.is_not(None))
    return some.correlate(GoldenRecord).exists()


_MADE: dict[str, Callable[[Asked, Reader, datetime], Condition]] = {
    "segment": lambda asked, _reader, _now: in_segment(asked.segment or 0),
    "tag": lambda asked, _reader, _now: tagged(asked.tag),
    "owner": _of_owner,
    "source": _of_source,
    "city": _of_city,
    "country": _of_country,
    "bought": _of_purchase,
}


def many(query: Select[Any], most: int) -> int:
    """How many rows a query has; counting stops at `most`."""
    return int(db.session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0)

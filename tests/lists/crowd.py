"""A crowd of customers for lists: each with what lists ask about, written where the rooms keep it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm360.accounts import operations as accounts
from crm360.commerce.models import CustomerValue
from crm360.kernel.db import db
from crm360.profiles import operations as profiles
from crm360.sales import operations as sales
from crm360.segments import operations as segments
from tests.profiles import people


@dataclass
class One:
    """A customer as the tests know them; `days` since the last purchase, None: never bought."""

    name: str
    city: str = ""
    country: str = ""
    source: str = "shop"
    tags: tuple[str, ...] = ()
    owner: int | None = None
    days: int | None = None
    spend: int = 0
    profile: int = field(default=0)


def colleague(name: str, now: datetime, role: str = "sales") -> int:
    """A colleague's number."""
    address = f"{name.lower()}@shop.example"
    return accounts.create_staff(email=address, name=name, role=role, password="correct horse", now=now).id


def gather(crowd: list[One], now: datetime) -> list[One]:
    """Put everybody into the database; they know their numbers afterwards."""
    for one in crowd:
        given, _, family = one.name.partition(" ")
        one.profile = people.profile(now)
        told = {"given_name": given, "family_name": family, "city": one.city, "country": one.country}
        people.contact(one.profile, now, source=one.source, **{name: text for name, text in told.items() if text})
        profiles.refresh(profile_ids=[one.profile], now=now)
        for tag in one.tags:
            profiles.set_tag(profile_id=one.profile, name=tag, by="Ben", now=now)
        if one.owner:
            sales.set_owner(profile_id=one.profile, staff_id=one.owner, by="Ben", now=now)
        if one.days is not None:
            last = now - timedelta(days=one.days)
            value = CustomerValue(profile_id=one.profile, as_of=now, refreshed_at=now, orders=1, spend_minor=one.spend, last_at=last)  # fmt: skip
            db.session.add(value)
    db.session.flush()
    return crowd


def static_segment(name: str, members: list[One], now: datetime) -> int:
    """A segment filled by hand; its number."""
    made = segments.create(name=name, by="Ben", now=now)
    segments.add_members(segment_id=made.id, profile_ids=[one.profile for one in members], by="Ben", now=now)
    return made.id

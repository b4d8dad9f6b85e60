"""A segment's persona equals a plain computation over its members; the ways of everybody are those of the journeys page."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select

from crm360.commerce.models import CustomerValue, Order
from crm360.flows import personas
from crm360.identity.models import Contact, Profile
from crm360.insights import figures, reading
from crm360.kernel.db import db
from crm360.profiles import operations as golden
from crm360.segments.models import Member, Segment
from tests.insights.test_figures import NOW, TERMS, furnished
from tests.reviews.test_tending import tell


@pytest.fixture
def everybody(session: Any, plain_model: None) -> list[int]:
    furnished()
    ids = list(session.scalars(select(Profile.id).order_by(Profile.id)))
    golden.refresh(profile_ids=ids, now=NOW)
    return ids


def segment(ids: list[int]) -> int:
    made = Segment(name=f"Segment of {len(ids)}", kind="static", marketing=False, created_at=NOW, created_by="Ola")
    db.session.add(made)
    db.session.flush()
    db.session.add_all([Member(segment_id=made.id, profile_id=each, since=NOW) for each in ids])
    db.session.flush()
    return made.id


def test_the_picture_is_that_of_its_members(everybody: list[int], alice: Any):
    members = everybody[::3]
    found = personas.of_segment(segment(members), now=NOW)
    values = [each for each in db.session.scalars(select(CustomerValue)) if each.profile_id in members]
    assert (found.size, found.theirs["customers"], found.everybody["customers"]) == (
        len(members),
        len(members),
        len(everybody),
    )
    assert found.theirs["values"]["orders"] == median(each.orders for each in values)
    assert found.theirs["values"]["spend_minor"] == median(each.spend_minor for each in values)
    assert found.theirs["repeaters"] == sum(each.purchase_days > 1 for each in values) / len(values)
    rows = db.session.execute(
        select(Order.channel, Order.store)
        .join(Contact, Contact.id == Order.contact_id)
        .where(Contact.profile_id.in_(members))
    ).all()
    assert dict(found.theirs["channels"]) == {
        name: number / len(rows) for name, number in Counter(row[0] for row in rows).items()
    }
    since = NOW - timedelta(days=90)
    bought = (
        select(Contact.profile_id)
        .join(Order, Order.contact_id == Contact.id)
        .where(Order.placed_at >= since, Order.kind == "sale")
    )
    recent = {each for each in db.session.scalars(bought) if each in members}
    assert dict(found.theirs["steps"])["purchase"] == len(recent) / len(members)
    assert dict(found.everybody["categories"]) == {"kitchen": 1.0}


def test_what_they_said_is_quoted_without_names(everybody: list[int], alice: Any):
    tell(NOW, body="Fatalny kubek, nie polecam nikomu.")
    review = tell(
        NOW, number="2", rating=5, body="Świetny kubek, bardzo polecam!", reviewer={"email": "jan@example.com"}
    )
    ids = list(db.session.scalars(select(Profile.id).order_by(Profile.id)))
    found = personas.of_segment(segment([each for each in ids if each not in everybody]), now=NOW)
    assert [(each.tone, each.words[:7]) for each in found.quotes] == [("negative", "Fatalny"), ("positive", "Świetny")]
    assert dict(found.theirs["tones"]) == {"negative": 0.5, "neutral": 0.0, "positive": 0.5}
    assert review.rating == 5


def test_ways_of_all_members_are_those_of_everybody(everybody: list[int]):
    ways = personas.ways_of(segment(everybody), now=NOW)
    whole = figures.computed(terms=TERMS, now=NOW)["journeys", figures.NEWEST]
    assert ways.told == whole
    some = personas.ways_of(segment(everybody[:5]), now=NOW)
    since = reading.window(NOW, figures.JOURNEY_DAYS)
    assert some.told["funnel"][-1]["customers"] <= 5
    assert set(reading.touches(since=since, until=NOW, profile_ids=everybody[:5])) <= set(everybody[:5])


def test_an_empty_segment_is_nobodys_picture(session: Any):
    found = personas.of_segment(segment([]), now=NOW)
    assert (found.size, found.theirs["customers"], found.quotes) == (0, 0, [])
    assert personas.ways_of(found.segment.id, now=NOW).told["journeys"] == 0

"""A review comes in once, whatever the order; a bad one is work until it is answered; its writer can be forgotten."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import forgetting, receive, tending_reviews, unhappy
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry
from crm360.reviews import operations, queries, stars
from crm360.reviews.models import Review
from crm360.reviews.queries import Which
from crm360.sales import operations as sales
from crm360.sales.models import Task


def tell(
    now: datetime, *, number: str = "1", rating: int | None = 1, at: datetime | None = None, **said: Any
) -> Review:
    at = at or now - timedelta(hours=1)
    review = {"id": number, "rating": rating, "product_title": "Kubek", "body": "Pękł.", **said}
    review = {"reviewer": {"email": "anna@example.com", "name": "Anna Nowak"}, **review}
    body = {**review, "created_at": said.get("created_at", at.isoformat()), "updated_at": at.isoformat()}
    assert receive.take_in(source="app", channel="product_reviews", said=body, now=now), json.dumps(body)
    db.session.expire_all()
    return db.session.scalars(select(Review).where(Review.external_id == number)).one()


def tasks() -> list[Task]:
    db.session.expire_all()
    return list(db.session.scalars(select(Task).where(Task.origin.startswith("review:")).order_by(Task.id)))


def test_a_bad_review_is_a_task_of_the_customers_own_colleague(session: Any, alice: Any, bob: Any, now: datetime):
    review = tell(now)
    told = queries.told(review.id)
    (task,) = tasks()
    assert (task.title, task.owner_id, task.due_at) == (
        "Kubek: 1/5",
        min(alice.id, bob.id),
        now + unhappy.USUAL,
    )
    assert told.profile_id is not None
    assert task.contact_id is not None
    sales.set_owner(profile_id=told.profile_id, staff_id=bob.id, by="Ewa", now=now)
    tell(now, number="2")
    assert tasks()[1].owner_id == bob.id
    operations.set_owner(staff_id=bob.id, by="Ewa", now=now)
    nobodys = tell(now, number="3", reviewer={}, author="Jan")
    assert queries.told(nobodys.id).profile_id is None
    assert (tasks()[2].owner_id, tasks()[2].contact_id) == (bob.id, None)


def test_the_newest_word_counts_and_a_better_one_ends_the_work(session: Any, alice: Any, now: datetime):
    tell(now, at=now - timedelta(hours=2))
    later = tell(now, rating=5, body="Sklep wymienił.", at=now - timedelta(hours=1))
    assert (later.rating, later.body) == (5, "Sklep wymienił.")
    assert tasks()[0].done_at == now
    tell(now, rating=2, at=now - timedelta(hours=3))
    assert db.session.get(Review, later.id).rating == 5
    assert db.session.query(TimelineEntry).filter_by(kind="review.written").one().properties["rating"] == 5


def test_old_reviews_that_are_brought_in_are_nobodys_work(session: Any, alice: Any, now: datetime):
    tell(now, at=now - timedelta(days=91))
    tell(now, number="2", state="spam")
    tell(now, number="3", rating=3)
    assert tasks() == []


def test_an_answer_is_kept_told_on_the_timeline_and_ends_the_work(session: Any, alice: Any, now: datetime):
    review = tell(now)
    with pytest.raises(operations.BadAnswer):
        tending_reviews.answer(review_id=review.id, text=" ", by="Marta", now=now)
    tending_reviews.answer(review_id=review.id, text="Przepraszamy, wymienimy.", by="Marta", now=now)
    assert (review.handled, review.answer, review.handled_by) == ("answered", "Przepraszamy, wymienimy.", "Marta")
    assert tasks()[0].done_at == now
    line = db.session.query(TimelineEntry).filter_by(kind="review.answered").one()
    assert line.properties["snippet"] == "Przepraszamy, wymienimy."
    with pytest.raises(operations.Settled):
        tending_reviews.close(review_id=review.id, reason="x", by="Marta", now=now)
    tending_reviews.reopen(review_id=review.id, now=now)
    assert tasks()[0].done_at is None
    tending_reviews.close(review_id=review.id, reason="Answered by phone", by="Marta", now=now)
    assert (review.handled, tasks()[0].done_at) == ("closed", now)


def test_reviews_are_listed_by_what_is_asked(session: Any, alice: Any, now: datetime):
    for number, rating in enumerate((1, 2, 3, 4, 5, None), 1):
        tell(now, number=str(number), rating=rating, product_title="Łyżka" if number < 3 else "Kubek")
    tell(now, number="7", rating=1, state="spam")

    def found(**asked: Any) -> list[str | None]:
        return [each.review.external_id for each in queries.listed(Which(**asked))]

    assert found() == ["7", "6", "5", "4", "3", "2", "1"]
    assert found(tone="bad", state="published") == ["2", "1"]
    assert (found(tone="fair"), found(tone="good"), found(tone="unrated")) == (["3"], ["5", "4"], ["6"])
    assert (found(rating=4), found(product="łyż"), found(source="web")) == (["4"], ["2", "1"], [])
    assert queries.waiting() == {"open": 6, "bad": 2}
    assert queries.counts() == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
    mean = stars.mean(queries.counts())
    assert mean is not None
    assert (mean.value, mean.reviews) == (3.0, 5)
    assert [(each.name, each.bad_open) for each in queries.products()] == [("Łyżka", 2), ("Kubek", 0)]


def test_a_forgotten_writer_leaves_stars_and_no_word(session: Any, alice: Any, now: datetime):
    review = tell(now)
    contacts = [each.id for each in identity.contacts_of(queries.told(review.id).profile_id or 0)]
    forgetting.forget(contacts)
    db.session.expire_all()
    kept = db.session.get(Review, review.id)
    assert kept is not None
    assert (kept.rating, kept.body, kept.author, kept.contact_id, kept.external_id) == (1, "", "", None, None)

"""A review comes in: it is kept, a bad one becomes somebody's task, and the task ends with the answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from crm360.accounts import queries as accounts
from crm360.flows import unhappy
from crm360.kernel.db import db
from crm360.reviews import operations, queries, stars
from crm360.reviews.models import Review
from crm360.reviews.queries import Told
from crm360.sales import operations as sales
from crm360.sales import queries as work
from crm360.sales.models import Task

#: A bad review older than this is history that was brought in, nobody's work.
NEWS = timedelta(days=90)
_BY = "reviews"
#: What a task of a bad review came from: followed by the number of the review.
REVIEW = "review:"


def tend(*, keys: Collection[tuple[str, str]], now: datetime) -> None:
    """Give bad ones of these reviews, by (source, its id), to colleagues; one that turned out better is no work any more."""
    for told in queries.known(keys):
        wants_answer = told.review.handled == "open" and told.review.state != "removed"
        if wants_answer and stars.is_bad(told.review.rating):
            _give(told, now)
        else:
            _end_task(told.review.id, by=_BY, now=now)


def answer(*, review_id: int, text: str, by: str, now: datetime) -> Review:
    """Keep the answer and end the task. Raises BadAnswer, NoSuchReview, Settled."""
    review = operations.answer(review_id=review_id, text=text, by=by, now=now)
    _end_task(review_id, by=by, now=now)
    return review


def keep_answer(*, review_id: int, text: str, by: str, now: datetime) -> None:
    """What the customer was written is the answer to their review, unless it has one. Raises BadAnswer, NoSuchReview."""
    if queries.get(review_id).handled == "open":
        operations.answer(review_id=review_id, text=text, by=by, now=now)


def close(*, review_id: int, reason: str, by: str, now: datetime) -> Review:
    """No answer is needed; end the task. Raises BadAnswer, NoSuchReview, Settled."""
    review = operations.close(review_id=review_id, reason=reason, by=by, now=now)
    _end_task(review_id, by=by, now=now)
    return review


def reopen(*, review_id: int, now: datetime) -> Review:
    """Take an answer or a closing back; the task of a bad review is open again. Raises NoSuchReview."""
    review = operations.reopen(review_id=review_id)
    if (task := task_of(review_id)) is not None:
        sales.reopen_task(task_id=task.id, now=now)
    return review


def task_of(review_id: int) -> Task | None:
    """The work a bad review is."""
    return db.session.scalar(select(Task).where(Task.origin == _origin(review_id)))


def _give(told: Told, now: datetime) -> None:
    review = told.review
    owner_id = _owner(told.profile_id)
    if owner_id is None or review.written_at < now - NEWS:
        return
    about = review.product or review.source
    task = sales.add_task(
        title=f"{about[:180]}: {review.rating}/{stars.HIGHEST}", owner_id=owner_id, by=_BY, now=now,
        contact_id=review.contact_id, due_at=now + unhappy.patience(told.profile_id), whole_day=False, origin=_origin(review.id),
    )  # fmt: skip
    if task.done_at is not None:
        sales.reopen_task(task_id=task.id, now=now)


def _owner(profile_id: int | None) -> int | None:
    """The customer's own colleague, else whoever tends reviews, else the first who may answer them."""
    theirs = work.owner_of(profile_id) if profile_id is not None else None
    if theirs:
        return theirs[0]
    working = [each for each in accounts.all_staff() if each.disabled_at is None]
    chosen = queries.owner()
    if chosen in {each.id for each in working}:
        return chosen
    able = [each.id for each in working if each.role in ("marketing", "admin", "sales")]
    return min(able) if able else None


def _end_task(review_id: int, *, by: str, now: datetime) -> None:
    task = task_of(review_id)
    if task is not None and task.done_at is None:
        sales.finish_task(task_id=task.id, by=by, now=now)


def _origin(review_id: int) -> str:
    return f"{REVIEW}{review_id}"

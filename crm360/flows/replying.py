"""A colleague answers an unhappy customer from the task that came of it: the letter is promised, and the task is done."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from crm360.flows import tending_reviews, unhappy
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.outreach import replying
from crm360.outreach.replying import Words
from crm360.reviews import queries as reviews
from crm360.reviews import stars
from crm360.sales import operations as sales
from crm360.sales import queries as work
from crm360.sales.models import Task
from crm360.surveys import kinds
from crm360.surveys import queries as surveys
from crm360.surveys.models import Answer


class NobodyToAnswer(NotFound):
    """The task did not come of a customer's words, or nobody knows whose they were."""

    def __init__(self) -> None:
        super().__init__("There is no customer to answer here.")


class Said(NamedTuple):
    """What made a task: the score and the best there is, the customer's words, and what was asked or reviewed."""

    profile_id: int
    score: int | None
    best: int
    words: str
    about: str
    is_review: bool


def said(task: Task) -> Said:
    """What the customer of a task said. Raises NobodyToAnswer."""
    kind, _, number = (task.origin or "").partition(":")
    profile_id = identity.profile_ids([task.contact_id]).get(task.contact_id) if task.contact_id is not None else None
    if profile_id is None or not number.isdigit():
        raise NobodyToAnswer
    found = _answer(int(number), profile_id) if f"{kind}:" == unhappy.ANSWER else _review(kind, int(number), profile_id)
    if found is None:
        raise NobodyToAnswer
    return found


def reply(*, task_id: int, number: int, words: Words, by: str, domain: str, now: datetime) -> None:
    """Send the letter number `number` of a task and end the task; the answer to a review is kept with the review, too.

    Raises NoSuchTask, NobodyToAnswer, BadReply, Unreachable, UnusableLetter.
    """
    task = work.get_task(task_id)
    told = said(task)
    new = replying.promise(
        task_id=task_id, number=number, profile_id=told.profile_id, words=words, domain=domain, now=now
    )
    if not new:
        return
    if told.is_review:
        tending_reviews.keep_answer(
            review_id=int((task.origin or "").partition(":")[2]), text=words.text, by=by, now=now
        )
    sales.finish_task(task_id=task_id, by=by, now=now)


def _answer(number: int, profile_id: int) -> Said | None:
    answer = db.session.get(Answer, number)
    if answer is None:
        return None
    survey = surveys.get(answer.survey_id)
    scale = kinds.KINDS[survey.kind]
    return Said(profile_id, answer.score, scale.high if scale else 0, answer.body, survey.name, is_review=False)


def _review(kind: str, number: int, profile_id: int) -> Said | None:
    if f"{kind}:" != tending_reviews.REVIEW:
        return None
    try:
        review = reviews.get(number)
    except reviews.NoSuchReview:
        return None
    words = "\n".join(filter(None, (review.title, review.body)))
    return Said(profile_id, review.rating, stars.HIGHEST, words, review.product, is_review=True)

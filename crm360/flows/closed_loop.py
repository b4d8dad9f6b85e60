"""How the loop with unhappy customers goes: how long until a colleague looked after them, and what they said when asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from sqlalchemy import select

from crm360.flows import unhappy
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outreach import replying
from crm360.sales.models import Task
from crm360.surveys import kinds
from crm360.surveys.models import Answer, Invitation, Survey

#: Unhappy answers of so many days are looked at.
DAYS = 365


class Loop(NamedTuple):
    """Of bad answers that became a task: `open` and `closed`, of these in time; the median from the answer to the end of the
    task; how many customers a colleague wrote to from the task, and the median from the answer to the first letter's leaving;
    how many of the customers were asked again, answered, and then a happier one.
    """

    open: int
    closed: int
    in_time: int
    median: timedelta | None
    replied: int
    reply_median: timedelta | None
    asked_again: int
    answered_again: int
    happier: int


class _Closing(NamedTuple):
    task_id: int
    answer_id: int
    done_at: datetime | None
    due_at: datetime | None


def measured(*, now: datetime) -> Loop:
    """The loop of the last year."""
    query = select(Task.id, Task.origin, Task.done_at, Task.due_at).where(
        Task.origin.startswith(unhappy.ANSWER), Task.created_at >= now - timedelta(days=DAYS)
    )
    tasks = [
        _Closing(number, int(str(origin).removeprefix(unhappy.ANSWER)), done, due)
        for number, origin, done, due in db.session.execute(query)
    ]
    first = _answers({each.answer_id for each in tasks})
    closed = [each for each in tasks if each.done_at is not None and each.answer_id in first]
    waited = [each.done_at - first[each.answer_id][0] for each in closed if each.done_at is not None]
    left = replying.first_left([each.task_id for each in tasks])
    replied = [
        left[each.task_id] - first[each.answer_id][0]
        for each in tasks
        if each.task_id in left and each.answer_id in first
    ]
    again = _again({each.answer_id for each in closed})
    second = _second(list(again.values()))
    happier = sum(
        (found := second.get(again[number])) is not None and found > first[number][1]
        for number in again
        if number in first
    )
    return Loop(
        open=sum(each.done_at is None for each in tasks), closed=len(closed),
        in_time=sum(each.due_at is not None and each.done_at is not None and each.done_at <= each.due_at for each in closed),
        median=_median(waited), replied=len(replied), reply_median=_median(replied),
        asked_again=len(again), answered_again=len(second), happier=happier,
    )  # fmt: skip


def _median(waited: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in waited)) if waited else None


def _answers(ids: set[int]) -> dict[int, tuple[datetime, float]]:
    """answer → when it was given, and where on its scale from 0 to 1."""
    found: dict[int, tuple[datetime, float]] = {}
    for chunk in chunked(sorted(ids)):
        query = select(Answer.id, Answer.answered_at, Answer.score, Survey.kind).join(
            Survey, Survey.id == Answer.survey_id
        )
        for number, at, score, kind in db.session.execute(query.where(Answer.id.in_(chunk), Answer.score.is_not(None))):
            found[number] = (at, _share(kind, score))
    return found


def _again(ids: set[int]) -> dict[int, int]:
    """answer → the invitation by which its customer was asked again."""
    found: dict[int, int] = {}
    for chunk in chunked(sorted(ids)):
        subjects = [f"{unhappy.AGAIN}{number}" for number in chunk]
        query = select(Invitation.subject, Invitation.id).where(
            Invitation.subject.in_(subjects), Invitation.asked_at.is_not(None)
        )
        found |= {int(subject.removeprefix(unhappy.AGAIN)): number for subject, number in db.session.execute(query)}
    return found


def _second(invitations: list[int]) -> dict[int, float]:
    """invitation → where on its scale it was answered."""
    found: dict[int, float] = {}
    for chunk in chunked(sorted(invitations)):
        query = select(Answer.invitation_id, Answer.score, Survey.kind).join(Survey, Survey.id == Answer.survey_id)
        for invitation, score, kind in db.session.execute(
            query.where(Answer.invitation_id.in_(chunk), Answer.score.is_not(None))
        ):
            found[invitation or 0] = _share(kind, score)
    return found


def _share(kind: str, score: int | None) -> float:
    scale = kinds.KINDS[kind]
    return 0.0 if scale is None or score is None else (score - scale.low) / (scale.high - scale.low)

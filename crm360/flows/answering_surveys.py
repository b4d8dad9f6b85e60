"""An answer comes in: it is kept, an unhappy customer becomes somebody's task, and is asked again once looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from crm360.commerce.models import CustomerValue
from crm360.facts import ActivityNoted, Received
from crm360.flows import unhappy
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.sales import operations as sales
from crm360.sales import queries as work
from crm360.sales.models import Task
from crm360.surveys import kinds, operations, queries
from crm360.surveys.models import Answer, Survey
from crm360.surveys.operations import Planned, Said

#: Tasks done longer ago were looked through before.
_REMEMBERED = timedelta(days=7)
#: Kinds of the timeline's lines that are answers other systems collected.
RATED, ANSWERED = "conversation.rated", ("custom.survey_answered", "custom.survey-answered")


class AtRisk(NamedTuple):
    """What unhappy customers are expected to spend within a year, in minor units of one currency."""

    currency: str
    customers: int
    clv_minor: int


def receive(*, survey_id: int, said: Said, now: datetime) -> Answer | None:
    """Keep an answer and give an unhappy customer to a colleague; None when it was known.

    Raises BadAnswer, AnsweredAlready, NoSuchSurvey.
    """
    kept = operations.answer(survey_id=survey_id, said=said, now=now)
    if kept is not None:
        _look_after(queries.get(survey_id), kept, now)
    return kept


def receive_activities(*, received: Sequence[Received[ActivityNoted]], now: datetime) -> None:
    """Ratings of conversations and answers told by tracking become answers of the survey they name, if there is one."""
    for item in received:
        if item.contact_id is None or item.fact.ref is None or (not item.fact.activity_id and item.fact.kind == RATED):
            continue
        survey, said = _read(item)
        if survey is not None and said is not None and kinds.fits(survey.kind, said.score):
            receive(survey_id=survey.id, said=said, now=now)


def ask_again(*, now: datetime) -> int:
    """Plan the second question to customers whose task is done; how many are new."""
    recently = (Task.done_at >= now - _REMEMBERED, Task.origin.startswith(unhappy.ANSWER))
    done = select(Task.origin, Task.done_at).where(*recently)
    planned = 0
    for origin, done_at in db.session.execute(done):
        if origin is None or done_at is None:
            continue
        answer = db.session.get(Answer, int(origin.removeprefix(unhappy.ANSWER)))
        survey = queries.get(answer.survey_id) if answer is not None else None
        if answer is None or survey is None or survey.again_days is None or answer.contact_id is None:
            continue
        ask_at = done_at + timedelta(days=survey.again_days)
        again = Planned(answer.contact_id, f"{unhappy.AGAIN}{answer.id}", ask_at)
        planned += operations.plan(survey_id=survey.id, planned=[again])
    return planned


def revenue_at_risk(*, now: datetime) -> list[AtRisk]:
    """The expected spending within a year (CLV) of unhappy customers: see `surveys.queries.unhappy_profiles`."""
    unhappy = list(queries.unhappy_profiles(now))
    found: dict[str, list[int]] = {}
    for start in range(0, len(unhappy), 500):
        some = CustomerValue.profile_id.in_(unhappy[start : start + 500])
        query = select(CustomerValue.currency, CustomerValue.clv_minor).where(
            some, CustomerValue.clv_minor.is_not(None)
        )
        for currency, clv in db.session.execute(query):
            found.setdefault(currency, []).append(clv or 0)
    return [AtRisk(currency, len(each), sum(each)) for currency, each in sorted(found.items())]


def _look_after(survey: Survey, kept: Answer, now: datetime) -> None:
    scale = kinds.KINDS[survey.kind]
    if scale is None or kept.contact_id is None or not kinds.is_bad(survey.kind, kept.score):
        return
    profile_id = identity.profile_ids([kept.contact_id]).get(kept.contact_id)
    if profile_id is None:
        return
    owner = work.owner_of(profile_id)
    sales.add_task(
        title=f"{survey.name[:180]}: {kept.score}/{scale.high}", owner_id=owner[0] if owner else survey.owner_id,
        by=survey.name, now=now, contact_id=kept.contact_id, due_at=now + unhappy.patience(profile_id), whole_day=False,
        origin=f"{unhappy.ANSWER}{kept.id}",
    )  # fmt: skip


def _read(item: Received[ActivityNoted]) -> tuple[Survey | None, Said | None]:
    """Which survey of ours an activity answers, and how; (None, None) when it is none."""
    fact, told = item.fact, item.fact.properties
    if fact.kind == RATED:
        survey, score, body = queries.first_of_kind("csat"), told.get("rating"), told.get("feedback")
    elif fact.kind in ANSWERED:
        survey, score, body = _named(told.get("survey")), told.get("score"), told.get("text")
    else:
        return None, None
    if survey is None or not (score is None or (isinstance(score, int) and not isinstance(score, bool))):
        return None, None
    thread = str(told.get("thread") or "")
    return survey, Said(
        score=score, channel="chat" if fact.kind == RATED else "site", answered_at=fact.occurred_at,
        body=str(body or ""), contact_id=item.contact_id, agent=str(told.get("agent") or ""),
        store=str(told.get("store") or ""), subject=f"thread:{thread}" if thread else "", source=fact.ref.source,
        external_id=f"{fact.kind}:{fact.activity_id}" if fact.activity_id else None,
    )  # fmt: skip


def _named(code: object) -> Survey | None:
    try:
        return queries.by_code(code) if isinstance(code, str) else None
    except queries.NoSuchSurvey:
        return None

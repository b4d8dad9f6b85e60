"""Surveys, invitations and answers as pages and jobs ask for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select

from crm360.identity.models import Contact
from crm360.identity.queries import contact_ids
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.surveys import kinds, scores
from crm360.surveys.models import Answer, Invitation, Survey
from crm360.surveys.scores import Score


class NoSuchSurvey(NotFound):
    """The survey is not there."""

    def __init__(self, name: int | str) -> None:
        super().__init__(f"There is no survey {name}.")


class NoSuchInvitation(NotFound):
    """The invitation is gone: the person was forgotten."""

    def __init__(self) -> None:
        super().__init__("This question is no longer asked.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Answers to count: of a span (`since` inclusive, `until` exclusive), a channel, a store, an agent."""

    since: datetime | None = None
    until: datetime | None = None
    channel: str = ""
    store: str = ""
    agent: str = ""


class Told(NamedTuple):
    """An answer with the customer it is of now; None when it is anonymous."""

    answer: Answer
    profile_id: int | None


def get(survey_id: int) -> Survey:
    """Raises NoSuchSurvey."""
    found = db.session.get(Survey, survey_id)
    if found is None:
        raise NoSuchSurvey(survey_id)
    return found


def by_code(code: str) -> Survey:
    """Raises NoSuchSurvey."""
    found = db.session.scalar(select(Survey).where(Survey.code == code))
    if found is None:
        raise NoSuchSurvey(code)
    return found


def surveys() -> Sequence[Survey]:
    """All of them, the newest first."""
    return db.session.scalars(select(Survey).order_by(Survey.id.desc())).all()


def active() -> Sequence[Survey]:
    """Those that ask by themselves."""
    return db.session.scalars(select(Survey).where(Survey.active_since.is_not(None)).order_by(Survey.id)).all()


def first_of_kind(kind: str) -> Survey | None:
    """The oldest survey of a kind: where another system's answers go that name none of ours."""
    return db.session.scalar(select(Survey).where(Survey.kind == kind).order_by(Survey.id).limit(1))


def is_answered(survey_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(Answer.survey_id == survey_id))))


def find_told(source: str, external_id: str) -> Answer | None:
    """An answer another system told of."""
    return db.session.scalar(select(Answer).where(Answer.source == source, Answer.external_id == external_id))


def invitation(invitation_id: int) -> Invitation:
    """Raises NoSuchInvitation."""
    found = db.session.get(Invitation, invitation_id)
    if found is None:
        raise NoSuchInvitation
    return found


def due(*, now: datetime, limit: int) -> list[tuple[Invitation, int]]:
    """Questions to be put now, with whose they are, the earliest first."""
    query = select(Invitation, Contact.profile_id).join(Contact, Contact.id == Invitation.contact_id)
    waiting = query.where(Invitation.state == "planned", Invitation.ask_at <= now, Contact.profile_id.is_not(None))
    rows = db.session.execute(waiting.order_by(Invitation.ask_at, Invitation.id).limit(limit))
    return [(found, profile_id) for found, profile_id in rows if profile_id is not None]


def anything_due(*, now: datetime) -> bool:
    """Whether a question waits to be put."""
    return bool(db.session.scalar(select(exists().where(Invitation.state == "planned", Invitation.ask_at <= now))))


def last_asked(profile_ids: Collection[int]) -> dict[int, datetime]:
    """profile → when they were asked anything last."""
    query = select(Contact.profile_id, func.max(Invitation.asked_at)).join(Contact, Contact.id == Invitation.contact_id)
    of = query.where(dialects.Among(Contact.profile_id), Invitation.asked_at.is_not(None)).group_by(Contact.profile_id)
    rows = db.session.execute(of, {"values": list(profile_ids)})
    return {profile: at for profile, at in rows if profile is not None and at is not None}


def score_of(survey: Survey, which: Which = Which()) -> Score | None:
    """The survey's number; None without answers, or for an open question."""
    return scores.score(survey.kind, counts(survey.id, which))


def counts(survey_id: int, which: Which = Which()) -> dict[int, int]:
    """Value on the scale → answers."""
    query = select(Answer.score, func.count()).where(*_chosen(survey_id, which), Answer.score.is_not(None))
    return {value: number for value, number in db.session.execute(query.group_by(Answer.score)) if value is not None}


def answers(
    survey_id: int, *, which: Which = Which(), bad: bool = False, before: int | None = None, limit: int = 50
) -> list[Told]:
    """Answers with their customers, the latest first; `bad`: those of unhappy customers only."""
    survey, query = get(survey_id), _told().where(*_chosen(survey_id, which))
    scale = kinds.KINDS[survey.kind]
    if bad and scale is not None:
        query = query.where(Answer.score <= scale.bad)
    if before is not None:
        query = query.where(Answer.id < before)
    return [Told(*row) for row in db.session.execute(query.order_by(Answer.id.desc()).limit(limit))]


def invited(survey_id: int) -> dict[str, int]:
    """state, or "skipped:<reason>" → invitations."""
    query = select(Invitation.state, Invitation.reason, func.count()).where(Invitation.survey_id == survey_id)
    return {
        f"{state}:{reason}" if reason else state: number
        for state, reason, number in db.session.execute(query.group_by(Invitation.state, Invitation.reason))
    }


def latest_nps(profile_id: int) -> tuple[int, datetime] | None:
    """The last answer of a customer to whether they would recommend us, and when it was given."""
    query = select(Answer.score, Answer.answered_at).join(Survey, Survey.id == Answer.survey_id)
    theirs = Answer.contact_id.in_(contact_ids(profile_id))
    told = query.where(theirs, Survey.kind == "nps", Answer.score.is_not(None))
    row = db.session.execute(told.order_by(Answer.answered_at.desc(), Answer.id.desc()).limit(1)).one_or_none()
    return (int(row[0]), row[1]) if row else None


def unhappy_profiles(now: datetime) -> dict[int, int]:
    """profile → id of their latest answer, of customers whose latest answer to anything was bad, at most 90 days ago."""
    query = select(Contact.profile_id, Answer.id, Survey.kind, Answer.score)
    query = query.join(Contact, Contact.id == Answer.contact_id).join(Survey, Survey.id == Answer.survey_id)
    latest: dict[int, tuple[int, bool]] = {}
    wanted = query.where(Contact.profile_id.is_not(None), Answer.score.is_not(None), Answer.answered_at <= now)
    # An answer older than that makes nobody unhappy, nor does it undo a newer one.
    recent = wanted.where(Answer.answered_at >= now - timedelta(days=kinds.UNHAPPY_DAYS))
    for profile, number, kind, value in db.session.execute(recent.order_by(Answer.answered_at, Answer.id)):
        latest[profile] = (number, kinds.is_bad(kind, value))
    return {profile: number for profile, (number, bad) in latest.items() if bad}


def _told() -> Select[Answer, int | None]:
    return select(Answer, Contact.profile_id).outerjoin(Contact, Contact.id == Answer.contact_id)


def _chosen(survey_id: int, which: Which) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Answer.survey_id == survey_id]
    if which.since is not None:
        wanted.append(Answer.answered_at >= which.since)
    if which.until is not None:
        wanted.append(Answer.answered_at < which.until)
    for column, value in ((Answer.channel, which.channel), (Answer.store, which.store), (Answer.agent, which.agent)):
        if value:
            wanted.append(column == value)
    return wanted

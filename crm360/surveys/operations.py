"""Surveys are defined, put and answered. Who asks commits between planning and sending."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from crm360.accounts.queries import get_staff
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Invalid
from crm360.profiles import timeline
from crm360.profiles.models import TimelineEntry
from crm360.surveys import kinds, queries
from crm360.surveys.models import Answer, Invitation, Survey
from crm360.tone import guessing

TRIGGERS = ("", "order", "event", "conversation", "silent", "segment")
CHANNELS = ("email", "link", "qr", "site", "api", "chat")
LONGEST_BODY = 5_000
_LONGEST_TEXT = 300
_EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_\-]+)+")


class BadSurvey(Invalid):
    """The survey cannot be kept like this."""


class BadAnswer(Invalid):
    """The answer does not fit the question."""


class AnsweredAlready(Conflict):
    """The invitation was answered before, by somebody the link was handed to perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a survey asks and when; fields as in `models.Survey`."""

    name: str
    kind: str
    question_en: str
    question_pl: str
    owner_id: int
    purpose: str = "surveys"
    trigger: str = ""
    event_kind: str = ""
    segment_id: int | None = None
    delay_hours: int = 0
    cooldown_days: int = 90
    valid_days: int = 30
    again_days: int | None = None


class Planned(NamedTuple):
    """A question to be put."""

    contact_id: int
    subject: str
    ask_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer as it came in; fields as in `models.Answer`."""

    score: int | None
    channel: str
    answered_at: datetime
    body: str = ""
    locale: str = ""
    contact_id: int | None = None
    invitation_id: int | None = None
    store: str = ""
    agent: str = ""
    subject: str = ""
    source: str = ""
    external_id: str | None = None


def create(*, wording: Wording, now: datetime) -> Survey:
    """A new survey, asking nobody by itself yet. Raises BadSurvey, StaffNotFound."""
    survey = Survey(code=secrets.token_urlsafe(6), created_at=now)
    _fill(survey, wording)
    db.session.add(survey)
    db.session.flush()
    return survey


def change(*, survey_id: int, wording: Wording) -> Survey:
    """Say it differently. The scale stays once somebody answered. Raises BadSurvey, NoSuchSurvey, StaffNotFound."""
    survey = queries.get(survey_id)
    if wording.kind != survey.kind and queries.is_answered(survey_id):
        raise BadSurvey("The kind of question stays as it is: there are answers on its scale.")
    _fill(survey, wording)
    db.session.flush()
    return survey


def activate(*, survey_id: int, newest_order_id: int, now: datetime) -> None:
    """Ask from now on, about what happens from now on: orders after that one. Raises BadSurvey, NoSuchSurvey."""
    survey = queries.get(survey_id)
    if not survey.trigger:
        raise BadSurvey("This survey has no occasion at which it is sent.")
    survey.active_since = survey.seen_until = now
    survey.seen_entry_id = db.session.scalar(select(func.max(TimelineEntry.id))) or 0
    survey.seen_order_id = newest_order_id
    db.session.flush()


def deactivate(*, survey_id: int, now: datetime) -> None:
    """Ask nobody any more; what is planned is called off. Raises NoSuchSurvey."""
    queries.get(survey_id).active_since = None
    waiting = update(Invitation).where(Invitation.survey_id == survey_id, Invitation.state == "planned")
    db.session.execute(waiting.values(state="skipped", reason="stopped"))


def plan(*, survey_id: int, planned: Sequence[Planned]) -> int:
    """Put down whom to ask and when; the same thing is asked about once. Returns how many were new."""
    rows = [{"survey_id": survey_id, "state": "planned", "reason": "", **each._asdict()} for each in planned]
    return dialects.insert_new(db.session, table_of(Invitation), rows, ["survey_id", "subject"])


def skip(*, invitation_id: int, reason: str) -> None:
    """It is not put, and why."""
    _settle(invitation_id, state="skipped", reason=reason)


def asked(*, invitation_id: int, valid_days: int, now: datetime) -> None:
    """It is on its way; the link lives so many days."""
    _settle(invitation_id, state="asked", asked_at=now, expires_at=now + timedelta(days=valid_days))


def answer(*, survey_id: int, said: Said, now: datetime) -> Answer | None:
    """Keep an answer, with its line on the timeline; None when its source told of it before.

    Raises BadAnswer, AnsweredAlready, NoSuchSurvey.
    """
    survey = queries.get(survey_id)
    if not kinds.fits(survey.kind, said.score) or said.channel not in CHANNELS:
        raise BadAnswer("Choose one of the answers.", errors={"score": ["Choose one of the answers."]})
    if said.external_id is not None and queries.find_told(said.source, said.external_id) is not None:
        return None
    if said.invitation_id is not None:
        _take(said.invitation_id, now)
    body = said.body.replace("\r\n", "\n").strip()[:LONGEST_BODY]
    kept = Answer(
        survey_id=survey_id, recorded_at=now, body=body, invitation_id=said.invitation_id, contact_id=said.contact_id,
        score=said.score, locale=said.locale, channel=said.channel, store=said.store[:_LONGEST_TEXT],
        agent=said.agent[:_LONGEST_TEXT], subject=said.subject, answered_at=said.answered_at, source=said.source,
        external_id=said.external_id,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    _line(survey, kept, now)
    return kept


def _line(survey: Survey, kept: Answer, now: datetime) -> None:
    if kept.contact_id is None:
        return
    scale = kinds.KINDS[survey.kind]
    said: dict[str, Any] = {
        "survey": survey.name,
        "kind": survey.kind,
        "snippet": kept.body[:200],
        "bad": kinds.is_bad(survey.kind, kept.score),
    }
    if kept.score is not None and scale is not None:
        said |= {"score": kept.score, "of": scale.high}
    said |= guessing.marked(kept.body, kept.locale)
    title = survey.name if kept.score is None or scale is None else f"{survey.name}: {kept.score}/{scale.high}"
    line = timeline.Entry(kept.contact_id, "survey.answered", kept.answered_at, title, said, f"answer:{kept.id}")
    timeline.note(entries=[line], now=now)


def _take(invitation_id: int, now: datetime) -> None:
    mine = update(Invitation).where(Invitation.id == invitation_id, Invitation.state != "answered")
    if not db.session.execute(mine.values(state="answered", answered_at=now)).rowcount:
        raise AnsweredAlready("This question was answered already. Thank you!")


def _settle(invitation_id: int, **values: Any) -> None:
    planned = update(Invitation).where(Invitation.id == invitation_id, Invitation.state == "planned")
    db.session.execute(planned.values(**values))


def _fill(survey: Survey, wording: Wording) -> None:
    errors = {
        name: [words]
        for name, wrong, words in (
            ("name", not wording.name.strip(), "A survey needs a name."),
            ("question_en", not (wording.question_en.strip() and wording.question_pl.strip()), "Ask in both languages."),
            ("kind", wording.kind not in kinds.KINDS, "There is no such kind of question."),
            ("trigger", wording.trigger not in TRIGGERS, "There is no such occasion."),
            ("event_kind", wording.trigger == "event" and not _EVENT.fullmatch(wording.event_kind), "Name the event as on the timeline, such as custom.order_delivered."),
            ("segment_id", wording.trigger == "segment" and wording.segment_id is None, "Choose the segment."),
            ("delay_hours", not 0 <= wording.delay_hours <= 24 * 3650, "The delay cannot be read."),
            ("cooldown_days", not 0 <= wording.cooldown_days <= 3650, "The pause cannot be read."),
            ("valid_days", not 1 <= wording.valid_days <= 365, "A link is valid from 1 to 365 days."),
        )
        if wrong
    }  # fmt: skip
    if errors:
        raise BadSurvey("The survey cannot be kept like this.", errors=errors)
    survey.name, survey.kind = wording.name.strip()[:_LONGEST_TEXT], wording.kind
    survey.question_en, survey.question_pl = wording.question_en.strip(), wording.question_pl.strip()
    survey.purpose, survey.trigger, survey.event_kind = wording.purpose, wording.trigger, wording.event_kind
    survey.segment_id = wording.segment_id if wording.trigger == "segment" else None
    survey.delay_hours, survey.cooldown_days = wording.delay_hours, wording.cooldown_days
    survey.valid_days, survey.again_days = wording.valid_days, wording.again_days
    survey.owner_id = get_staff(wording.owner_id).id

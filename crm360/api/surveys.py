"""Surveys over REST: defined, switched on and off; answers of other systems taken in, all of them read with the score."""

from __future__ import annotations

from dataclasses import fields as fields_of
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm360.accounts import audit
from crm360.api import disclosing, slices
from crm360.api.door import door, failing
from crm360.api.fields import BIGGEST_ID, Instant, Said, limit, one_of, text
from crm360.api.policy import actor, key, requires
from crm360.api.schemas import listed, moment, number, word
from crm360.flows import answering_surveys, asking_surveys
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.surveys import kinds, operations, queries
from crm360.surveys.models import Survey
from crm360.surveys.operations import Said as Answered
from crm360.surveys.operations import Wording
from crm360.surveys.queries import Told, Which

TAGS = ["Surveys"]
ID = "/surveys/<int(min=1, max=9223372036854775807):survey_id>"
_AT = "2026-03-02T10:30:00.000000Z"
_WORDING = {
    "name": "After delivery", "kind": "nps", "question_en": "Would you recommend us?", "question_pl": "Czy nas polecisz?",
    "owner_id": 1, "trigger": "order", "delay_hours": 72,
}  # fmt: skip
_SURVEY = _WORDING | {
    "id": 2, "code": "k3Jd9-xQ", "purpose": "surveys", "event_kind": "", "segment_id": None, "cooldown_days": 90, "valid_days": 30,
    "again_days": 14, "active_since": _AT, "created_at": _AT,
    "score": {"value": 33.3, "low": -12.0, "high": 78.6, "answers": 12},
}  # fmt: skip
_ANSWER = {"id": 9, "profile_id": 17, "href": "/api/v1/profiles/17", "score": 3, "body": "Came late", "locale": "en", "channel": "email",
           "store": "", "agent": "", "source": "", "external_id": None, "answered_at": _AT}  # fmt: skip
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class SurveyWording(Said):
    name = text(most=300, least=1, required=True)
    kind = one_of(tuple(kinds.KINDS), required=True)
    question_en = text(most=1000, least=1, required=True)
    question_pl = text(most=1000, least=1, required=True)
    owner_id = fields.Integer(
        required=True, validate=validate.Range(1, BIGGEST_ID),
        metadata={"description": "The colleague who looks after unhappy customers that are nobody's."},
    )  # fmt: skip
    purpose = text(most=60, load_default="surveys")
    trigger = one_of(operations.TRIGGERS, load_default="")
    event_kind = text(most=120, load_default="", metadata={"description": "Of the trigger `event`."})
    segment_id = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, BIGGEST_ID))
    delay_hours = fields.Integer(load_default=0, validate=validate.Range(0, 87_600))
    cooldown_days = fields.Integer(load_default=90, validate=validate.Range(0, 3650))
    valid_days = fields.Integer(load_default=30, validate=validate.Range(1, 365))
    again_days = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 3650))


class SurveyScore(ma.Schema):
    value, low, high = fields.Float(), fields.Float(), fields.Float()
    answers = number()


class SurveyTold(ma.Schema):
    id, owner_id, delay_hours, cooldown_days, valid_days = number(), number(), number(), number(), number()
    code, name, kind, purpose, question_en, question_pl, trigger, event_kind = (word() for _ in range(8))
    segment_id = fields.Integer(allow_none=True)
    again_days = fields.Integer(allow_none=True)
    active_since = Instant(allow_none=True)
    created_at = moment()
    score = fields.Nested(SurveyScore, allow_none=True)


class SurveyList(ma.Schema):
    items = listed(SurveyTold)


class SentAnswer(Said):
    event_id = text(most=200, least=1, required=True, metadata={"description": "Your own id: repeats are ignored."})
    profile_id = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, BIGGEST_ID),
        metadata={"description": "Whose answer it is; without one it is anonymous and stays so."},
    )  # fmt: skip
    score = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 10))
    body = fields.String(load_default="", validate=validate.Length(max=operations.LONGEST_BODY))
    locale = text(most=20, load_default="")
    store = text(most=100, load_default="")
    agent = text(most=100, load_default="")
    answered_at = Instant(load_default=None)


class AskedAnswers(Said):
    since = Instant(load_default=None)
    until = Instant(load_default=None)
    channel = one_of(operations.CHANNELS, load_default="")
    store = text(most=100, load_default="")
    agent = text(most=100, load_default="")
    before = fields.Integer(load_default=None, validate=validate.Range(1, BIGGEST_ID))
    limit = limit()


class SurveyAnswer(ma.Schema):
    id = number()
    profile_id = fields.Integer(allow_none=True, metadata={"description": "Null: it is anonymous."})
    href = fields.String(allow_none=True)
    score = fields.Integer(allow_none=True)
    body, locale, channel, store, agent, source = (word() for _ in range(6))
    external_id = fields.String(allow_none=True)
    answered_at = moment()


class SurveyAnswerPage(ma.Schema):
    score = fields.Nested(SurveyScore, allow_none=True)
    items = listed(SurveyAnswer)
    next_before = fields.Integer(allow_none=True)


@door.get("/surveys", tags=TAGS)
@requires("customers.read")
@refused
@door.response(HTTPStatus.OK, SurveyList, example={"items": [_SURVEY]})
@door.doc(operationId="listSurveys")
def surveys() -> dict[str, Any]:
    """Read surveys with their scores, the newest first"""
    return {"items": [_said(each) for each in queries.surveys()]}


@door.post("/surveys", tags=TAGS)
@requires("surveys.manage")
@refused
@door.arguments(SurveyWording, example=_WORDING)
@door.response(HTTPStatus.CREATED, SurveyTold, example=_SURVEY | {"active_since": None, "score": None})
@door.doc(operationId="createSurvey")
def create_survey(body: dict[str, Any]) -> dict[str, Any]:
    """Make a survey; it asks nobody by itself before it is switched on"""
    return _noted("survey.saved", operations.create(wording=Wording(**body), now=clock.now()))


@door.get(ID, tags=TAGS)
@requires("customers.read")
@refused
@door.response(HTTPStatus.OK, SurveyTold, example=_SURVEY)
@door.doc(operationId="getSurvey")
def survey(survey_id: int) -> dict[str, Any]:
    """Read one survey with its score"""
    return _said(queries.get(survey_id))


@door.put(ID, tags=TAGS)
@requires("surveys.manage")
@refused
@door.arguments(SurveyWording, example=_WORDING)
@door.response(HTTPStatus.OK, SurveyTold, example=_SURVEY)
@door.doc(operationId="changeSurvey")
def change_survey(body: dict[str, Any], survey_id: int) -> dict[str, Any]:
    """Say a survey differently; its kind stays once somebody answered"""
    return _noted("survey.saved", operations.change(survey_id=survey_id, wording=Wording(**body)))


@door.post(f"{ID}/activation", tags=TAGS)
@requires("surveys.manage")
@refused
@door.response(HTTPStatus.OK, SurveyTold, example=_SURVEY)
@door.doc(operationId="activateSurvey")
def activate_survey(survey_id: int) -> dict[str, Any]:
    """Ask from now on, about what happens from now on"""
    asking_surveys.activate(survey_id=survey_id, now=clock.now())
    return _noted("survey.activated", queries.get(survey_id))


@door.post(f"{ID}/deactivation", tags=TAGS)
@requires("surveys.manage")
@refused
@door.response(HTTPStatus.OK, SurveyTold, example=_SURVEY | {"active_since": None})
@door.doc(operationId="deactivateSurvey")
def deactivate_survey(survey_id: int) -> dict[str, Any]:
    """Ask nobody any more; what is planned is called off"""
    operations.deactivate(survey_id=survey_id, now=clock.now())
    return _noted("survey.deactivated", queries.get(survey_id))


@door.get(f"{ID}/answers", tags=TAGS)
@requires("customers.read")
@refused
@door.arguments(AskedAnswers, location="query")
@door.response(
    HTTPStatus.OK, SurveyAnswerPage, example={"score": _SURVEY["score"], "items": [_ANSWER], "next_before": None}
)
@door.doc(operationId="listSurveyAnswers")
def survey_answers(asked: dict[str, Any], survey_id: int) -> dict[str, Any]:
    """Read answers, the latest first, with the score of all that fit"""
    most, before, which = asked.pop("limit"), asked.pop("before"), Which(**asked)
    found = queries.answers(survey_id, which=which, before=before, limit=most + 1)
    scored = queries.score_of(queries.get(survey_id), which)
    shown, following = slices.newest(found, lambda each: each.answer.id, limit=most)
    page = {"score": scored._asdict() if scored else None, "next_before": following}
    return disclosing.of_somebody([_answer(each) for each in shown], page)


@door.post(f"{ID}/answers", tags=TAGS)
@requires("api.ingest")
@refused
@door.arguments(SentAnswer, example={"event_id": "a-77", "profile_id": 17, "score": 3, "body": "Came late"})
@door.response(HTTPStatus.OK, SurveyTold, example=_SURVEY)
@door.doc(operationId="sendSurveyAnswer")
def send_answer(body: dict[str, Any], survey_id: int) -> dict[str, Any]:
    """Send an answer another system collected

    A repeat of an `event_id` changes nothing. An unhappy customer becomes a colleague's task.
    """
    now, profile_id, event_id = clock.now(), body.pop("profile_id"), body.pop("event_id")
    contact_id = identity.anchor(identity.current(profile_id)) if profile_id is not None else None
    at = min(body.pop("answered_at") or now, now)
    said = Answered(
        **body, channel="api", answered_at=at, contact_id=contact_id, source=key().name, external_id=event_id
    )
    answering_surveys.receive(survey_id=survey_id, said=said, now=now)
    return _said(queries.get(survey_id))


def _noted(action: str, found: Survey) -> dict[str, Any]:
    audit.record(actor=actor(), action=action, subject_kind="survey", subject_id=found.id, now=clock.now())
    return _said(found)


def _said(found: Survey) -> dict[str, Any]:
    names = ("id", "code", "active_since", "created_at", *(each.name for each in fields_of(Wording)))
    scored = queries.score_of(found)
    return {name: getattr(found, name) for name in names} | {"score": scored._asdict() if scored else None}


def _answer(told: Told) -> dict[str, Any]:
    names = ("id", "score", "body", "locale", "channel", "store", "agent", "source", "external_id", "answered_at")
    said = {name: getattr(told.answer, name) for name in names}
    return said | disclosing.whose(told.profile_id)

"""A customer answers: by the link of their letter, or anonymously by a link anybody may open, such as a QR code's.

A GET only shows, whatever score its address carries: mail scanners follow links, and a link may be handed on.
"""

from __future__ import annotations

from flask import request

from crm360.flows import answering_surveys
from crm360.kernel import clock
from crm360.public.door import SURVEY, door, open_to_all, page, reader
from crm360.surveys import kinds, queries
from crm360.surveys.models import Invitation, Survey
from crm360.surveys.operations import AnsweredAlready, BadAnswer, Said


@door.get("/survey/<token>")
@open_to_all
def show_survey(token: str) -> str | tuple[str, int]:
    invitation, survey = _asked(token)
    return _page(survey, _ended(invitation)), _status(invitation)


@door.post("/survey/<token>")
@open_to_all
def answer_survey(token: str) -> str | tuple[str, int]:
    invitation, survey = _asked(token)
    if ended := _ended(invitation):
        return _page(survey, ended), _status(invitation)
    said = Said(
        score=_score(), body=request.form.get("body", ""), locale=reader(), channel="email", contact_id=invitation.contact_id,
        invitation_id=invitation.id, subject=invitation.subject, answered_at=clock.now(),
    )  # fmt: skip
    return _kept(survey, said)


@door.get("/ask/<code>")
@open_to_all
def show_open_survey(code: str) -> str:
    return _page(queries.by_code(code))


@door.post("/ask/<code>")
@open_to_all
def answer_open_survey(code: str) -> str | tuple[str, int]:
    """Anonymous: nothing of the visit is kept but the store its code names. The field nobody sees catches machines."""
    survey, args = queries.by_code(code), request.args
    if request.form.get("website"):
        return _page(survey, "done")
    said = Said(
        score=_score(), body=request.form.get("body", ""), locale=reader(), channel="qr" if args.get("via") == "qr" else "link",
        store=args.get("store", ""), answered_at=clock.now(),
    )  # fmt: skip
    return _kept(survey, said)


def _kept(survey: Survey, said: Said) -> str | tuple[str, int]:
    try:
        answering_surveys.receive(survey_id=survey.id, said=said, now=clock.now())
    except BadAnswer:
        return _page(survey, wrong=True), 422
    except AnsweredAlready:
        return _page(survey, "already")
    return _page(survey, "done")


def _asked(token: str) -> tuple[Invitation, Survey]:
    """The invitation a link stands for. Raises BadLink, NoSuchInvitation."""
    (invitation_id,) = SURVEY.parts(token, 1)
    invitation = queries.invitation(invitation_id)
    return invitation, queries.get(invitation.survey_id)


def _ended(invitation: Invitation) -> str:
    """Why a link asks no more: "already" answered, "closed"; "" while it does."""
    if invitation.state == "answered":
        return "already"
    return "closed" if invitation.expires_at is not None and invitation.expires_at < clock.now() else ""


def _status(invitation: Invitation) -> int:
    return 410 if _ended(invitation) == "closed" else 200


def _score() -> int | None:
    return request.form.get("score", type=int)


def _page(survey: Survey, ended: str = "", *, wrong: bool = False) -> str:
    """The question, or what is said instead: "done", "already", "closed"."""
    scale = kinds.KINDS[survey.kind]
    question = survey.question_pl if reader() == "pl" else survey.question_en
    chosen = request.values.get("score", type=int)
    return page("survey", survey=survey, question=question, scale=scale, chosen=chosen, ended=ended, wrong=wrong)

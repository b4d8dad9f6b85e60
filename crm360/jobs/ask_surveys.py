"""Surveys look for occasions, and put what is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext

from crm360.flows import answering_surveys, asking_surveys
from crm360.jobs.job import Limits
from crm360.kernel import clock, mail, tickets
from crm360.kernel.db import db
from crm360.surveys import kinds, queries
from crm360.surveys.models import Survey


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many questions were planned, put or skipped."""
    planned = asking_surveys.plan(now=now) + answering_surveys.ask_again(now=now)
    db.session.commit()
    put = asking_surveys.put(
        write=writing(limits), default_language=limits.default_locale, domain=mail.domain_of(limits.mail_from),
        now=now,
    )  # fmt: skip
    return planned + put


def something_waits() -> bool:
    """Whether a survey is on, or a question is due."""
    return bool(queries.active()) or queries.anything_due(now=clock.now())


def writing(limits: Limits) -> asking_surveys.Write:
    """What makes the letter of one question: its scale as links that only show, in the customer's language."""

    def write(survey: Survey, invitation_id: int, identifier_id: int, language: str) -> asking_surveys.Written:
        link = f"{limits.public_url}/survey/{tickets.make(tickets.SURVEY, invitation_id, key=limits.secret_key)}"
        about = (identifier_id, survey.purpose, "email", f"survey:{survey.id}")
        stop = f"{limits.public_url}/unsubscribe/{tickets.make(tickets.UNSUBSCRIBE, *about, key=limits.secret_key)}"
        scale, question = kinds.KINDS[survey.kind], survey.question_pl if language == "pl" else survey.question_en
        values = list(range(scale.low, scale.high + 1)) if scale else []
        told = {
            "shop": limits.shop_name,
            "question": question,
            "values": values,
            "link": link,
            "stop": stop,
            "language": language,
        }
        with force_locale(language):
            return asking_surveys.Written(
                gettext("A question from %(shop)s", shop=limits.shop_name), _rendered("survey.txt", told),
                _rendered("survey.html", told), mail.one_click(stop),
            )  # fmt: skip

    return write


def _rendered(name: str, told: dict[str, Any]) -> str:
    """Without what templates of pages know of their visitor: there is none."""
    return current_app.jinja_env.get_template(f"emails/{name}").render(**told)

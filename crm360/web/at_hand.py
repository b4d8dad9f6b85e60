"""What a colleague reads of a customer in the first seconds: how to speak to them, what they are worth, what is open, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext

from crm360.commerce import queries as commerce
from crm360.commerce import value_sums
from crm360.commerce.models import CustomerValue
from crm360.consents import queries as consents
from crm360.flows import next_step, open_issues
from crm360.flows.next_step import Known, Step
from crm360.flows.open_issues import Issue
from crm360.outreach import facing
from crm360.profiles import queries as profiles
from crm360.profiles.models import GoldenRecord
from crm360.sales import suggesting
from crm360.surveys import queries as surveys
from crm360.web import insight_words, reach
from crm360.web.reach import Reach


def head(profile_id: int, record: GoldenRecord, reached: Sequence[Reach], *, now: datetime) -> dict[str, Any]:
    """What the head of the page says beside name and figures, and the step suggested beneath it."""
    valued, issue = value_sums.of(profile_id), open_issues.of(profile_id, now=now)
    value = valued.value if valued else None
    known = {name: str(said["value"]) for name, said in record.fields.items()}
    usual = str(current_app.config["SETTINGS"].default_locale)
    return {
        "called": facing.spoken_to(known, otherwise=usual),
        "band": insight_words.BANDS.get(value.monetary_score or 0) if value else None,
        "nps": surveys.latest_nps(profile_id),
        "issue": issue,
        **suggested(profile_id, value, issue, bool(known.get("email")), reached, now=now),
    }


def suggested(
    profile_id: int, value: CustomerValue | None, issue: Issue | None, has_email: bool, reached: Sequence[Reach],
    *, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """The next step, and the answers given to earlier ones."""
    answers = suggesting.answered(profile_id)
    carts = commerce.carts_of(profile_id, limit=1)
    known = Known(
        value=value, cart=carts[0] if carts else None,
        permitted=[each.channel for each in reached if each.answer == "yes"],
        unasked=has_email and any(each.channel == "email" and not each.state and each.answer == "service" for each in reached),
    )  # fmt: skip
    step = None if issue else next_step.of(known, answered={each.subject for each in answers}, now=now)
    return {"step": step, "answers": answers}


def suggested_to(profile_id: int, *, now: datetime) -> dict[str, Any]:
    """The same for a part of the page by itself."""
    valued, record = value_sums.of(profile_id), profiles.golden([profile_id]).get(profile_id)
    has_email = bool(record and record.fields.get("email"))
    reached = reach.by_channel(consents.matrix(profile_id, now=now))
    issue = open_issues.of(profile_id, now=now)
    shown = suggested(profile_id, valued.value if valued else None, issue, has_email, reached, now=now)
    return {"profile_id": profile_id, **shown}


def title(step: Step) -> str:
    """What is to be done, as a task would be called."""
    if step.rule == "cart":
        return gettext("Offer help with the cart: %(goods)s", goods=step.about) if step.about else gettext("Offer help with the cart")  # fmt: skip
    if step.rule == "offer":
        return gettext("Offer: %(product)s", product=step.about)
    if step.rule == "silent":
        return gettext("Ask how they are: silent for longer than usual")
    return gettext("Ask whether offers by e-mail are welcome")

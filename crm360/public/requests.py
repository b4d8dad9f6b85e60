"""Anybody may ask for what the law gives them about their data; the answer never tells who is a customer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import request
from flask_babel import gettext

from crm360.facts import Identifier, PrivacyRequested, Received
from crm360.kernel import clock
from crm360.normalise import identifiers
from crm360.privacy import operations as privacy
from crm360.public.door import door, evidence, open_to_all, page

LONGEST = 4000


def _rights() -> list[tuple[Any, str]]:
    """What can be asked here; whole shops ask by webhook."""
    return [
        ("access", gettext("A copy of my data")), ("rectification", gettext("Correct my data")),
        ("erasure", gettext("Erase my data")), ("restriction", gettext("Restrict the use of my data")),
        ("portability", gettext("My data in a form machines read")), ("objection", gettext("No marketing, and no profiling for it")),
        ("withdrawal", gettext("Take back all my consents")),
    ]  # fmt: skip


@door.get("/privacy-request")
@open_to_all
def show_request() -> str:
    return page("request", rights=_rights(), asked="", form={}, error="")


@door.post("/privacy-request")
@open_to_all
def make_request() -> str | tuple[str, int]:
    form = request.form
    right, email, message = form.get("right", ""), form.get("email", "").strip(), form.get("message", "")[:LONGEST]
    if form.get("website"):
        return page("request", rights=_rights(), asked=uuid4().hex[:8], form={}, error="")
    asked_for = next((each for each, _ in _rights() if each == right), None)
    if asked_for is None or identifiers.normal("email", email) is None:
        error = gettext("Choose what you ask for, and give the e-mail address we should answer to.")
        return page("request", rights=_rights(), asked="", form=form, error=error), 422
    number = uuid4().hex
    fact = PrivacyRequested(
        source="form", right=asked_for, request_id=number, occurred_at=clock.now(), via="form",
        identifiers=(Identifier("email", email),), details={"message": message, **evidence()},
    )  # fmt: skip
    privacy.open_cases(received=[Received(None, None, fact)], now=clock.now())
    return page("request", rights=_rights(), asked=number[:8], form={}, error="")

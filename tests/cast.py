"""The colleagues of the invented shop: one per role, hired when a test asks for them, signing in as people do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from werkzeug.test import TestResponse

PASSWORD = "correct horse battery staple"


class Colleague(NamedTuple):
    """Somebody who can sign in."""

    id: int
    email: str
    name: str
    role: str


ROLES = {"alice": "sales", "bob": "marketing", "charlie": "privacy", "dana": "admin"}


def hire(name: str, now: datetime) -> Colleague:
    """The colleague called `name`, with an account."""
    return _hired(name, ROLES[name], now)


def hire_as(role: str, now: datetime, *, name: str) -> Colleague:
    """One more colleague, of any role."""
    return _hired(name, role, now)


def _hired(name: str, role: str, now: datetime) -> Colleague:
    from crm360.accounts import operations
    from crm360.kernel.db import db

    email = f"{name}@shop.example"
    staff = operations.create_staff(email=email, role=role, password=PASSWORD, name=name.title(), now=now)
    db.session.commit()
    return Colleague(staff.id, email, staff.name, role)


def sign_in(client: Any, who: Colleague) -> TestResponse:
    """Fill in the sign-in form; the answer leads to the desk."""
    answer: TestResponse = client.submit("/sign-in", action="/sign-in", email=who.email, password=PASSWORD)
    assert answer.status_code == 303, (
        f"{who.name} cannot sign in: {answer.status}\n{answer.get_data(as_text=True)[:1500]}"
    )
    return answer

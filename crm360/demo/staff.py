"""The colleagues of the demo shop, one per role. Their passwords are public: they exist for looking around only."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from crm360.accounts import operations, queries


class SignIn(NamedTuple):
    """Who may sign in to the demo, and with what."""

    role: str
    email: str
    password: str
    name: str


SIGN_INS = (
    SignIn("sales", "sales@demo.example", "demo-sales-2026", "Alicja Sikora"),
    SignIn("marketing", "marketing@demo.example", "demo-marketing-2026", "Bartek Marczak"),
    SignIn("privacy", "privacy@demo.example", "demo-privacy-2026", "Celina Pryk"),
    SignIn("admin", "admin@demo.example", "demo-admin-2026", "Dominik Adamski"),
)


def hire(*, now: datetime) -> None:
    """Give everybody their account, unless they have one."""
    for one in SIGN_INS:
        if queries.find_staff_by_email(one.email) is None:
            operations.create_staff(email=one.email, role=one.role, password=one.password, name=one.name, now=now)

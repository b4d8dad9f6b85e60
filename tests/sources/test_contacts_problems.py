"""What of a list's row cannot be used is said cell by cell."""

from __future__ import annotations

from datetime import date

import pytest

from crm360.sources import contacts_problems
from crm360.sources.contacts_problems import NO_ANSWER, NO_BIRTH_DATE, NO_DATE, NO_EMAIL, NO_ID, NO_PHONE, NO_TIME

TODAY = date(2026, 11, 26)


def problems(**cells: str) -> list[tuple[str, str]]:
    return contacts_problems.problems({"family_name": "Kania", **cells}, {"region": "PL"}, today=TODAY)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("email", "anna.example.com", NO_EMAIL),
        ("phone", "12", NO_PHONE),
        ("birth_date", "yesterday", NO_BIRTH_DATE),
        ("birth_date", "1970-01-01", NO_BIRTH_DATE),
        ("birth_date", "2026-11-27", NO_BIRTH_DATE),
        ("birth_date", "12.03.2045", NO_BIRTH_DATE),
        ("joined_on", "once", NO_DATE),
        ("national_id", "44051401358", NO_ID),
        ("consent_email", "perhaps", NO_ANSWER),
        ("optin_at", "at noon", NO_TIME),
    ],
)
def test_a_cell_that_cannot_be_used(field: str, value: str, reason: str) -> None:
    assert problems(**{field: value}) == [(field, reason)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "anna@example.com"),
        ("birth_date", "2026-11-26"),
        ("birth_date", "12.03.45"),
        ("birth_date", "04/03"),
        ("joined_on", "2027-01-01"),
        ("consent_email", "cleaned"),
    ],
)
def test_a_cell_that_can(field: str, value: str) -> None:
    assert problems(**{field: value}) == []


def test_a_row_that_names_nobody() -> None:
    assert contacts_problems.problems({"city": "Kraków"}, {}, today=TODAY) == [("", contacts_problems.NOBODY)]
    assert contacts_problems.problems({"city": " "}, {}, today=TODAY) == []

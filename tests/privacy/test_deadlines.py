"""Until when a request must be met."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.privacy.deadlines import due_on, public_holidays

#: Received, due in Poland, why.
POLISH = [
    ("2026-03-02", "2026-04-02", "the same number, a Thursday"),
    ("2026-01-31", "2026-03-02", "February ends on Saturday the 28th: on to Monday"),
    ("2024-01-31", "2024-02-29", "a leap year's last day"),
    ("2025-01-29", "2025-02-28", "no 29th: the last day"),
    ("2026-10-31", "2026-11-30", "no 31st in November"),
    ("2026-04-01", "2026-05-04", "the 1st is a holiday, the 2nd a Saturday, the 3rd a Sunday and a holiday"),
    ("2025-11-25", "2025-12-29", "Christmas and the Christmas Eve that is free since 2025, then a weekend"),
    ("2025-12-06", "2026-01-07", "Epiphany"),
    ("2026-03-06", "2026-04-07", "Easter Monday"),
    ("2026-05-04", "2026-06-05", "Corpus Christi is a Thursday"),
    ("2025-12-31", "2026-02-02", "the 31st of January is a Saturday"),
    ("2026-07-15", "2026-08-17", "the Assumption is a Saturday"),
]


@pytest.mark.parametrize(("received", "due", "why"), POLISH)
def test_in_poland(received, due, why):
    received = date.fromisoformat(received)
    assert due_on(received, free_days=public_holidays("PL", received.year)).isoformat() == due, why


@pytest.mark.parametrize(
    ("country", "received", "due"),
    [("DE", "2026-09-03", "2026-10-05"), ("US", "2026-06-03", "2026-07-06"), ("XX", "2026-04-01", "2026-05-01")],
)
def test_elsewhere_and_where_no_calendar_is_known(country, received, due):
    received = date.fromisoformat(received)
    assert due_on(received, free_days=public_holidays(country, received.year)).isoformat() == due


def test_two_more_months_count_from_the_receipt():
    assert due_on(date(2026, 11, 30), months=3) == date(2027, 3, 1)


@given(received=st.dates(date(1990, 1, 1), date(2150, 1, 1)), months=st.integers(1, 3))
def test_never_free_never_early_never_far(received, months):
    free = {received + timedelta(days=n) for n in range(25, 100, 7)}
    due = due_on(received, months=months, free_days=free)
    assert due.weekday() < 5
    assert due not in free
    assert timedelta(days=28 * months) <= due - received <= timedelta(days=31 * months + 12)

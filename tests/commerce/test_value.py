"""A customer's purchases in numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm360.commerce.value import Month, MonthlySum, value

MARCH = datetime(2026, 3, 14, 12, tzinfo=UTC)
JANUARY = datetime(2026, 1, 5, 12, tzinfo=UTC)
SUMS = [
    MonthlySum(2026, 3, "PLN", 2, 1, 1, 9_000, MARCH, MARCH + timedelta(days=3), 4_000),
    MonthlySum(2026, 1, "PLN", 1, 0, 0, 1_001, JANUARY, JANUARY, None),
    MonthlySum(2026, 1, "EUR", 0, 1, 0, -700, None, None, None),
]


def test_sums_are_added_per_currency() -> None:
    found = value(SUMS)
    assert (found.orders, found.returns, found.cancelled) == (3, 2, 1)
    assert found.spend == {"PLN": 10_001, "EUR": -700}
    assert found.average == {"PLN": 3334}
    assert (found.first_at, found.last_at) == (JANUARY, MARCH + timedelta(days=3))
    assert (found.last_minor, found.last_currency) == (4_000, "PLN")


def test_nothing_bought_is_no_value() -> None:
    found = value([])
    assert (found.orders, found.spend, found.average, found.last_at) == (0, {}, {}, None)
    assert found.recency_days(MARCH) is None


def test_recency_is_whole_days() -> None:
    assert value(SUMS).recency_days(MARCH + timedelta(days=13, hours=5)) == 10
    assert value(SUMS).recency_days(MARCH) == 0


def test_the_sparkline_has_every_month_up_to_now() -> None:
    shown = value(SUMS).monthly_spend(datetime(2026, 4, 2, tzinfo=UTC), months=5)
    assert shown == [
        Month(2025, 12, {}),
        Month(2026, 1, {"EUR": -700, "PLN": 1_001}),
        Month(2026, 2, {}),
        Month(2026, 3, {"PLN": 9_000}),
        Month(2026, 4, {}),
    ]

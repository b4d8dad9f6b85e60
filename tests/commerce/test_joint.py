from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.commerce.joint import Joint, together
from crm360.commerce.value import Value

JUNE, MAY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def bought(orders: int, last_at: datetime | None, **spend: int) -> Value:
    return Value(orders=orders, spend=spend, average={}, last_at=last_at)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], Joint(0, 0, 0, {}, None)),
        ([bought(0, None)], Joint(1, 0, 0, {}, None)),
        (
            [bought(2, MAY, PLN=5000, EUR=100), bought(1, JUNE, PLN=-1000), bought(0, None)],
            Joint(3, 2, 3, {"PLN": 4000, "EUR": 100}, JUNE),
        ),
    ],
)
def test_sums_per_currency(values: list[Value], expected: Joint) -> None:
    assert together(values) == expected
    assert together(values[::-1]) == expected

"""What is suggested for a customer: the first rule that holds and whose occasion nobody has answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.flows import next_step
from crm360.flows.next_step import Known

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Cart:
    changed_at: datetime = NOW - 3 * DAY
    lines: list[dict[str, Any]] = field(default_factory=lambda: [{"name": "Blanket"}, {"name": ""}, {"name": "Mug"}])
    id: int = 17
    total_minor: int | None = 29400
    currency: str = "PLN"


@dataclass
class Value:
    last_at: datetime | None = NOW - 20 * DAY
    rhythm_days: float | None = 10.0
    next_product: str = "Lamp"
    next_reason: dict[str, Any] = field(default_factory=lambda: {"sku": "L-1"})


def known(cart: Any = None, value: Any = None, permitted: tuple[str, ...] = ("email",), unasked: bool = True) -> Known:
    return Known(value=value, cart=cart, permitted=permitted, unasked=unasked)


@pytest.mark.parametrize(
    ("of", "answered", "subject"),
    [
        (known(Cart(), Value()), (), "cart:17:2026-05-01"),
        (known(Cart(), Value()), ("cart:17:2026-05-01",), "silent:2026-04-14"),
        (known(Cart(changed_at=NOW - DAY), Value()), ("cart:17:2026-05-01",), "cart:17:2026-05-03"),
        (known(Cart(changed_at=NOW - 31 * DAY)), (), "ask:email"),
        (known(Cart(lines=[])), (), "ask:email"),
        (known(value=Value(last_at=NOW - 15 * DAY)), (), "offer:L-1"),
        (known(value=Value(last_at=NOW - 61 * DAY)), (), "offer:L-1"),
        (known(value=Value(rhythm_days=None)), (), "offer:L-1"),
        (known(value=Value(rhythm_days=None, next_reason={})), (), "offer:Lamp"),
        (known(value=Value(rhythm_days=None), permitted=()), (), "ask:email"),
        (known(value=Value(last_at=None, next_product="")), (), "ask:email"),
        (known(), ("ask:email",), None),
        (known(unasked=False), (), None),
    ],
)
def test_the_first_step_nobody_answered_is_suggested(of: Known, answered: tuple[str, ...], subject: str | None) -> None:
    step = next_step.of(of, answered=answered, now=NOW)
    assert (step.subject if step else None) == subject


def test_a_cart_is_told_by_its_goods() -> None:
    step = next_step.of(known(Cart()), answered=(), now=NOW)
    assert step is not None
    assert (step.about, step.minor, step.currency, step.at) == ("Blanket, Mug", 29400, "PLN", NOW - 3 * DAY)

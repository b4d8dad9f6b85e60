"""Loyalty figures of random histories equal plain pandas."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.commerce.purchase_history import Document, purchase_days
from crm360.insights import churn, retention, revenue

TODAY = date(2026, 3, 2)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        placed_at=st.integers(0, 500).map(lambda days: datetime(2026, 3, 2, 8, tzinfo=UTC) - timedelta(days=days)),
        currency=st.sampled_from(["PLN", "EUR"]),
        kind=st.sampled_from(["sale", "sale", "sale", "return"]),
        status=st.sampled_from(["paid", "paid", "cancelled", "partially_refunded"]),
        total_minor=st.integers(-500, 9000),
        refunded_minor=st.integers(0, 300),
    ),
    max_size=7,
)
SHOPS = st.dictionaries(st.integers(1, 40), DOCUMENTS, max_size=12)
many = settings(max_examples=40)


def table(shop: dict[int, list[Document]]) -> pd.DataFrame:
    """Documents as rows: whose, day, month, order or not, what was kept of it."""
    rows = [
        {
            "whose": whose, "day": pd.Timestamp(each.placed_at.date()), "month": f"{each.placed_at:%Y-%m}",
            "order": each.kind == "sale" and each.status != "cancelled", "currency": each.currency,
            "net": 0 if each.status == "cancelled" else each.total_minor - each.refunded_minor,
        }
        for whose, theirs in shop.items()
        for each in theirs
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=["whose", "day", "month", "order", "currency", "net"])
    return found.astype({"day": "datetime64[ns]", "whose": int, "net": int})


def history(shop: dict[int, list[Document]]) -> dict[int, list[int]]:
    found = {whose: purchase_days([each for each in theirs if each.is_order]) for whose, theirs in shop.items()}
    return {whose: days for whose, days in found.items() if days}


def orders(shop: dict[int, list[Document]]) -> pd.DataFrame:
    rows = table(shop)
    return rows[rows["order"].astype(bool)]


@many
@given(SHOPS)
def test_cohorts_and_monthly_retention(shop):
    bought = orders(shop)
    firsts = bought.groupby("whose")["month"].min()
    found = {row["month"]: row for row in retention.cohorts(history(shop), until=2026 * 12 + 2)}
    assert set(found) == set(firsts)
    months = (
        [f"{month}" for month in pd.period_range(bought["month"].min(), "2026-03", freq="M")] if len(bought) else []
    )
    for first, row in found.items():
        whose = set(firsts[firsts == first].index)
        by_month = bought[bought["whose"].isin(whose)].groupby("month")["whose"].nunique()
        assert row["size"] == len(whose)
        assert row["active"] == [by_month.get(month, 0) for month in months[months.index(first) :]]
    for row in retention.monthly_retention(history(shop), until=2026 * 12 + 2):
        before = set(bought[bought["month"] == months[months.index(row["month"]) - 1]]["whose"])
        kept = before & set(bought[bought["month"] == row["month"]]["whose"])
        assert (row["before"], row["kept"]) == (len(before), len(kept))


@many
@given(SHOPS)
def test_repeat_rate_and_pauses(shop):
    days = orders(shop).drop_duplicates(["whose", "day"]).sort_values(["whose", "day"])
    counts = days.groupby("whose").size()
    found = retention.repeat_rate(history(shop), today=TODAY.toordinal())
    assert (found["customers"], found["repeaters"]) == (len(counts), int((counts > 1).sum()))
    assert found["rate"] == (pytest.approx((counts > 1).mean()) if len(counts) else None)
    pauses = days.groupby("whose")["day"].diff().dropna().dt.days
    first, second = days.groupby("whose")["day"].first(), days.groupby("whose")["day"].nth(1)
    seasoned = first[(pd.Timestamp(TODAY) - first).dt.days >= 90]
    soon = pauses.groupby(days["whose"]).first() if len(pauses) else pd.Series(dtype=float)
    assert len(second) == len(soon)
    assert found["seasoned"] == len(seasoned)
    assert found["seasoned_repeaters"] == int((soon.reindex(seasoned.index) <= 90).sum())
    told = retention.pauses(history(shop))
    assert told["count"] == len(pauses)
    for name, share in (("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p90", 0.9)):
        assert told[name] == (pytest.approx(pauses.quantile(share)) if len(pauses) else None)
    numbered = days.assign(
        number=days.groupby("whose").cumcount() + 1, pause=days.groupby("whose")["day"].diff().dt.days
    )
    for step in retention.steps(history(shop)):
        there = numbered[numbered["number"] == step["purchase"]]
        waited = there["pause"].dropna()
        assert step["customers"] == len(there)
        assert step["median"] == (pytest.approx(waited.median()) if len(waited) else None)
    edges = [0, *retention.PAUSES, 10_000]
    assert told["classes"] == pd.cut(pauses, edges).value_counts(sort=False).tolist()


@many
@given(SHOPS, DOCUMENTS)
def test_new_and_returning_revenue(shop, unknown):
    rows = table({0: unknown, **shop})
    first = orders(shop).groupby("whose")["month"].min()
    rows["kind"] = [
        "unknown" if not row.whose else "new" if row.month <= first.get(row.whose, "0") else "returning"
        for row in rows.itertuples()
    ]
    sums = rows.groupby(["month", "currency", "kind"])["net"].sum()
    for row in revenue.by_month(shop, unknown):
        for kind in ("new", "returning", "unknown"):
            assert row[kind] == sums.get((row["month"], row["currency"], kind), 0)
    assert sum(row["new"] + row["returning"] + row["unknown"] for row in revenue.by_month(shop, unknown)) == sums.sum()


@pytest.mark.parametrize(
    ("rhythm", "silent", "expected"),
    [(None, 900, "no_rhythm"), (10, 15, "on_time"), (10, 15.1, "late"), (10, 30, "late"), (10, 30.1, "lapsed")],
)
def test_silence_is_judged_by_ones_own_rhythm(rhythm, silent, expected):
    assert churn.state(rhythm, silent) == expected
    counted = churn.states([(rhythm, silent)])
    assert counted[expected] == sum(counted.values()) == 1
    assert churn.rate(counted) == (None if rhythm is None else float(expected == "lapsed"))

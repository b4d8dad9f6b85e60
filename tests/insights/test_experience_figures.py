"""The figures of the experience page on random histories, against pandas."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.commerce.purchase_history import Document
from crm360.conversations.serving import Served
from crm360.insights import experience
from crm360.insights.experience import Answered, Left, Period
from crm360.insights.resolution import Talk

START = datetime(2026, 2, 1, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(days=10))
#: Before, in and after the period; its edges often.
MOMENTS = st.sampled_from([-20, -0.01, 0, 3.5, 9.99, 10, 14]).map(lambda days: START + timedelta(days=days))
WHO = st.integers(1, 5)
BOUGHT = st.tuples(
    WHO,
    st.builds(
        Document, placed_at=MOMENTS, currency=st.sampled_from(["PLN", "EUR"]), kind=st.sampled_from(["sale", "sale", "return"]),
        status=st.sampled_from(["paid", "paid", "cancelled"]), total_minor=st.integers(0, 9_000), refunded_minor=st.sampled_from([0, 0, 500]),
    ),
)  # fmt: skip
SECONDS = st.one_of(st.none(), st.integers(0, 9_000).map(float))
SERVED = st.builds(
    Served, first_response=SECONDS, next_responses=st.just(()), resolution=SECONDS, reopened=st.integers(0, 2),
    one_contact=st.booleans(), waiting_since=st.none(), first_agent=st.just(""),
)  # fmt: skip
TALKS = st.builds(
    Talk, conversation_id=st.just(1), profile_id=WHO, channel=st.just("chat"), agent=st.just(""), started_at=MOMENTS,
    hour=st.just(9), status=st.just("open"), served=SERVED,
)  # fmt: skip
CARTS = st.builds(Left, profile_id=WHO, at=MOMENTS, currency=st.just("PLN"), total_minor=st.just(100))
ANSWERS = st.one_of(
    st.builds(Answered, st.one_of(st.none(), WHO), st.just("nps"), st.integers(0, 10), MOMENTS),
    st.builds(Answered, st.one_of(st.none(), WHO), st.just("csat"), st.integers(1, 5), MOMENTS),
)


def within(rows: list[dict[str, Any]], at: str) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table if table.empty else table[(table[at] >= PERIOD.start) & (table[at] < PERIOD.end)]


@settings(max_examples=60)
@given(st.lists(BOUGHT, max_size=14), st.lists(TALKS, max_size=6), st.lists(CARTS, max_size=6), st.lists(ANSWERS, max_size=10))  # fmt: skip
def test_the_figures_of_a_period_equal_pandas(
    bought: list[tuple[int, Document]], talks: list[Talk], carts: list[Left], answers: list[Answered]
) -> None:
    documents: defaultdict[int, list[Document]] = defaultdict(list)
    for whose, document in bought:
        documents[whose].append(document)
    found = experience.figures(documents, talks, carts, answers, PERIOD)
    rows = [{"whose": whose, **document._asdict()} for whose, document in bought]
    everything, shown = pd.DataFrame(rows), within(rows, "placed_at")
    if shown.empty:
        assert (found["buyers"], found["new"], found["orders"], found["revenue"], found["return_rate"]) == (
            0,
            0,
            0,
            {},
            None,
        )
    else:
        sales = everything[(everything["kind"] == "sale") & (everything["status"] != "cancelled")]
        sold = shown[(shown["kind"] == "sale") & (shown["status"] != "cancelled")]
        first = sales.groupby("whose")["placed_at"].min()
        fresh = int((first.reindex(sold["whose"].unique()) >= PERIOD.start).sum())
        assert (found["buyers"], found["new"], found["orders"]) == (sold["whose"].nunique(), fresh, len(sold))
        assert found["returning"] == found["buyers"] - fresh
        kept = shown.assign(
            net=(shown["total_minor"] - shown["refunded_minor"]).where(shown["status"] != "cancelled", 0)
        )
        revenue = kept.groupby("currency")["net"].sum()
        assert found["revenue"] == revenue.to_dict()
        orders = sold.groupby("currency").size()
        assert found["average_order"].keys() == set(orders.index)
        for code, average in found["average_order"].items():
            assert average == pytest.approx(revenue[code] / orders[code], abs=0.51)
        back = len(shown[shown["kind"] == "return"]) + int((sold["refunded_minor"] > 0).sum())
        assert found["returns"] == back
        assert found["return_rate"] == (pytest.approx(back / len(sold)) if len(sold) else None)
    assert found["abandoned"] == len(within([each._asdict() for each in carts], "at"))
    served(found, within([each._asdict() | each.served._asdict() for each in talks], "started_at"))
    scored(found, within([each._asdict() for each in answers], "at"))


def served(found: dict[str, Any], talks: pd.DataFrame) -> None:
    assert found["conversations"] == len(talks)
    if talks.empty:
        assert (found["first_response"], found["resolution"], found["one_contact"], found["reopened"]) == (None,) * 4
        return
    for figure in ("first_response", "resolution"):
        values = pd.to_numeric(talks[figure]).dropna()
        assert found[figure] == (pytest.approx(values.median()) if len(values) else None)
    resolved = talks[talks["resolution"].notna()]
    assert found["one_contact"] == (pytest.approx(resolved["one_contact"].mean()) if len(resolved) else None)
    assert found["reopened"] == pytest.approx((talks["reopened"] > 0).mean())


def scored(found: dict[str, Any], answers: pd.DataFrame) -> None:
    for kind in ("nps", "csat"):
        votes = answers[answers["kind"] == kind]["score"] if len(answers) else pd.Series(dtype=float)
        assert found[f"{kind}_answers"] == len(votes)
        if votes.empty:
            assert found[kind] is found[f"{kind}_interval"] is None
            continue
        good, bad = (votes >= (9 if kind == "nps" else 4)).mean(), (votes <= 6).mean() if kind == "nps" else 0
        assert found[kind] == pytest.approx(100 * (good - bad))
        low, high = found[f"{kind}_interval"]
        assert low - 1e-9 <= found[kind] <= high + 1e-9

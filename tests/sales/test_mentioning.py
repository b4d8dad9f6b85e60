"""Who a note names."""

from __future__ import annotations

import pytest

from crm360.sales.mentioning import mentioned

TEAM = {
    1: ("Anna Kowalska", "anna.kowalska@shop.example"),
    2: ("Anna Nowak", "a.nowak@shop.example"),
    3: ("Łukasz Żak", "lukasz@shop.example"),
    4: ("", "till@shop.example"),
}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("@Łukasz, please call.", {3}),
        ("@lukasz zak and @till", {3, 4}),
        ("@Anna please", set()),  # two of them: nobody is asked by a guess
        ("@Anna Kowalska please", {1}),
        ("@anna.kowalska.", {1}),
        ("@a.nowak: hello", {2}),
        ("@ANNA NOWAK", {2}),
        ("Write to anna.kowalska@shop.example", set()),
        ("@nobody @ @@", set()),
        ("", set()),
    ],
)
def test_only_whoever_is_meant_without_doubt_is_named(body: str, named: set[int]) -> None:
    assert mentioned(body, TEAM) == named

"""What keeps people apart whatever else agrees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity import guards


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ({"national_id": ["44051401359"]}, {"national_id": ["02070803628"]}, "two different PESEL numbers"),
        ({"national_id": ["44051401359"]}, {"national_id": ["44051401359"]}, ""),
        ({"national_id": ["123"]}, {"national_id": ["456"]}, ""),
        ({"birth_date": "1950-01-02"}, {"birth_date": "1982-07-19"}, "clearly different birth dates"),
        ({"birth_date": "1950-01-02"}, {"birth_date": "1950-02-01"}, ""),
        ({"birth_date": "1950-01-02"}, {}, ""),
        ({"birth_date": "1950-01-02", "national_id": ["9"]}, {"birth_date": "1982-07-19", "national_id": ["9"]}, ""),
    ],
)
def test_conflicts(left: dict[str, object], right: dict[str, object], reason: str) -> None:
    assert guards.conflict(left, right) == reason
    assert guards.conflict(right, left) == reason


@pytest.mark.parametrize(
    ("names", "people"),
    [
        ([], 0),
        (["anna|kowalski"], 1),
        (["anna|kowalski", "ania|kowalski", "anna|kowalsi", "a|kowalski"], 1),
        (["anna|kowalski", "anna|lis"], 1),
        (["anna|kowalski", "piotr|kowalski"], 2),
        (["anna|kowalski", "piotr|kowalski", "ewa|kowalski"], 3),
        ([f"n{chr(97 + i)}x{i}|f{i}" for i in range(60)], 3),
        (["anna|kowalski", "kowalski|anna"], 1),
        (["anna|kowalski", "kowalsky|anna", "|anna"], 1),
        (["oscar|moore", "osacar|moore", "moore|oscar"], 1),
    ],
)
def test_distinct_people(names: list[str], people: int) -> None:
    assert guards.distinct_people(names) == people


@given(
    st.lists(st.sampled_from(["anna|kowalski", "ania|lis", "piotr|", "|lis", "ewa|nowak", "jan|nowak"])), st.randoms()
)
def test_counting_people_does_not_depend_on_order_or_repetition(names: list[str], rng: object) -> None:
    shuffled = names + names
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert guards.distinct_people(shuffled) == guards.distinct_people(names)
    assert guards.distinct_people([*names, "zenon|wrona"]) >= guards.distinct_people(names)

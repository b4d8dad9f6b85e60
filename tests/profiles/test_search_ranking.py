from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.search_candidates import Found
from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_ranking import match, rank

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KOWAL = Fragment("kowal", ("kowal",), corrections=(("kowel", 1), ("kobal", 2)))
DIGITS = Fragment("456", ("456",), ("654",))


def found(term: str, kind: str = "name", profile_id: int = 1, hour: int = 0) -> Found:
    return Found(profile_id, profile_id * 10, NOON.replace(hour=hour), kind, term)


@pytest.mark.parametrize(
    ("better", "worse", "fragment"),
    [
        (found("kowal"), found("kowalska"), KOWAL),
        (found("kowalska"), found("kowel"), KOWAL),
        (found("kowel"), found("kobal"), KOWAL),
        (found("456", "order"), found("456111", "order"), DIGITS),
        (found("456111", "phone"), found("654111", "phone_tail"), DIGITS),
    ],
)
def test_better_matches_come_first(better: Found, worse: Found, fragment: Fragment) -> None:
    second = worse._replace(profile_id=2)
    assert [each.profile_id for each in rank([second, better], [fragment])] == [1, 2]


def test_an_ending_is_told_as_it_is_read() -> None:
    hit = match(found("654321", "phone_tail"), DIGITS)
    assert hit is not None
    assert (hit.kind, hit.term, hit.part) == ("phone", "123456", "456")


def test_a_reversed_term_is_not_matched_forward_nor_the_other_way_round() -> None:
    assert match(found("456111", "phone_tail"), DIGITS) is None
    assert match(found("654111", "phone"), DIGITS) is None


def test_every_fragment_must_match() -> None:
    assert rank([found("kowal")], [KOWAL, DIGITS]) == []
    both = rank([found("kowal"), found("654", "card_tail")], [KOWAL, DIGITS])
    assert [match.kind for match in both[0].matches] == ["name", "card"]


TERMS = st.builds(
    found,
    st.sampled_from(["kowal", "kowalska", "kowel", "456", "4561"]),
    st.sampled_from(["name", "city", "order"]),
    st.integers(1, 4),
    st.integers(0, 2),
)


@given(st.lists(TERMS, max_size=12), st.randoms())
def test_the_order_does_not_depend_on_the_database(rows: list[Found], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(shuffled, [KOWAL]) == rank(rows, [KOWAL])

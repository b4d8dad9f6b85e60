from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.folding import VISIT_REST, Visit, fold

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Line(NamedTuple):
    kind: str
    contact_id: int
    occurred_at: datetime


def line(kind: str, minutes_ago: int = 0, contact_id: int = 1) -> Line:
    return Line(kind, contact_id, NOON - timedelta(minutes=minutes_ago))


def test_pages_in_a_row_are_one_visit() -> None:
    pages = [line("page.viewed", i) for i in range(6)]
    (visit,) = fold(pages)
    assert isinstance(visit, Visit)
    assert len(visit.pages) == 6
    assert (visit.started_at, visit.occurred_at) == (NOON - timedelta(minutes=5), NOON)


def test_what_happened_between_parts_the_visit() -> None:
    folded = list(fold([line("page.viewed"), line("page.viewed", 1), line("cart.added", 2), line("page.viewed", 3)]))
    assert [type(each).__name__ for each in folded] == ["Visit", "Line", "Line"]


def test_another_visitor_and_a_long_rest_part_the_visit() -> None:
    assert len(list(fold([line("page.viewed"), line("page.viewed", 1, contact_id=2)]))) == 2
    assert len(list(fold([line("page.viewed"), line("page.viewed", 31)]))) == 2


@given(st.lists(st.tuples(st.sampled_from(["page.viewed", "cart.added"]), st.integers(0, 40), st.integers(1, 2))))
def test_nothing_is_lost_or_reordered_and_no_visit_holds_a_gap(steps: list[tuple[str, int, int]]) -> None:
    ago, lines = 0, []
    for kind, minutes, contact_id in steps:
        ago += minutes
        lines.append(line(kind, ago, contact_id))
    folded = list(fold(lines))
    assert [each for item in folded for each in (item.pages if isinstance(item, Visit) else [item])] == lines
    for visit in folded:
        if isinstance(visit, Visit):
            assert {page.kind for page in visit.pages} == {"page.viewed"}
            assert len({page.contact_id for page in visit.pages}) == 1
            times = [page.occurred_at for page in visit.pages]
            assert all(a - b <= VISIT_REST for a, b in pairwise(times))

"""The drawing of a person's records, and the ties that join them. Pure."""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from crm360.web import graph


class Tie(NamedTuple):
    left_id: int
    right_id: int
    weight: float = 0.0
    decision_id: int | None = None


class Record(NamedTuple):
    id: int


def test_sure_evidence_comes_before_decisions_and_doubt_last():
    doubt, word, sure = Tie(1, 2, 6.0), Tie(1, 2, decision_id=9), Tie(2, 3, 30.0)
    assert graph.joining([doubt, word, sure], join=8.0) == [sure, word]
    assert graph.joining([doubt, sure], join=8.0) == [sure, doubt]


ties = st.lists(
    st.builds(Tie, st.integers(1, 9), st.integers(1, 9), st.floats(0, 40), st.none() | st.integers(1, 3)), max_size=30
)


@given(ties)
def test_every_tie_of_the_path_is_needed_and_the_path_joins_all_that_is_tied(found):
    path = graph.joining(found, join=8.0)
    assert len({tie.left_id for tie in path} | {tie.right_id for tie in path}) >= len(path) + bool(path)
    assert parts(path) == parts([tie for tie in found if tie.left_id != tie.right_id])


def parts(found) -> set[frozenset[int]]:
    groups: list[set[int]] = []
    for tie in found:
        touching = [group for group in groups if group & {tie.left_id, tie.right_id}]
        groups = [group for group in groups if group not in touching]
        groups.append({tie.left_id, tie.right_id}.union(*touching))
    return {frozenset(group) for group in groups}


@given(st.integers(0, 40), ties)
def test_records_stand_inside_the_drawing(count, found):
    records = [Record(number) for number in range(1, count + 1)]
    path = graph.joining(found, join=8.0)
    drawn = graph.drawing(records, found, path)
    assert len(drawn.nodes) == min(count, graph.MOST_DRAWN)
    assert len({(node.x, node.y) for node in drawn.nodes}) == len(drawn.nodes)
    assert all(80 < node.x < graph.WIDTH - 80 and 40 < node.y < drawn.height - 50 for node in drawn.nodes)
    assert len(drawn.lines) <= graph.MOST_LINES


def test_bits_of_lines_that_cross_in_the_middle_stand_apart() -> None:
    records = [Record(number) for number in range(6)]
    found = [Tie(0, 3, 12.0), Tie(1, 4, 11.0), Tie(2, 5, 10.0)]
    drawn = graph.drawing(records, found, found)
    spots = [(line.label_x, line.label_y) for line in drawn.lines]
    assert spots[0] == (graph.MIDDLE, drawn.height / 2)
    assert all(math.dist(one, other) >= graph.LABEL_ROOM for one, other in combinations(spots, 2))

"""What a changed model would do, told before it is done."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crm360.identity import shipped, whatif, whole
from crm360.identity.engine.judging import Judge
from crm360.identity.whatif import Change, effect

PARTITION = st.lists(st.integers(0, 4), min_size=1, max_size=9)


def persons(labels: list[int]) -> list[frozenset[int]]:
    return [frozenset(c for c, label in enumerate(labels) if label == each) for each in sorted(set(labels))]


def pairs(groups: list[frozenset[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def test_a_person_in_two_parts_joins() -> None:
    found = effect([frozenset({1, 2}), frozenset({3})], [frozenset({1, 2, 3})], [], [])
    assert (found.joined, found.parted) == (2, 0)
    assert found.changes == (Change(((1, 2), (3,)), ((1, 2, 3),)),)


@given(st.data(), PARTITION)
def test_counts_are_those_of_all_pairs(data: st.DataObject, labels: list[int]) -> None:
    before = persons(labels)
    after = persons(data.draw(st.lists(st.integers(0, 4), min_size=len(labels), max_size=len(labels))))
    found = effect(before, after, [], [])
    assert found.joined == len(pairs(after) - pairs(before))
    assert found.parted == len(pairs(before) - pairs(after))
    back = effect(after, before, [], [])
    assert (back.joined, back.parted) == (found.parted, found.joined)
    assert not effect(before, before, [], []).changes


def test_a_higher_threshold_parts_and_holds() -> None:
    judge = shipped.judge()
    forms = {1: {"phone": ["+48602123456"], "given": "anna"}, 2: {"phone": ["+48602123456"]}}
    base = whole.Base(forms, {1: ("a", "1"), 2: ("b", "2")}, {}, [])
    now, then = whole.outcome(base, judge), whole.outcome(base, Judge(replace(judge.model, join=1000.0)))
    found = whatif.effect(now.persons, then.persons, now.held, then.held)
    assert (found.joined, found.parted, found.newly_held, found.no_longer_held) == (0, 1, 1, 0)

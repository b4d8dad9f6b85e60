"""Clustering: pure, stable, obedient to decisions; and its short cuts change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity.engine.agglomerating import Component, Link, Rules, agglomerate
from crm360.identity.engine.linking import Opinions, Strong, link

RULES, JOIN = Rules(), 4.0
Groups = set[frozenset[int]]


def clusters(
    rows: int, weights: dict[tuple[int, int], float], *, barred: Sequence[tuple[int, int]] = (), links: Sequence[Link] = (),
    other: float = 0.0, rules: Rules = RULES, fits: object = None, careful: bool = False,
) -> Groups:  # fmt: skip
    """Persons by the pairs given; of every other pair it is known that it says `other`."""
    strong = {pair: weight for pair, weight in weights.items() if weight >= JOIN and pair not in barred}
    ends = np.array(list(strong) or np.empty((0, 2)), dtype=np.int32).reshape(-1, 2)

    def ask(left: np.ndarray, right: np.ndarray) -> Opinions:
        pairs = [tuple(sorted(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)]
        bits = [min(weights.get(pair, other), rules.most) for pair in pairs]
        return Opinions(np.array(bits), np.array([pair in barred for pair in pairs], dtype=np.bool_))

    labels = link(
        rows, Strong(ends[:, 0], ends[:, 1], np.array(list(strong.values()))), join=JOIN, ask=ask, rules=rules, links=links,
        fits=fits, doubt=(lambda labels: np.full(len(labels), careful)),  # type: ignore[arg-type]
    )  # fmt: skip
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def test_a_chain_of_pairs_is_one_person_where_nothing_contradicts() -> None:
    assert clusters(3, {(0, 1): 9.0, (1, 2): 9.0}) == {frozenset({0, 1, 2})}


def test_contradictions_outweigh_one_pair() -> None:
    pairs = {(0, 1): 20.0, (2, 3): 20.0, (1, 2): 9.0, (0, 3): -20.0, (0, 2): -20.0}
    assert clusters(4, pairs) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_conflict_anywhere_parts_two_clusters() -> None:
    found = clusters(3, {(0, 1): 40.0, (1, 2): 40.0}, barred=[(0, 2)])
    assert not any({0, 2} <= group for group in found)


def test_what_does_not_fit_one_profile_is_left_apart() -> None:
    found = clusters(4, {(0, 1): 30.0, (1, 2): 20.0, (2, 3): 30.0}, fits=lambda a, b: len(a) + len(b) < 3, careful=True)
    assert found == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_crowd_falls_apart_at_a_higher_line() -> None:
    rules = replace(RULES, crowd=4)
    chain = {(at, at + 1): 12.0 if at != 3 else 5.0 for at in range(7)}
    assert clusters(8, chain, rules=rules) == {frozenset(range(4)), frozenset(range(4, 8))}


def test_a_loose_cluster_waits() -> None:
    rules = replace(RULES, loose_from=4)
    two = {pair: 9.0 for half in (range(3), range(3, 6)) for pair in combinations(half, 2)}
    assert len(clusters(6, two | {(2, 3): 4.2}, rules=rules)) == 2
    assert len(clusters(6, two | {(2, 3): 4.7}, rules=rules)) == 1


PAIRS = st.dictionaries(st.sampled_from(list(combinations(range(6), 2))), st.integers(-8, 24).map(float), max_size=15)
LINKS = st.lists(
    st.builds(lambda n, ends, same: Link(n, *ends, same), st.integers(1, 9), st.sampled_from(list(combinations(range(6), 2))), st.booleans()),
    max_size=5, unique_by=lambda link: link.decision,
)  # fmt: skip
BARRED = st.lists(st.sampled_from(list(combinations(range(6), 2))), max_size=2)


@given(PAIRS, LINKS, BARRED, st.sampled_from([0.0, -1.0, -3.0]))
def test_the_short_cuts_change_nothing(
    weights: dict[tuple[int, int], float], links: list[Link], barred: list[tuple[int, int]], other: float
) -> None:
    """Against every component taken apart the long way."""
    strong = [(weight, *pair) for pair, weight in weights.items() if weight >= JOIN and pair not in barred]
    bits = [[min(weights.get((min(a, b), max(a, b)), other), RULES.most) for b in range(6)] for a in range(6)]
    bars = [[(min(a, b), max(a, b)) in barred for b in range(6)] for a in range(6)]
    found = agglomerate(Component(list(range(6)), bits, bars, strong, links), RULES)
    assert clusters(6, weights, links=links, barred=barred, other=other) == set(map(frozenset, found))


@given(PAIRS, LINKS)
def test_the_newest_word_on_a_pair_always_holds(weights: dict[tuple[int, int], float], links: list[Link]) -> None:
    found = clusters(6, weights, links=links)
    newest = max(links, key=lambda link: link.decision, default=None)
    if newest is not None:
        assert any({newest.left, newest.right} <= group for group in found) == newest.same


@given(PAIRS, LINKS, BARRED, st.permutations(range(6)))
def test_positions_do_not_matter(
    weights: dict[tuple[int, int], float], links: list[Link], barred: list[tuple[int, int]], places: list[int]
) -> None:
    """Rows moved, their rank with them: ties break on the rank."""

    def moved(pair: tuple[int, int]) -> tuple[int, int]:
        one, other = sorted((places[pair[0]], places[pair[1]]))
        return one, other

    there = {moved(pair): weight for pair, weight in weights.items()}
    strong = [pair for pair, weight in there.items() if weight >= JOIN and pair not in map(moved, barred)]
    bars = {moved(pair) for pair in barred}
    ends = np.array(strong or np.empty((0, 2)), dtype=np.int32).reshape(-1, 2)

    def ask(left: np.ndarray, right: np.ndarray) -> Opinions:
        pairs = [tuple(sorted(pair)) for pair in zip(left.tolist(), right.tolist(), strict=True)]
        return Opinions(
            np.array([there.get(p, 0.0) for p in pairs]), np.array([p in bars for p in pairs], dtype=np.bool_)
        )

    rank = np.empty(6, dtype=np.int64)
    rank[places] = np.arange(6)
    labels = link(
        6, Strong(ends[:, 0], ends[:, 1], np.array([there[pair] for pair in strong])), join=JOIN, ask=ask, rules=RULES, rank=rank,
        links=[each._replace(left=places[each.left], right=places[each.right]) for each in links],
    )  # fmt: skip
    found = {frozenset(at for at in range(6) if labels[places[at]] == label) for label in set(labels.tolist())}
    assert found == clusters(6, weights, links=links, barred=barred)

"""Clustering of one component: pure, stable, obedient to decisions."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crm360.identity.partition import Link, Pair, cluster, components

CONTACTS = {n: ("shop", f"c{n}") for n in range(6)}


def neutral(_left: int, _right: int) -> float:
    return 0.0


def test_a_chain_of_pairs_is_one_person_where_nothing_contradicts() -> None:
    pairs = [Pair(0, 1, 9.0), Pair(1, 2, 9.0)]
    assert cluster({n: CONTACTS[n] for n in range(3)}, pairs, [], neutral) == [frozenset({0, 1, 2})]


def test_contradictions_outweigh_one_pair() -> None:
    pairs = [Pair(0, 1, 20.0), Pair(2, 3, 20.0), Pair(1, 2, 9.0)]
    against = {frozenset((0, 3)): -20.0, frozenset((0, 2)): -20.0}
    found = cluster({n: CONTACTS[n] for n in range(4)}, pairs, [], lambda a, b: against.get(frozenset((a, b)), 0.0))
    assert found == [frozenset({0, 1}), frozenset({2, 3})]


def test_a_conflict_anywhere_parts_two_clusters() -> None:
    pairs = [Pair(0, 1, 40.0), Pair(1, 2, 40.0)]
    found = cluster({n: CONTACTS[n] for n in range(3)}, pairs, [], lambda a, b: None if {a, b} == {0, 2} else 0.0)
    assert frozenset({0, 2}) not in [group & {0, 2} for group in found]


PAIRS = st.lists(
    st.builds(lambda ends, weight: Pair(*sorted(ends), float(weight)), st.sampled_from(list(combinations(range(6), 2))), st.integers(8, 40)),
    max_size=12, unique_by=lambda pair: (pair.left, pair.right),
)  # fmt: skip
LINKS = st.lists(
    st.builds(lambda n, ends, same: Link(n, *ends, same), st.integers(1, 9), st.sampled_from(list(combinations(range(6), 2))), st.booleans()),
    max_size=5, unique_by=lambda link: link.decision,
)  # fmt: skip


@given(PAIRS, LINKS, st.randoms())
def test_the_result_covers_everyone_once_and_does_not_depend_on_order(
    pairs: list[Pair], links: list[Link], rng: object
) -> None:
    found = cluster(CONTACTS, pairs, links, neutral)
    assert sorted(contact for group in found for contact in group) == sorted(CONTACTS)
    rng.shuffle(pairs)  # type: ignore[attr-defined]
    rng.shuffle(links)  # type: ignore[attr-defined]
    assert cluster(dict(reversed(CONTACTS.items())), pairs, links, neutral) == found


@given(PAIRS, LINKS)
def test_the_newest_word_on_a_pair_always_holds(pairs: list[Pair], links: list[Link]) -> None:
    found = cluster(CONTACTS, pairs, links, neutral)
    newest = max(links, key=lambda link: link.decision, default=None)
    if newest is not None:
        together = any({newest.left, newest.right} <= group for group in found)
        assert together == newest.same


@given(PAIRS, st.sets(st.integers(0, 5), min_size=1))
def test_components_reach_everyone_connected(pairs: list[Pair], seeds: set[int]) -> None:
    def neighbours(frontier: set[int]) -> list[tuple[int, int]]:
        return [(pair.left, pair.right) for pair in pairs if {pair.left, pair.right} & frontier]

    found = components(seeds, neighbours)
    inside = {contact for group in found for contact in group}
    assert seeds <= inside
    assert all(({pair.left, pair.right} <= inside) or not ({pair.left, pair.right} & inside) for pair in pairs)
    assert sum(len(group) for group in found) == len(inside)

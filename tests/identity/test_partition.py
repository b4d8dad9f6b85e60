"""The components contacts make."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crm360.identity.partition import Pair, components

PAIRS = st.lists(
    st.builds(lambda ends, weight: Pair(*sorted(ends), float(weight)), st.sampled_from(list(combinations(range(6), 2))), st.integers(8, 40)),
    max_size=12, unique_by=lambda pair: (pair.left, pair.right),
)  # fmt: skip


@given(PAIRS, st.sets(st.integers(0, 5), min_size=1))
def test_components_reach_everyone_connected(pairs: list[Pair], seeds: set[int]) -> None:
    def neighbours(frontier: set[int]) -> list[tuple[int, int]]:
        return [(pair.left, pair.right) for pair in pairs if {pair.left, pair.right} & frontier]

    found = components(seeds, neighbours)
    inside = {contact for group in found for contact in group}
    assert seeds <= inside
    assert all(({pair.left, pair.right} <= inside) or not ({pair.left, pair.right} & inside) for pair in pairs)
    assert sum(len(group) for group in found) == len(inside)

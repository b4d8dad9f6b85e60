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


@given(PAIRS)
def test_components_hold_together_what_pairs_connect_and_nothing_else(pairs: list[Pair]) -> None:
    ends = [(pair.left, pair.right) for pair in pairs]
    found = components(range(6), ends)
    assert sorted(contact for group in found for contact in group) == list(range(6))
    home = {contact: at for at, group in enumerate(found) for contact in group}
    assert all(home[left] == home[right] for left, right in ends)
    assert len(found) == 6 - _independent(ends)


def _independent(ends: list[tuple[int, int]]) -> int:
    """How many of the pairs connect what was not connected before them."""
    sets, joined = [{contact} for contact in range(6)], 0
    for left, right in ends:
        one, other = (next(group for group in sets if end in group) for end in (left, right))
        if one is not other:
            sets.remove(other)
            one |= other
            joined += 1
    return joined

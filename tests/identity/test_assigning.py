"""Which id stays with whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity.assigning import Standing, assign


def standing(**contacts: tuple[int | None, int | None]) -> dict[int, Standing]:
    return {int(name[1:]): Standing(*pair) for name, pair in contacts.items()}


@pytest.mark.parametrize(
    ("groups", "before", "retired", "expected"),
    [
        ([{1, 2}], {"c1": (None, None), "c2": (None, None)}, [], [None]),
        ([{1, 2}], {"c1": (7, 7), "c2": (None, None)}, [], [7]),
        ([{1, 2, 3}], {"c1": (9, 9), "c2": (7, 7), "c3": (9, 9)}, [], [7]),
        ([{1, 2}, {3}], {"c1": (7, 7), "c2": (7, 7), "c3": (7, 7)}, [], [7, None]),
        ([{1}, {2, 3}], {"c1": (7, 7), "c2": (7, 7), "c3": (7, 7)}, [], [None, 7]),
        ([{1}, {2, 3}], {"c1": (7, 7), "c2": (7, 9), "c3": (7, 9)}, [9], [7, 9]),
        ([{1}, {2}], {"c1": (7, 7), "c2": (7, 7)}, [], [7, None]),
    ],
    ids=[
        "new",
        "joins",
        "oldest survives",
        "larger keeps",
        "larger keeps, whatever first",
        "undone merge",
        "tie: lowest contact",
    ],
)
def test_assign(
    groups: list[set[int]],
    before: dict[str, tuple[int | None, int | None]],
    retired: list[int],
    expected: list[int | None],
) -> None:
    assert assign([frozenset(group) for group in groups], standing(**before), frozenset(retired)) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, 1, 2, 3, 8, 9])),
        min_size=1,
        max_size=9,
    )
)
def test_no_id_is_given_twice(contacts: list[tuple[int, int | None, int | None]]) -> None:
    parts: dict[int, set[int]] = {}
    for contact, (part, _, _) in enumerate(contacts):
        parts.setdefault(part, set()).add(contact)
    before = {contact: Standing(now, home) for contact, (_, now, home) in enumerate(contacts)}
    given_ids = [
        profile for profile in assign([frozenset(p) for p in parts.values()], before, frozenset({8, 9})) if profile
    ]
    assert len(given_ids) == len(set(given_ids))
    in_use = {now for _, now, _ in contacts if now}
    assert set(given_ids) <= in_use | {8, 9}


def test_an_own_old_id_outweighs_the_younger_one_of_what_arrived_meanwhile():
    """b (2) was merged into a (1); b's later record was held apart as 3; the merge is undone."""
    standing = {1: Standing(1, 1), 2: Standing(1, 2), 3: Standing(3, 3)}
    assert assign([frozenset({1}), frozenset({2, 3})], standing, frozenset({2})) == [1, 2]

"""The order of a parallel run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.spreading import spread

#: (module, how long it waits, number)
Test = tuple[str, int, int]
SUITE: list[Test] = [("browser", 2, n) for n in range(3)] + [("server", 1, n) for n in range(4)]
SUITE += [("late", 1, n) for n in range(2)] + [("pure", 0, n) for n in range(51)]


def ordered(tests: list[Test], parts: int) -> list[Test]:
    return spread(tests, parts=parts, weight=lambda test: test[1], module=lambda test: test[0])


def test_each_part_but_the_last_begins_with_what_waits() -> None:
    found = ordered(SUITE[::-1], 3)
    heads = [[name for name, wait, _ in found[start : start + 20] if wait] for start in (0, 20, 40)]
    assert heads == [["browser"] * 3, ["late"] * 2 + ["server"] * 4, []]


@given(st.permutations(SUITE), st.integers(1, 80))
def test_every_test_is_there_once(tests: list[Test], parts: int) -> None:
    assert sorted(ordered(tests, parts)) == sorted(SUITE)

"""The order of a parallel run: what waits for processes of its own is spread over the test processes, what computes fills the waits.

`--dist=worksteal` gives each test process a part of the collection, all of the same length, and who has done its part takes from
the end of another's. So each part but the last begins with tests that wait, the long ones first; the rest computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

Test = TypeVar("Test")


def spread(
    tests: Sequence[Test], *, parts: int, weight: Callable[[Test], int], module: Callable[[Test], str]
) -> list[Test]:
    """`tests` in the order for `parts` test processes; those of a module that wait stay together, as they share what they start.

    `weight` is about how long a test waits, 0 for one that computes.
    """
    waiting = [list(group) for _, group in groupby((test for test in tests if weight(test)), key=module)]
    waiting.sort(key=lambda group: -weight(group[0]))
    heads: list[list[Test]] = [[] for _ in range(max(parts - 1, 1))]
    for group in waiting:
        min(heads, key=lambda head: sum(map(weight, head))).extend(group)
    computing = [test for test in tests if not weight(test)]
    ordered: list[Test] = []
    for number in range(parts):
        head = heads[number] if number < len(heads) else []
        length = (len(tests) - len(ordered)) // (parts - number)
        ordered += head
        take = max(length - len(head), 0)
        ordered += computing[:take]
        del computing[:take]
    return ordered + computing

"""A function of many values gives the same whether a second process takes half of them or not."""

from __future__ import annotations

import os
from threading import Thread

import pytest

from crm360.identity.engine import halves


@pytest.mark.parametrize("count", [0, 1, 7, halves.WORTH, halves.WORTH + 1])
def test_every_value_is_answered_in_order(count: int) -> None:
    assert halves.applied(lambda value: value * 2, range(count)) == [value * 2 for value in range(count)]


def test_a_child_that_dies_is_made_up_for() -> None:
    here = os.getpid()

    def change(value: int) -> int:
        if os.getpid() != here:
            os._exit(1)
        return value + 1

    assert halves.applied(change, range(halves.WORTH)) == list(range(1, halves.WORTH + 1))


def test_threads_work_alone() -> None:
    seen: set[int] = set()
    thread = Thread(target=lambda: seen.update(halves.applied(lambda value: os.getpid(), range(halves.WORTH))))
    thread.start()
    thread.join()
    assert seen == {os.getpid()}

"""Work shared out gives the same however many processes do it."""

from __future__ import annotations

import os
from functools import partial
from threading import Thread

import pytest

from crm360.identity.engine import workers


@pytest.mark.parametrize("count", [0, 1, 7, workers.WORTH, workers.WORTH + 1])
def test_every_value_is_answered_in_order(count: int) -> None:
    assert workers.applied(lambda value: value * 2, range(count)) == [value * 2 for value in range(count)]


def test_a_child_that_dies_is_made_up_for() -> None:
    here = os.getpid()

    def change(value: int) -> int:
        if os.getpid() != here:
            os._exit(1)
        return value + 1

    assert workers.applied(change, range(workers.WORTH)) == list(range(1, workers.WORTH + 1))


def test_threads_work_alone() -> None:
    seen: set[int] = set()
    thread = Thread(target=lambda: seen.update(workers.applied(lambda value: os.getpid(), range(workers.WORTH))))
    thread.start()
    thread.join()
    assert seen == {os.getpid()}


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_tasks_give_the_same_whoever_does_them(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processes", processes)
    assert workers.done([partial(pow, base, 2) for base in range(600)]) == [base**2 for base in range(600)]


def test_a_task_that_fails_fails_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processes", 2)
    with pytest.raises(ZeroDivisionError):
        workers.done([partial(divmod, 1, 0)] * 2)

"""Work shared out among processes: what text is compared by holds the interpreter, so threads would wait for each other. Pure.

Who does a task never shows in its result: tasks take nothing from each other and their results stand in order.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

Value = TypeVar("Value")
Made = TypeVar("Made")
#: Values from which a second process pays.
WORTH = 100_000
#: More processes would wait for memory, not for a processor.
MOST = 4
#: Overrules the number of processes (tests prove that it changes nothing).
processes: int | None = None
_state = threading.local()


def applied(change: Callable[[Value], Made], values: Sequence[Value]) -> list[Made]:
    """`change` of every value, in order."""
    count = available() if len(values) >= WORTH else 1
    if count < 2:
        return list(map(change, values))
    shares = [values[part] for part in parts(len(values), -(-len(values) // count))]
    return [*chain.from_iterable(done([partial(_each, change, share) for share in shares]))]


def parts(count: int, most: int) -> list[slice]:
    """Slices of at most `most`, one at least, that make up `count`."""
    return [slice(start, start + most) for start in range(0, max(count, 1), most)]


def done(tasks: Sequence[Callable[[], Made]], *, worth: bool = True) -> list[Made]:
    """What each task (of a few thousand at most) gives, in order. The costliest should stand first: who is free takes the next.

    Not `worth` it, or where no second process can be had, they are done here one after another.
    """
    count = min(available(), len(tasks)) if worth else 1
    if count < 2:
        return [task() for task in tasks]
    queue, fill = os.pipe()
    os.write(fill, array("H", range(len(tasks))).tobytes())
    os.close(fill)  # an empty queue reads as ended
    _state.busy = True
    try:
        forked = [_Forked(tasks, queue) for _ in range(count - 1)]
        made = _worked(tasks, queue)
        for one in forked:
            made |= one.answers()
    finally:
        _state.busy = False
        os.close(queue)
    # what another took and did not bring back (it was killed, or failed) is done here, errors included
    return [made[at] if at in made else task() for at, task in enumerate(tasks)]


def available() -> int:
    """How many processes can work here; threads are never forked from."""
    if getattr(_state, "busy", False):  # a task does not share itself out again
        return 1
    if processes is not None:
        return processes
    forks = "fork" in multiprocessing.get_all_start_methods()
    if not forks or threading.current_thread() is not threading.main_thread():
        return 1
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if multiprocessing.current_process().daemon else min(own, MOST)


class _Forked:
    """A forked process: it has everything already, only its answers travel."""

    def __init__(self, tasks: Sequence[Callable[[], Any]], queue: int):
        context = multiprocessing.get_context("fork")
        self._receive, send = context.Pipe(duplex=False)
        self._process = context.Process(target=_answer, args=(send, tasks, queue), daemon=True)
        self._process.start()
        send.close()

    def answers(self) -> dict[int, Any]:
        """What it brings back; nothing when it ended without."""
        try:
            found: dict[int, Any] = self._receive.recv()
        except (EOFError, OSError):
            found = {}
        self._receive.close()
        self._process.join(1)
        return found


def _worked(tasks: Sequence[Callable[[], Any]], queue: int) -> dict[int, Any]:
    """Results of the tasks taken from the queue, a number of two bytes each, until none is left."""
    made: dict[int, Any] = {}
    while taken := os.read(queue, 2):
        at = array("H", taken)[0]
        made[at] = tasks[at]()
    return made


def _answer(send: Any, tasks: Sequence[Callable[[], Any]], queue: int) -> None:
    send.send(_worked(tasks, queue))
    send.close()


def _each(change: Callable[[Value], Made], values: Sequence[Value]) -> list[Made]:
    return list(map(change, values))

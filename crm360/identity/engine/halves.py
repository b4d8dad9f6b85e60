"""A slow function of many values, half of them in a second process: what text is normalised by holds the interpreter. Pure."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeVar

Value = TypeVar("Value")
Made = TypeVar("Made")
#: Values from which a second process pays.
WORTH = 100_000


def applied(change: Callable[[Value], Made], values: Sequence[Value]) -> list[Made]:
    """`change` of every value, in order."""
    if len(values) < WORTH or not _possible():
        return list(map(change, values))
    ours, theirs = values[: len(values) // 2], values[len(values) // 2 :]
    context = multiprocessing.get_context("fork")  # the child has everything already; only its answers travel
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(send, change, theirs), daemon=True)
    child.start()
    send.close()
    try:
        made = list(map(change, ours))
        rest = _received(receive)
    finally:
        receive.close()
        if child.is_alive():
            child.join(1)
    return [*chain(made, list(map(change, theirs)) if rest is None else rest)]


def _possible() -> bool:
    """Whether a second process can be had and would find a processor; threads are never forked from."""
    several = (os.cpu_count() or 1) > 1 and "fork" in multiprocessing.get_all_start_methods()
    return (
        several
        and threading.current_thread() is threading.main_thread()
        and not multiprocessing.current_process().daemon
    )


def _answer(send: Any, change: Callable[[Any], Any], values: Sequence[Any]) -> None:
    send.send(list(map(change, values)))
    send.close()


def _received(receive: Any) -> list[Any] | None:
    """The child's answers; None when it ended without any (then they are worked out here)."""
    try:
        answers: list[Any] = receive.recv()
    except (EOFError, OSError):
        return None
    return answers

"""How often Python looks for garbage in cycles, for processes that go through much data and keep little of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS = 50_000
_YOUNG_ROUNDS = 20
_MIDDLE_ROUNDS = 50


def seldom() -> None:
    """Look rarely, and never again through what is there by now.

    Batches make hundreds of thousands of rows that are all gone at its end without any cycle; looking through them
    time and again took a fifth of an import.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_ROUNDS, _MIDDLE_ROUNDS)


@contextmanager
def after_batch() -> Iterator[None]:
    """Look when a batch is done with, not while it is made: what it is made of is needed until then."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()

"""Long lists in pieces a database takes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def chunked(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """`items` in lists of at most `size`, in their order; nothing for nothing."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk

"""Pages: of a list held in memory, after the place of the last item shown, whatever came or went; of rows read newest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from crm360.kernel import paging

T = TypeVar("T")
#: Numbers and texts by which items are sorted; no two items have the same.
Order = tuple[int | float | str, ...]


def page(items: Iterable[T], order: Callable[[T], Order], *, after: str, limit: int) -> tuple[list[T], str | None]:
    """The items of the page that follows the cursor `after`, and the next cursor. Raises BadCursor."""
    last = _place(after)
    try:
        rest = [each for each in sorted(items, key=order) if last is None or order(each) > last]
    except TypeError:
        raise paging.BadCursor from None
    return rest[:limit], paging.encode(json.dumps(order(rest[limit - 1]))) if len(rest) > limit else None


def newest(found: Sequence[T], number: Callable[[T], int], *, limit: int) -> tuple[Sequence[T], int | None]:
    """Of `limit` + 1 rows read, the newest first: those of the page, and the number the next one goes on before."""
    return found[:limit], number(found[limit - 1]) if len(found) > limit else None


def _place(cursor: str) -> Any:
    if not cursor:
        return None
    (text,) = paging.decode(cursor, str)
    try:
        place = json.loads(str(text))
    except (ValueError, RecursionError):
        raise paging.BadCursor from None
    if not isinstance(place, list):
        raise paging.BadCursor
    return tuple(place)

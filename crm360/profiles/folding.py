"""Folds consecutive page views into one line, so that a visit does not bury what matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

VISIT_REST = timedelta(minutes=30)


class Happened(Protocol):
    """What folding needs to know of a line."""

    @property
    def kind(self) -> str: ...
    @property
    def contact_id(self) -> int: ...
    @property
    def occurred_at(self) -> datetime: ...


Line = TypeVar("Line", bound=Happened)


@dataclass(frozen=True, slots=True)
class Visit:
    """Two or more pages viewed by one contact with nothing between and no long rest; newest first, as read."""

    pages: Sequence[Happened]

    @property
    def started_at(self) -> datetime:
        return self.pages[-1].occurred_at

    @property
    def occurred_at(self) -> datetime:
        return self.pages[0].occurred_at


def fold(lines: Iterable[Line]) -> Iterator[Line | Visit]:
    """Lines newest first → the same, page views of a visit as one Visit. Nothing is left out or reordered."""
    pages: list[Line] = []
    for line in lines:
        if pages and not _continues(pages[-1], line):
            yield _folded(pages)
            pages = []
        if line.kind.startswith("page."):
            pages.append(line)
        else:
            yield line
    if pages:
        yield _folded(pages)


def _continues(later: Happened, earlier: Happened) -> bool:
    return (
        earlier.kind.startswith("page.")
        and earlier.contact_id == later.contact_id
        and later.occurred_at - earlier.occurred_at <= VISIT_REST
    )


def _folded(pages: list[Line]) -> Line | Visit:
    return Visit(tuple(pages)) if len(pages) > 1 else pages[0]

"""What a merge of two customers would change, told before anybody decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm360.web.reach import OFFERS

NO = ("withdrawn", "refused", "suppressed", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """`survivor` keeps its number, `retired` leads there. `moved`: groups of the timeline → lines that move.

    `held`: cells of the consent matrix that stay a no beside the other customer's yes; a merge never widens a consent.
    `tasks`, `deals` (open ones) and `sends` (prepared, not gone) come along; `once`: campaigns that wait for both.
    """

    survivor: int
    retired: int
    orders: int
    moved: Mapping[str, int]
    tags: tuple[str, ...]
    held: tuple[Any, ...]
    tasks: int = 0
    deals: int = 0
    sends: int = 0
    once: tuple[str, ...] = ()


def survivor(profile_ids: Iterable[int]) -> int:
    """The id a merged customer keeps: the oldest."""
    return min(profile_ids)


def held(one: Sequence[Any], other: Sequence[Any]) -> tuple[Any, ...]:
    """Cells of either side in which somebody said no to offers where the other side allows them."""
    return (*_held(one, other), *_held(other, one))


def coming_along(mine: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """Tags of the retired customer that the other does not have yet, in any spelling."""
    known = {name.casefold() for name in mine}
    return tuple(name for name in theirs if name.casefold() not in known)


def _held(cells: Sequence[Any], beside: Sequence[Any]) -> tuple[Any, ...]:
    allowed = {cell.channel for cell in beside if cell.purpose in OFFERS and cell.verdict.permitted}
    return tuple(
        cell
        for cell in cells
        if cell.purpose in OFFERS
        and cell.verdict.state in NO
        and not cell.verdict.permitted
        and cell.channel in allowed
    )

"""The list one came from: on a customer's page the previous and the next of it are one key away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import session

REMEMBERED = "list"


class Walk(NamedTuple):
    """A place in a list: ids before and after (None at its ends), which of how many, and what was searched for."""

    previous: int | None
    next: int | None
    place: int
    total: int
    query: str


def remember(profile_ids: Sequence[int], query: str) -> None:
    """The list shown last in this session."""
    session[REMEMBERED] = {"ids": list(profile_ids), "query": query}


def neighbours(profile_id: int) -> Walk | None:
    """The customer's place in the list shown last; None when not in it."""
    kept = session.get(REMEMBERED) or {"ids": [], "query": ""}
    return walk(kept["ids"], profile_id, kept["query"])


def walk(ids: Sequence[int], profile_id: int, query: str) -> Walk | None:
    """The place of an id in a list; None when it is alone in it, or not in it."""
    if profile_id not in ids or len(ids) < 2:
        return None
    at = list(ids).index(profile_id)
    return Walk(ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None, at + 1, len(ids), query)

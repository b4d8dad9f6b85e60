"""How a conversation was served, as tables of cases; the order in which it was heard does not matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.conversations.serving import Said, Served, Turned, served

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def story(text: str) -> tuple[list[Said], list[Turned]]:
    """`0i 5o 6n 7a 9resolved`: minute and i(n), o(ut), n(ote), a(utomatic answer), or a status."""
    messages, changes = [], []
    for word in text.split():
        digits = "".join(letter for letter in word if letter.isdigit())
        what = word[len(digits) :]
        minute = at(int(digits))
        kinds: dict[str, Any] = {"i": ("in", False), "o": ("out", False), "n": ("note", False), "a": ("out", True)}
        if what in kinds:
            direction, automatic = kinds[what]
            messages.append(Said(minute, direction, automatic, "Ola" if direction == "out" else ""))
        else:
            changes.append(Turned(minute, what))
    return messages, changes


CASES = [
    # story, first response (min), next responses, resolution, reopened, one contact, waiting since
    ("", None, (), None, 0, False, None),
    ("0i", None, (), None, 0, False, 0),
    ("0i 3i 5o", 5, (), None, 0, False, None),
    ("0i 1a 5o", 5, (), None, 0, False, None),
    ("0i 1n 5o 9resolved", 5, (), 9, 0, True, None),
    ("0i 5o 6i 8o 9resolved", 5, (2,), 9, 0, False, None),
    ("0i 5o 9resolved 20i", 5, (), None, 1, False, 20),
    ("0i 5o 9resolved 20open 30resolved", 5, (), 30, 1, False, None),
    ("0i 5o 9resolved 20i 25o 30resolved 31resolved", 5, (5,), 30, 1, False, None),
    ("0o 5i 6o", 1, (), None, 0, False, None),
    ("0open 2pending 4resolved", None, (), 4, 0, True, None),
]


@pytest.mark.parametrize(("text", "first", "following", "resolution", "reopened", "one_contact", "waiting"), CASES)
def test_the_figures_of_a_conversation(
    text: str, first: Any, following: Any, resolution: Any, reopened: int, one_contact: bool, waiting: Any
) -> None:
    found = served(*story(text))
    assert found == Served(
        first_response=None if first is None else first * 60,
        next_responses=tuple(each * 60 for each in following),
        resolution=None if resolution is None else resolution * 60,
        reopened=reopened,
        one_contact=one_contact,
        waiting_since=None if waiting is None else at(waiting),
        first_agent="Ola" if first is not None else "",
    )


@given(st.permutations(story("0i 1a 3i 5o 6n 9resolved 20i 25o 30resolved")[0]), st.permutations([0, 1]))
def test_order_of_hearing_does_not_matter(messages: list[Said], order: list[int]) -> None:
    straight, changes = story("0i 1a 3i 5o 6n 9resolved 20i 25o 30resolved")
    assert served(messages, [changes[place] for place in order]) == served(straight, changes)

"""Counts in English sentences of rooms and of the operator's commands; doors translate them."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 letter", "3 letters"; `many` where an s is not enough."""
    return f"{count} {one if count == 1 else many or one + 's'}"

"""Reads the lists of words the demo is written in."""

from __future__ import annotations

import re


def words(text: str) -> list[str]:
    """Entries parted by blanks and lines."""
    return text.split()


def phrases(text: str) -> list[str]:
    """Entries of several words, parted by bars and lines."""
    return [entry.strip() for entry in re.split(r"[|\n]", text) if entry.strip()]

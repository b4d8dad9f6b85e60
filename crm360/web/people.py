"""How a person is drawn: initials and a colour that stays the same."""

from __future__ import annotations

import zlib

TONES = 6


def initials(name: str) -> str:
    """First letters of the first and the last word; "?" for no name."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tone(key: str) -> int:
    """0…5, the same for the same key in every process."""
    return zlib.crc32(key.encode()) % TONES

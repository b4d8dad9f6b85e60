"""Months as people write them in words or Roman numerals, in the larger European languages."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from crm360.normalise.text import fold

#: Where two languages mean different months by one word, the earlier one here counts.
_LANGUAGES = ("en", "pl", "de", "fr", "es", "it", "nl", "cs", "sk", "pt", "sv", "da", "nb")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_EVERYDAY = {"sept": 9, "pazdz": 10, "wrzes": 9, "sierp": 8, "stycz": 1, "kwiec": 4, "czerw": 6, "grudz": 12}


def month(word: str) -> int | None:
    """1 to 12 for a month's name in any case a date has it in, its abbreviation (`marca`, `Mar.`, `März`) or `III`."""
    return _months().get(fold(word))


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    found = {word: at for at, word in enumerate(_ROMAN, 1)} | _EVERYDAY
    for language in _LANGUAGES:
        for forms in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in forms[width].items():
                    word = fold(name)
                    if word.isalpha():
                        found.setdefault(word, int(number))
    return found

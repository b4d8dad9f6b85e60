"""Folding text to the letters and digits two spellings of one word share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Letters that carry no combining mark to strip, yet are typed without their stroke or as two letters.
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "ĸ": "k", "ŋ": "n", "ß": "ss"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ŀ": "l", "ƀ": "b", "ɨ": "i", "ǥ": "g"}
)
_APOSTROPHES = frozenset("'’‘ʼ`´ʹ′＇")
_ASCII_GAP = re.compile(r"[^a-z0-9]+")
_CACHED_LENGTH = 80


def fold(text: str) -> str:
    """Lower-case letters and digits of any script, without diacritics, in words parted by single spaces.

    Punctuation parts words, except apostrophes, which join them: `Żółć-Gęś` → `zolc ges`, `O'Brien` → `obrien`.
    Idempotent; equal for every Unicode normalisation form and case of one text.
    """
    return _fold_cached(text) if len(text) <= _CACHED_LENGTH else _fold(text)


@lru_cache(maxsize=2**16)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(fold(text).split())


def digits(text: str) -> str:
    """Only the decimal digits of a text, of any script, as ASCII."""
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def clean(text: str) -> str:
    """A cell as meant: compatibility forms composed, invisible characters, outer spaces and a spreadsheet's leading
    apostrophe removed, inner whitespace single."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cs"))
    return " ".join(text.split()).lstrip("'’ ")


def _fold(text: str) -> str:
    if text.isascii():
        return _ASCII_GAP.sub(" ", text.lower().replace("'", "").replace("`", "")).strip()
    for _ in range(2):  # casefolding can uncover decompositions and the other way round
        text = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(map(_kept, text.translate(_LETTERS))).split())


@lru_cache(maxsize=2**16)
def _fold_cached(text: str) -> str:
    return _fold(text)


def _kept(char: str) -> str:
    """A letter or digit as it is, nothing for marks and joiners, a space for what parts words."""
    if char in _APOSTROPHES or unicodedata.combining(char):
        return ""
    if char.isalnum():
        return char
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return char if category.startswith("M") else " "  # vowel signs of Indic scripts are letters of the word

"""Words near a misspelt one, by letters left out: both spellings with the wrong letters left out are equal.

The method is SymSpell's (symmetric deletion): an index of every word with up to two letters left out is asked for the
sought word with up to two letters left out. Only the first letters are indexed, so a word half typed is found too.
"""

from __future__ import annotations

import re
from itertools import combinations

from rapidfuzz.distance import OSA

INDEXED_LETTERS = 7
#: With one slip these are indexed besides, so that the first five or six letters typed already find a long word.
FIRST_LETTERS = 5
SHORTEST = 4
_LONG = 6
_SOUND_MARK = "~"

#: Spellings that sound alike in Polish, or that people of other languages write so.
_SOUNDS = (
    (re.compile(r"rz"), "z"),
    (re.compile(r"[sc]z|sh"), "s"),
    (re.compile(r"ch"), "h"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"[vw]"), "w"),
    (re.compile(r"[yj]"), "i"),
    (re.compile(r"u"), "o"),
    (re.compile(r"ck|q|c(?=[aou])"), "k"),
    (re.compile(r"(.)\1+"), r"\1"),
)


def edits_allowed(word: str) -> int:
    """How many slips of the finger a word may hold: none in three letters, one in four or five, else two."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < _LONG else 2


def is_indexed(word: str) -> bool:
    """Whether a word is worth keeping misspellings of: letters only, long enough to hold a slip."""
    return len(word) >= SHORTEST and word.isalpha()


def deletions(word: str) -> set[str]:
    """The word's first letters, whole and with up to `edits_allowed` of them left out."""
    found = _shortened(word[:INDEXED_LETTERS], edits_allowed(word))
    return found | _shortened(word[:FIRST_LETTERS], 1) if len(word) > FIRST_LETTERS else found


def _shortened(letters: str, most: int) -> set[str]:
    kept = (combinations(letters, len(letters) - left_out) for left_out in range(most + 1))
    return {"".join(each) for group in kept for each in group}


def sound(word: str) -> str:
    """A key that words which sound alike share (`grzegorz`, `gzegosh`), marked so that it equals no deletion."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return _SOUND_MARK + word


def variants(word: str) -> set[str]:
    """Everything a word is kept under in the index."""
    return deletions(word) | {sound(word)}


def distance(typed: str, word: str) -> int | None:
    """Slips between what was typed and the beginning of a word; None when there are more than allowed."""
    allowed = edits_allowed(typed)
    lengths = range(max(1, len(typed) - allowed), min(len(word), len(typed) + allowed) + 1)
    best = min((OSA.distance(typed, word[:length], score_cutoff=allowed) for length in lengths), default=allowed + 1)
    return best if best <= allowed else None

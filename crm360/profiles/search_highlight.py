"""Where in a text as people write it a folded fragment stands, to make it bold."""

from __future__ import annotations

from collections.abc import Iterable

from crm360.normalise import text

Span = tuple[int, int]


def spans(shown: str, parts: Iterable[str], *, at_end: bool = False) -> tuple[Span, ...]:
    """Start and end (exclusive) of each part in `shown`, in order, without overlaps; parts not there are left out.

    Case, diacritics and punctuation do not matter. The beginning of a word is preferred; with `at_end` the last place.
    """
    letters, places = _letters(shown)
    found = {span for part in parts if (span := _find(shown, letters, places, part, at_end))}
    return _apart(sorted(found))


def _letters(shown: str) -> tuple[str, list[int]]:
    """The text's folded letters and digits, and the place in the text each comes from."""
    pairs = [(letter, place) for place, char in enumerate(shown) for letter in text.fold(char) if letter != " "]
    return "".join(letter for letter, _ in pairs), [place for _, place in pairs]


def _find(shown: str, letters: str, places: list[int], part: str, at_end: bool) -> Span | None:
    sought = text.fold(part).replace(" ", "")
    starts = [at for at in range(len(letters)) if letters.startswith(sought, at)] if sought else []
    if not starts:
        return None
    at_word = [at for at in starts if places[at] == 0 or not shown[places[at] - 1].isalnum()]
    start = starts[-1] if at_end else (at_word or starts)[0]
    return places[start], places[start + len(sought) - 1] + 1


def _apart(ordered: list[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for start, end in ordered:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return tuple(kept)

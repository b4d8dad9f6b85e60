"""Takes apart what somebody typed into the search box: which beginnings and endings of terms each fragment may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from crm360.normalise import email, phone, text
from crm360.profiles import search_spelling
from crm360.profiles.search_terms import compact

_BETWEEN = re.compile(r"[\s,;]+")
_NUMBER = re.compile(r"\+?[\d().\-/]*\d[\d().\-/]*")
_MOST_FRAGMENTS = 8
_LONGEST_QUERY = 200
_SHORTEST_ENDING = 3
_SHORTEST_GUESS = 6


@dataclass(frozen=True, slots=True)
class Fragment:
    """One thing typed. Matches a term that begins with one of `prefixes`, a reversed one that begins with one of
    `endings`, or (`numbers` of one or two digits, `corrections`) a whole term."""

    #: Readings that ask for the same are one, however they were spelled.
    typed: str = field(compare=False)
    prefixes: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    #: Indexed words the typed one may be a misspelling of → slips.
    corrections: tuple[tuple[str, int], ...] = ()

    @property
    def misspellable(self) -> str:
        """The word whose corrections are worth looking up; empty for numbers and addresses."""
        word = self.prefixes[0] if len(self.prefixes) == 1 and not self.endings else ""
        return word if search_spelling.is_indexed(word) else ""

    def corrected(self, words: dict[str, int]) -> Fragment:
        """The same, also matching these whole words."""
        return replace(self, corrections=tuple(words.items()))


def interpretations(query: str) -> list[tuple[Fragment, ...]]:
    """Ways to read a query, likeliest first; all fragments of a reading must match one customer.

    `602 123 456` is one number before it is three; `jan.kowalski` a piece of an address before it is two words; a
    whole query may be one code (`FV 2026 11`).
    """
    tokens = [token for token in _BETWEEN.split(text.clean(query.replace("\0", " "))[:_LONGEST_QUERY]) if token][
        :_MOST_FRAGMENTS
    ]
    readings = [
        tuple(fragment for token in joined for fragment in (_split(token) if split else _whole(token)))
        for joined, split in ((_joined(tokens), False), (_joined(tokens), True), (tokens, True))
    ]
    code = compact("".join(tokens))
    if len(tokens) > 1 and any(map(str.isdigit, code)):
        readings.append((Fragment(query, (code,)),))
    return [reading for reading in dict.fromkeys(readings) if reading]


def _joined(tokens: list[str]) -> list[str]:
    """Neighbouring numbers as one: people part the digits of a phone or card."""
    runs = (
        (is_number, list(group)) for is_number, group in groupby(tokens, lambda token: bool(_NUMBER.fullmatch(token)))
    )
    return [token for is_number, run in runs for token in (["".join(run)] if is_number else run)]


def _whole(token: str) -> Iterator[Fragment]:
    if "@" in token:
        yield from _address(token)
    elif _NUMBER.fullmatch(token):
        yield _number(token)
    elif code := compact(token):
        prefixes = dict.fromkeys((code, token.casefold()) if "." in token else (code,))
        has_digit = any(map(str.isdigit, code))
        yield Fragment(token, tuple(prefixes), (code[::-1],) if has_digit and len(code) >= _SHORTEST_ENDING else ())


def _split(token: str) -> Iterator[Fragment]:
    if "@" in token or _NUMBER.fullmatch(token):
        yield from _whole(token)
        return
    for word in text.words(token):
        yield from _whole(word)


def _address(token: str) -> Iterator[Fragment]:
    plain = token.casefold().strip("<>()\"'").removeprefix("mailto:").lstrip("@")
    complete = email.email(token)
    if plain:
        yield Fragment(token, tuple(dict.fromkeys(filter(None, (plain, complete)))))


def _number(token: str) -> Fragment:
    digits = text.digits(token)
    if len(digits) < _SHORTEST_ENDING:
        return Fragment(token, numbers=(digits,))
    international = token.startswith(("+", "00"))
    read = [found for found in phone.fragments(token) if international or len(found) >= _SHORTEST_GUESS]
    complete = phone.phone(token) if international else None
    known = [digits, *read, *([phone.search_digits(complete)] if complete else [])]
    prefixes = [found for found in dict.fromkeys(known) if len(found) >= _SHORTEST_ENDING]
    return Fragment(token, tuple(prefixes), (digits[::-1],))

"""A person's addresses and numbers found in bytes, however JSON, forms and people write them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

#: A shorter text stands in too many other people's data by chance.
SHORTEST = 6
_DIGITS = 7
#: One expression tries each of its words at each place; beyond so many values the words of a body are looked up instead.
_MANY = 300


class Needles:
    """What points at one person and nobody else, or at many. `values` as they were written and as they are compared."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = sorted({value.strip() for value in values if len(value.strip()) >= SHORTEST})
        self._many = _Words(self.values) if len(self.values) > _MANY else None
        few = [] if self._many else self.values
        patterns = {pattern for value in few for pattern in _patterns(value)}
        self._found = re.compile("|".join(sorted(patterns, key=len, reverse=True)).encode()) if patterns else None

    def __bool__(self) -> bool:
        return bool(self.values)

    def within(self, body: bytes) -> bool:
        """Whether any of them stands in `body`."""
        if self._many:
            return self._many.within(body)
        return self._found is not None and self._found.search(body.lower()) is not None

    def in_text(self, text: str) -> bool:
        """The same of a text."""
        return self.within(text.encode())


class _Words:
    """Thousands of values: the first word of each leads to it, and a telephone number's last digits."""

    def __init__(self, values: Iterable[str]) -> None:
        self._by_word: dict[bytes, list[str]] = {}
        self._by_digits: dict[bytes, list[str]] = {}
        for value in values:
            digits = re.sub(rb"\D", b"", value.encode())
            if len(digits) >= _DIGITS and not any(char.isalpha() for char in value):
                self._by_digits.setdefault(digits[-_DIGITS:], []).append(value)
            if words := _WORD.findall(value.lower().encode()):
                self._by_word.setdefault(words[0], []).append(value)

    def within(self, body: bytes) -> bool:
        """Whether any of them stands in `body`, by the same rules as few do."""
        return any(Needles([value]).within(body) for value in self._likely(body))

    def _likely(self, body: bytes) -> Iterator[str]:
        lower = body.lower()
        for text in {lower, _unescaped(lower), _decoded(lower)}:
            for word in set(_WORD.findall(text)):
                yield from self._by_word.get(word, ())
        for run in _RUN.findall(lower):
            digits = re.sub(rb"\D", b"", run)
            for begin in range(len(digits) - _DIGITS + 1):
                yield from self._by_digits.get(digits[begin : begin + _DIGITS], ())


_WORD = re.compile(rb"[\w\x80-\xff]+")
_RUN = re.compile(rb"\d(?:[ .\-]?\d)+")


def _unescaped(text: bytes) -> bytes:
    """What JSON writes as \\u0142."""
    return re.sub(rb"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), text)


def _decoded(text: bytes) -> bytes:
    """What addresses write as %c5%82."""
    return re.sub(rb"%([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), text)


def _patterns(value: str) -> Iterable[str]:
    lower = value.lower()
    for form in (lower, _percent(lower), json.dumps(lower)[1:-1].lower()):
        yield _bytes(form)
    digits = "".join(char for char in value if char.isdigit())
    if len(digits) >= _DIGITS and not any(char.isalpha() for char in value):
        national = digits[-9:] if value.startswith("+") and len(digits) > 9 else digits
        yield r"(?<!\d)(?:\+?\d{1,3}[ .\-]?)?" + r"[ .\-]?".join(national) + r"(?!\d)"


def _percent(text: str) -> str:
    """As forms and addresses write it."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-._~") else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode())


def _bytes(form: str) -> str:
    """A pattern over bytes, written in Latin-1."""
    ends = (r"(?<![\w.+-])" if form[:1].isalnum() else "", r"(?![\w-])" if form[-1:].isalnum() else "")
    return ends[0] + re.escape(form) + ends[1]


def whole(body: bytes) -> list[Any]:
    """A body as one part: JSON as such, else its text."""
    try:
        return [json.loads(body)]
    except ValueError:
        return [body.decode("utf-8", "replace")]


def excerpts(body: bytes, needles: Needles, others: Needles) -> list[Any]:
    """The parts of a body about the person: of JSON the smallest members of its lists, else the lines.

    A part that names somebody of `others` is left out; a whole document without lists counts as one part.
    """
    try:
        document = json.loads(body)
    except ValueError:
        lines = body.decode("utf-8", "replace").splitlines()
        return [line for line in lines if needles.in_text(line) and not others.in_text(line)]
    return [part for part in _parts(document, needles) if not others.in_text(json.dumps(part, ensure_ascii=False))]


def _parts(value: Any, needles: Needles) -> list[Any]:
    if not needles.in_text(json.dumps(value, ensure_ascii=False)):
        return []
    inner = [part for child in _members(value) for part in _parts(child, needles)]
    return inner or [value]


def _members(value: Any) -> Iterable[Any]:
    """Members of the lists in a value, wherever they are."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _members(each)
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict | list))

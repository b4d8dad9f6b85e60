"""A person's addresses and numbers found in bytes, however JSON, forms and people write them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

#: A shorter text stands in too many other people's data by chance.
SHORTEST = 6
_DIGITS = 7


class Needles:
    """What points at one person and nobody else. `values` as they were written and as they are compared."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = sorted({value.strip() for value in values if len(value.strip()) >= SHORTEST})
        patterns = {pattern for value in self.values for pattern in _patterns(value)}
        self._found = re.compile("|".join(sorted(patterns, key=len, reverse=True)).encode()) if patterns else None

    def __bool__(self) -> bool:
        return self._found is not None

    def within(self, body: bytes) -> bool:
        """Whether any of them stands in `body`."""
        return self._found is not None and self._found.search(body.lower()) is not None

    def in_text(self, text: str) -> bool:
        """The same of a text."""
        return self.within(text.encode())


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

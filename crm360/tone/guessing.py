"""A guess what a text sounds like, with how sure it is. Pure.

English by VADER (Hutto and Gilbert, 2014) and words of shops; Polish by a lexicon of AFINN's kind, scored the same way:
the sum of valences s becomes s / √(s² + 15), from −1 to 1. `bench/tone.py` measures it on labelled sentences.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

from crm360.tone import polish, shop_words
from crm360.tone.language import language

TONES = ("negative", "neutral", "positive")
_ALPHA = 15.0
#: So far from nought a score is of no side.
#: One weak word of Polish (0.25) is none, for the lexicon is a translated one.
_NEUTRAL = {"en": 0.2, "pl": 0.3}
_EMOJI = {"😀": 2.0, "😊": 2.5, "😍": 3.0, "👍": 2.0, "❤": 3.0, "🙂": 1.5, "😡": -3.0, "😠": -2.5, "😞": -2.0, "👎": -2.5, "🙁": -1.5, ":)": 1.5, ":-)": 1.5, ":(": -1.5, ":-(": -1.5}  # fmt: skip
#: What is read of a long text: its beginning says how it is meant.
_READ = 4000


class Guess(NamedTuple):
    """`tone` one of TONES; `confidence` from ⅓ (no idea) to 1, as calibrated on labelled sentences."""

    tone: str
    confidence: float
    language: str
    score: float


def guess(text: str, locale: str = "") -> Guess | None:
    """What a text sounds like; None for one without a word."""
    read = text[:_READ]
    if not any(letter.isalpha() for letter in read):
        return None
    spoken, score = _heard(read, language(read, locale))
    tone = "neutral" if abs(score) < _NEUTRAL[spoken] else "positive" if score > 0 else "negative"
    return Guess(tone, _confidence(score, spoken), spoken, score)


def _heard(text: str, spoken: str) -> tuple[str, float]:
    """The language and the score; where neither language is told, the one whose lexicon knows more."""
    scores = {each: _SCORERS[each](text) for each in ((spoken,) if spoken else tuple(_SCORERS))}
    return max(scores.items(), key=lambda each: abs(each[1]))


def marked(text: str, locale: str = "") -> dict[str, Any]:
    """The guess as properties of a line of the timeline; {} without one."""
    found = guess(text, locale)
    return {"tone": found.tone, "tone_confidence": round(found.confidence, 2)} if found else {}


def _confidence(score: float, spoken: str) -> float:
    """As often as such guesses were right in bench/tone.py: a side far from nought nearly always, no side in every second."""
    beyond = abs(score) - _NEUTRAL[spoken]
    return 0.55 if beyond < 0 else round(min(0.5 + beyond, 0.95), 2)


def _polish(text: str) -> float:
    total = sum(polish.valences(text)) + sum(value for sign, value in _EMOJI.items() if sign in text)
    total += math.copysign(min(text.count("!"), 3) * 0.3, total) if total else 0.0
    return total / math.sqrt(total * total + _ALPHA)


def _english(text: str) -> float:
    return float(_vader().polarity_scores(text)["compound"])


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # its lexicon takes a moment to read

    analyser = SentimentIntensityAnalyzer()
    analyser.lexicon.update(shop_words.ENGLISH)
    return analyser


_SCORERS = {"pl": _polish, "en": _english}

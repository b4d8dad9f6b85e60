"""Whether a text is Polish or English, by its letters and its small words. Pure."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTERS = frozenset("ąćęłńóśźż")
_SMALL = {
    "pl": "i w na z do nie się jest to za że po od ale jak bardzo już tylko co o przez przy dla był była było są mi ze jestem "
    "mam nic tak ma być czy bo ten ta te tym tego lub oraz jeszcze też zamówienie sklep paczka polecam czy kiedy gdzie proszę",
    "en": "the a an and or of to in is it was were i my you your we our not this that with for on at be have has had but very "
    "so they are they're i'm it's no never what how from all just would will been me them there got "
    "do does did can could should please where when which how is are am as by if out about again any one more",
}  # fmt: skip
_POLISH, _ENGLISH = (frozenset(_SMALL[each].split()) for each in ("pl", "en"))


def language(text: str, hint: str = "") -> str:
    """ "pl" or "en"; where the words say nothing, what `hint` (a locale) begins with, else ""."""
    words = [each.lower() for each in WORD.findall(text)]
    polish = sum(each in _POLISH or bool(_LETTERS & set(each)) for each in words)
    english = sum(each in _ENGLISH for each in words)
    if polish != english:
        return "pl" if polish > english else "en"
    return next((each for each in _SMALL if hint.lower().startswith(each)), "")

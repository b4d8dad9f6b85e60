"""Numbers of loyalty cards whose leading zeros a spreadsheet dropped: how long a source's cards are, and their zeros back."""

from __future__ import annotations

from collections.abc import Iterable

from crm360.sources.written_values import unquoted

_SHORTEST, _LONGEST = 6, 19
_FEWEST = 5


def digits_of(cards: Iterable[str]) -> int:
    """How many digits a source's cards have; 0 when these do not tell.

    At least half of them must have the greatest length, and none of the shorter may begin with a zero: a file that kept
    its zeros has cards of several lengths. Cards with other characters than digits say that zeros could not be dropped.
    """
    numbers = {_whole(card) for card in cards} - {""}
    if len(numbers) < _FEWEST or not all(number.isascii() and number.isdecimal() for number in numbers):
        return 0
    longest = max(map(len, numbers))
    whole = sum(len(number) == longest for number in numbers)
    kept_zeros = any(len(number) < longest and number.startswith("0") for number in numbers)
    told = _SHORTEST <= longest <= _LONGEST and whole * 2 >= len(numbers) and not kept_zeros
    return longest if told else 0


def restored(card: str, digits: int) -> str:
    """A card's number with the zeros a spreadsheet dropped; anything but a shorter number stays as it is."""
    number = _whole(card)
    is_short = number.isascii() and number.isdecimal() and len(number) < digits
    return number.zfill(digits) if is_short and not number.startswith("0") else card


def _whole(card: str) -> str:
    """Without the apostrophe and the ".0" of spreadsheets, and without spaces and hyphens that part its digits."""
    return unquoted(card).removesuffix(".0").replace(" ", "").replace("-", "").replace("\xa0", "")


def known(settings_value: object) -> int:
    """A length as kept among a source's settings; 0 when there is none."""
    text = str(settings_value or "")
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= _LONGEST else 0

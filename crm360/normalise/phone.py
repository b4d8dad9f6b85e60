"""Telephone numbers in E.164, however they were written."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from crm360.normalise.text import clean, digits

_FORMATTING = re.compile(r"[\s().\-–/]+")
_GAPS = str.maketrans("", "", " ()-/")
_POLISH = re.compile(r"(?:\+48|0048|48)?([1-9][0-9]{8})")
#: In full and nothing else: valid or at least possible, and E.164 as it stands. Of countries whose numbers have one length.
_AS_IT_STANDS = re.compile(r"\+(?:44[1-9][0-9]|48[1-9]|420[2-9]|33[1-9]|1[2-9][0-9])[0-9]{8}")
#: A foreigner's number without its code or zero, as spreadsheets leave it: no number of Poland or, with a +, of anywhere.
_CODELESS = re.compile(r"[17][0-9]{9}")
_EXTENSION = re.compile(r"(?i)[\s,;]*(?<![a-z])(?:wewn?|w|ext(?:ension)?|int|x)\.?[\s:]*[0-9]{1,5}\s*\Z")
_SPREADSHEET = re.compile(r"\+?([0-9]{5,15})\.0+")
_SCIENTIFIC = re.compile(r"\+?([0-9])[.,]([0-9]+)[eE]\+?([0-9]{1,2})")
_LONGEST = 60
_RUNS = ("01234567890123456789", "98765432109876543210")


@lru_cache(maxsize=2**17)
def phone(value: str | None, region: str = "PL") -> str | None:
    """The number in E.164 (`+48601234567`), or None when the value holds none.

    Accepts `00` and `+`, `tel:`, any grouping, a spreadsheet's apostrophe or `.0`, and a missing `+` before a foreign
    country code when only that makes a valid number; national notation is read as the region's (ISO alpha-2).
    Extensions are dropped: they share the line. Of several numbers in one cell the first counts. A number of possible
    length is kept though its range is not known to be assigned: numbering plans grow, and a wrong refusal loses a
    customer while an invented number merely matches nobody. Numbers too short to be dialled from afar are refused.
    """
    if value and (found := simple(value, region)):
        return found
    text = _unspreadsheet(clean(value or "")[:_LONGEST])
    polish = _POLISH.fullmatch(_FORMATTING.sub("", text)) if region == "PL" else None
    if polish:
        return f"+48{polish.group(1)}"
    text = _EXTENSION.sub("", text)
    for part in (text, *re.split(r"[,;/|]|\bor\b|\blub\b", text)):
        found = _parsed(part, region)
        if found:
            return found
    return None


def simple(value: str, region: str = "PL") -> str | None:
    """What `phone` gives for a number in an ordinary form, without the careful look; None for others."""
    if len(value) > _LONGEST:
        return None
    if region == "PL":
        bare = value.replace(" ", "")
        if not bare.lstrip("+").isdigit():
            bare = bare.translate(_GAPS)
        if polish := _POLISH.fullmatch(bare):
            return f"+48{polish.group(1)}"
        if _CODELESS.fullmatch(bare):
            return f"+48{bare}"
    return value if _AS_IT_STANDS.fullmatch(value) else None


def national(e164: str) -> str:
    """The number as its own country writes it (`601 234 567`), or as given when it is no E.164 number."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.NATIONAL)
    except NumberParseException:
        return e164


def search_digits(e164: str) -> str:
    """The national digits of a number (`601234567`): whatever prefix a searcher types, these remain."""
    if e164[:3] == "+48" and _POLISH.fullmatch(e164):  # without the slow look
        return e164[3:]
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(e164))
    except NumberParseException:
        return digits(e164)


def fragments(typed: str, region: str = "PL") -> tuple[str, ...]:
    """The digit strings by which a number typed in part may be sought among `search_digits`, likeliest first.

    The digits as typed, and without `00`, the region's calling code or the trunk `0`: `+48 601` → (`601`, `48601`).
    """
    bare = digits(typed)
    international = typed.strip().startswith(("+", "00"))
    calling_code = str(phonenumbers.country_code_for_region(region) or "")
    short = bare.removeprefix("00") if not typed.strip().startswith("+") else bare
    without_code = short.removeprefix(calling_code)
    ordered = (without_code, short) if international else (bare, short.removeprefix("0"), without_code)
    return tuple(dict.fromkeys(found for found in (*ordered, bare) if found))


def is_placeholder(normal: str) -> bool:
    """Whether the number was invented to fill a field: one digit repeated, a run like 123456789, 600 000 000."""
    number = search_digits(normal)
    if len(number) < 6:
        return False
    if len(set(number)) == 1 or len(set(number[-7:])) == 1 or set(number[-6:]) == {"0"}:
        return True
    return any(number in run for run in _RUNS) or number in ("123123123", "123456123", "1234512345")


def _unspreadsheet(text: str) -> str:
    """Undo what a spreadsheet makes of a number typed into it, where no digit was lost."""
    decimal = _SPREADSHEET.fullmatch(text)
    if decimal:
        return decimal.group(1)
    scientific = _SCIENTIFIC.fullmatch(text)
    if not scientific:
        return text
    lead, rest, power = scientific.groups()
    return lead + rest if len(rest) == int(power) else ""


def _parsed(text: str, region: str) -> str | None:
    """E.164 of the first reading of the text that is a valid number, else of one that is possible."""
    readings = [number for number in map(_read, _readings(text), (region, None, region)) if number]
    for number in readings:
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return _possible(readings[0]) if readings else None


def _possible(number: PhoneNumber) -> str | None:
    """E.164 of a number of possible length, unless reading that form again would give another number."""
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    again = _read(e164, None)
    return e164 if again and phonenumbers.format_number(again, PhoneNumberFormat.E164) == e164 else None


def _readings(text: str) -> tuple[str, str, str]:
    """As written, as a foreign number without its +, and without an obsolete trunk zero."""
    text = text.strip()
    if text.startswith("00"):
        text = "+" + text[2:].lstrip()
    bare = digits(text)
    national_form = "" if text.startswith("+") or not bare.startswith("0") else bare.lstrip("0")
    return text, "" if text.startswith("+") or bare.startswith("0") else f"+{bare}", national_form


def _read(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region) if text else None
    except NumberParseException:
        return None

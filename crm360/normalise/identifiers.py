"""Identifiers of every kind in the form they are compared in, and which of them point at nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.pl import nip, pesel

from crm360.normalise import email as emails
from crm360.normalise import phone as phones
from crm360.normalise.text import clean, fold

IdentifierKind = Literal["email", "phone", "card", "customer_id", "device", "national_id", "tax_id", "chat_id"]

_NOTHING = frozenset({"", "null", "undefined", "none", "nil", "nan", "anonymous", "brak", "n a", "unknown", "false"})
_SPREADSHEET = re.compile(r"([0-9]+)\.0+")
_DIGIT = re.compile(r"[1-9]")
_RUNS = ("0123456789" * 3, "9876543210" * 3)
_SHORTEST_RUN = 6


@lru_cache(maxsize=2**17)
def normal(kind: IdentifierKind, value: str | None, *, region: str = "PL") -> str | None:
    """The comparison form of an identifier, or None when the value holds none.

    `region` (ISO alpha-2) says how national phones, national ids and tax ids are read. Cards keep leading zeros and
    lose separators and case. Customer, device and chat ids are opaque: only stripped. In Poland an 11-digit national
    id must be a valid PESEL; a valid VAT number carries its country's prefix (`PL5260250274`), whichever way it came.
    """
    if kind == "email" and value and (plain := emails.email(value)):  # holds an address: it says something
        return plain
    text = clean(value or "")
    decimal = _SPREADSHEET.fullmatch(text)
    text = decimal.group(1) if decimal else text
    found = None if _is_nothing(text) else _NORMALISERS[kind](text, region)
    return None if found is None or _is_nothing(found) else found


def is_placeholder(kind: IdentifierKind, normal: str) -> bool:
    """Whether a normalised identifier fills a field instead of naming somebody: `000000`, `123456`, `brak@brak.pl`.

    Opaque ids may be short or plain numbers, so of them only zeros count.
    """
    if kind == "email":
        return emails.is_placeholder(normal)
    if kind == "phone":
        return phones.is_placeholder(normal)
    characters = re.sub(r"[\W_]", "", normal)
    if kind in ("customer_id", "device", "chat_id"):
        return not characters.strip("0")
    if kind == "tax_id" and characters[:2].isalpha():
        characters = characters[2:]
    is_run = len(characters) >= _SHORTEST_RUN and any(characters in run for run in _RUNS)
    return len(set(characters)) <= 1 or is_run


def suffix_match(normal: str, typed: str, *, shortest: int = 4) -> bool:
    """Whether a normalised identifier ends in what somebody typed (the last digits of a card or phone).

    Separators and case do not matter; fewer than `shortest` letters or digits match nothing.
    """
    ending = _compact(typed, "")
    return ending is not None and len(ending) >= shortest and (_compact(normal, "") or "").endswith(ending)


def _is_nothing(text: str) -> bool:
    if _DIGIT.search(text):  # no word for nothing has one
        return not text.strip("0-. ")
    return fold(text) in _NOTHING or not text.strip("0-. ")


def _compact(text: str, region: str) -> str | None:
    return "".join(char for char in text.upper() if char.isalnum()) or None


def _opaque(text: str, region: str) -> str | None:
    return text


def _national_id(text: str, region: str) -> str | None:
    compact = _compact(text, region)
    if compact and region == "PL" and len(compact) == 11 and compact.isdecimal():
        return compact if pesel.is_valid(compact) else None
    return compact


def _tax_id(text: str, region: str) -> str | None:
    compact = _compact(text, region)
    if not compact:
        return None
    if region == "PL" and nip.is_valid(compact):
        return f"PL{nip.compact(compact)}"
    for candidate in (compact, region + compact):
        try:
            return str(vat.validate(candidate))
        except ValidationError:
            continue
    return compact


_NORMALISERS: Mapping[IdentifierKind, Callable[[str, str], str | None]] = {
    "email": lambda text, region: emails.email(text),
    "phone": phones.phone,
    "card": _compact,
    "customer_id": _opaque,
    "device": _opaque,
    "national_id": _national_id,
    "tax_id": _tax_id,
    "chat_id": _opaque,
}

"""What lists of customers are ordered and narrowed by: names, family names first, Polish letters each after its plain one;
countries, however they are written. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from crm360.normalise import text
from crm360.normalise.country import country
from crm360.profiles.statements import Record

#: A letter of its own stands behind every word that begins with the plain one: "{" comes after "z".
_OWN = str.maketrans(
    {"ą": "a{", "ć": "c{", "ę": "e{", "ł": "l{", "ń": "n{", "ó": "o{", "ś": "s{", "ź": "z{", "ż": "z|"}
)
LONGEST = 120


def key(name: str) -> str:
    """A text that stands among others, compared by code points, where the name stands in a list."""
    words = unicodedata.normalize("NFC", name).casefold().translate(_OWN)
    return " ".join(_folded(word) for word in words.split())[:LONGEST]


def name_key(record: Record) -> str:
    """The key of a golden record: by the family name where there is one, else by what the customer is called."""
    return of_fields(record.fields, record.display_name)


def of_fields(fields: Mapping[str, Any], display_name: str) -> str:
    """The same of a golden record's columns."""
    family, given = (str(fields.get(name, {}).get("value", "")) for name in ("family_name", "given_name"))
    return key(f"{family} {given}" if family else display_name)


def country_key(written: str) -> str:
    """The same text for a country named in any language or by a code; what is no country stays what was written, folded."""
    return country(written) or text.fold(written)


def country_of_fields(fields: Mapping[str, Any]) -> str:
    """The key of the country of a golden record."""
    return country_key(str(fields.get("country", {}).get("value", "")))


def _folded(word: str) -> str:
    """Other accents do not matter; the marks of our own letters stay."""
    parts, kept = [], ""
    for char in word:
        if char in "{|":
            parts.append(text.fold(kept) + char)
            kept = ""
        else:
            kept += char
    return "".join([*parts, text.fold(kept)])

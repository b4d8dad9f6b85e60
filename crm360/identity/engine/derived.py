"""Columns made of others for blocking: skeletons and beginnings of names, parts of addresses and dates. Pure.

Each is a function of one value (or of the two names), so that one contact alone has its keys: `of` gives them for a
contact, `column` for a whole table, by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from crm360.identity.engine.table import MISSING, Column, mapped, together

#: Local parts of addresses shorter than this are anybody's.
_LOCAL = 6


_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=2**16)
def skeleton(word: str) -> str:
    """First letter and the consonants after it, doubles once: survives most typing errors in vowels."""
    compact = word.replace(" ", "")
    kept = [letter for letter in compact[1:] if letter not in _VOWELS]
    once = [letter for at, letter in enumerate(kept) if at == 0 or letter != kept[at - 1]]
    return compact[:1] + "".join(once)[:4]


def _first(text: str) -> str:
    return text.partition(" ")[0]


@lru_cache(maxsize=2**16)
def _letters(text: str) -> str:
    """The letters without their order and number: survives most slips, and says less."""
    return "".join(sorted(set(text.replace(" ", ""))))


def _local(address: str) -> str:
    local = address.partition("@")[0]
    return local if len(local) >= _LOCAL else ""


def _mailbox_start(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[:4]}@{domain[:3]}"


#: derived column → the column it is made of and how
FUNCTIONS: dict[str, tuple[str, Callable[[str], str]]] = {
    "given_first": ("given", _first),
    "given_skeleton": ("given", lambda text: skeleton(_first(text))),
    "given_3": ("given", lambda text: text.replace(" ", "")[:3]),
    "given_1": ("given", lambda text: text[:1]),
    "given_letters": ("given", lambda text: _letters(_first(text))),
    "family_skeleton": ("family", skeleton),
    "family_3": ("family", lambda text: text.replace(" ", "")[:3]),
    "family_letters": ("family", _letters),
    "email_local": ("email", _local),
    "email_start": ("email", _mailbox_start),
    "phone_end": ("phone", lambda text: text[-9:]),
    "birth_year": ("birth_date", lambda text: text[:4]),
    "birth_day": ("birth_date", lambda text: text[5:]),
    "city_3": ("city", lambda text: "".join(sorted(text[:3]))),
    "street_8": ("street", lambda text: text[:8]),
}
#: Both names' skeletons in alphabetical order: survives exchanged names.
ORDERED: dict[str, Callable[[str, str], str]] = {"name_low": min, "name_high": max}
#: What they are made of.
SKELETONS = ("given_skeleton", "family_skeleton")


def of(form: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The values of column `name` for one contact's compared form; none where it says nothing."""
    if name in ORDERED:
        pick, givens, families = ORDERED[name], of(form, "given_skeleton"), of(form, "family_skeleton")
        return tuple(sorted({pick(given, family) for given in givens for family in families}))
    source, change = FUNCTIONS.get(name, (name, str))
    said = form.get(source)
    if not said:
        return ()
    if isinstance(said, str) or len(said) == 1:  # nearly always
        made = change(said if isinstance(said, str) else said[0])
        return (made,) if made else ()
    return tuple(sorted({made for value in said if (made := change(value))}))


def column(columns: Mapping[str, Column], name: str) -> Column | None:
    """Column `name` of a table, None where the table lacks what it is made of."""
    if name in columns:
        return columns[name]
    if name in ORDERED:
        return ordered(name, *(column(columns, skeletons) for skeletons in SKELETONS))
    source, change = FUNCTIONS.get(name, (name, str))
    return mapped(columns[source], change) if source in columns else None


def ordered(name: str, one: Column | None, other: Column | None) -> Column | None:
    """Column `name` of ORDERED, of the columns of both skeletons."""
    if one is None or other is None:
        return None
    one, other = together(one, other)  # its codes are in alphabetical order
    known = one.present & other.present
    pick = np.minimum if name == "name_low" else np.maximum
    return Column(np.where(known, pick(one.codes, other.codes), MISSING).astype(np.int32), one.values)

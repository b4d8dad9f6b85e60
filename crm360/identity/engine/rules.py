"""Blocking rules as data: records that agree on all columns of a rule are compared, unless too many do. Pure.

A model document carries the rules it was trained with; they hold as they stand, whatever the size of the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import Any

from crm360.identity.engine import derived


@dataclass(frozen=True, slots=True)
class Rule:
    """Records that agree on every one of `columns` are candidates; a block of more than `limit` proposes nothing."""

    columns: tuple[str, ...]
    limit: int

    @property
    def name(self) -> str:
        return " + ".join(self.columns)


def keys(rules: Iterable[Rule], form: Mapping[str, Any]) -> dict[int, Rule]:
    """The keys of one contact's compared form, each a signed 64-bit number, and the rule that made it."""
    known: dict[str, tuple[str, ...]] = {}
    found: dict[int, Rule] = {}
    for rule in rules:
        parts = []
        for column in rule.columns:
            if column not in known:
                known[column] = derived.of(form, column)
            parts.append(known[column])
        for values in product(*parts) if all(parts) else ():
            found[key(rule.columns, values)] = rule
    return found


def key(columns: tuple[str, ...], values: tuple[str, ...]) -> int:
    """The same number for the same columns and values on every machine."""
    said = _start(columns) + "\x1f".join(values).encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=1024)
def _start(columns: tuple[str, ...]) -> bytes:
    """What every key of a rule begins with."""
    return "\x1f".join((*columns, "", "")).encode()


def words(rule: Rule, form: Mapping[str, Any], made: int) -> str:
    """A key in words people can read: `rule:values`; of a form that has it."""
    values = next(values for values in _values(rule, form) if key(rule.columns, values) == made)
    return f"{rule.name}:{' · '.join(values)}"


def _values(rule: Rule, form: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    return product(*(derived.of(form, column) for column in rule.columns))


_IDENTIFIERS = ("email", "phone_end", "national_id", "customer_id", "card", "chat_id", "tax_id", "email_local")
_BIRTHS = ("birth_date", "birth_day", "birth_year")
_PLACES = ("postcode", "city", "birth_place", "street_8", "house", "job_title", "company", "state", "address_2")
_BOTH_NAMES = (
    ("name_low", "name_high"), ("given_letters", "family_letters"), ("given_1", "family_skeleton"), ("given_first", "family_3"),
    ("given_3", "family_3"),
)  # fmt: skip
_ONE_NAME = ("given_first", "family", "given_skeleton", "family_skeleton", "given_letters", "family_letters")


def possible() -> tuple[tuple[str, ...], ...]:
    """Every combination of columns worth trying, strongest kinds first."""
    combined = [
        *((column,) for column in _IDENTIFIERS),
        *_BOTH_NAMES,
        *((name,) for name in _ONE_NAME),
        *((name, other) for name in _ONE_NAME[2:4] for other in (*_BIRTHS, *_PLACES, "email_start")),
        *(
            (name, other)
            for name in _ONE_NAME[4:]
            for other in ("birth_day", "birth_year", "city", "postcode", "birth_place")
        ),
        *(
            (*names, other)
            for names in (_BOTH_NAMES[0], _BOTH_NAMES[2])
            for other in (*_BIRTHS, *_PLACES, "email_start")
        ),
        ("birth_date",),
        *((birth, place) for birth in ("birth_date", "birth_day") for place in _PLACES),
        *(("street_8", "house", place) for place in ("postcode", "city")),
        *(("street_8", "house"), ("postcode", "house"), ("postcode", "job_title"), ("postcode", "street_8")),
        *((place,) for place in ("postcode", "address_2", "company", "email_start")),
    ]
    return tuple(dict.fromkeys(combined))

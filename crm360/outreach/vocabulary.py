"""What a template may speak of: every variable, whether everybody has it, and an example for the editor. Pure.

A value that some people lack needs a `default` (or an `if`) in the template; what everybody has does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

LANGUAGES = ("en", "pl")


class Variable(NamedTuple):
    """`always`: everybody has it. `example`: what the editor shows, of the kind the real value is."""

    always: bool
    example: Any


#: group → name → what it is. Templates write `{{ person.given_name }}`.
PERSON: Mapping[str, Variable] = MappingProxyType(
    {
        "name": Variable(False, "Anna Kowalska"),
        "given_name": Variable(False, "Anna"),
        "family_name": Variable(False, "Kowalska"),
        "vocative": Variable(False, "Anno"),
        "is_female": Variable(False, True),
        "company": Variable(False, "Kwiaciarnia Pod Lipą"),
        "city": Variable(False, "Kraków"),
        "country": Variable(False, "PL"),
        "orders": Variable(True, 3),
        "spent": Variable(False, {"minor": 31200, "currency": "PLN"}),
        "last_purchase_on": Variable(False, date(2026, 2, 14)),
        "favourite_category": Variable(False, "Coffee"),
        "next_product": Variable(False, "Stoneware mug"),
        "cart": Variable(False, [{"name": "Wool blanket, moss", "quantity": 1}]),
    }
)
SHOP: Mapping[str, Variable] = MappingProxyType(
    {"name": Variable(True, "Lipowa"), "url": Variable(True, "https://shop.example")}
)
PLAIN: Mapping[str, Variable] = MappingProxyType(
    {
        "today": Variable(True, date(2026, 3, 2)),
        "unsubscribe_url": Variable(True, "https://shop.example/unsubscribe/example"),
        "preferences_url": Variable(True, "https://shop.example/preferences/example"),
    }
)


def example() -> dict[str, Any]:
    """Values of somebody of whom everything is known."""
    return _values(everything=True)


def bare() -> dict[str, Any]:
    """Values of somebody of whom nothing is known: a template must be able to speak to them too."""
    return _values(everything=False)


def is_known(path: tuple[str, ...]) -> bool:
    """Whether a template may ask for this (`("person", "given_name")`)."""
    group = {"person": PERSON, "shop": SHOP}.get(path[0])
    if group is None:
        return path[0] in PLAIN
    return len(path) == 1 or path[1] in group


def _values(*, everything: bool) -> dict[str, Any]:
    def some(variables: Mapping[str, Variable]) -> dict[str, Any]:
        return {name: each.example for name, each in variables.items() if each.always or everything}

    return {"person": some(PERSON), "shop": some(SHOP), **some(PLAIN)}

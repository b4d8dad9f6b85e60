"""Buyers of marketplaces: their e-mail addresses are masks that name an order, not a person."""

from __future__ import annotations

import re

_MASKED = re.compile(r"([^@+]+)\+[^@]*@(?:[a-z0-9-]+\.)*allegro(?:mail|group)\.[a-z]{2,3}", re.IGNORECASE)
_OF_ALLEGRO = re.compile(r"@(?:[a-z0-9-]+\.)*allegro(?:mail|group)\.[a-z]{2,3}\Z", re.IGNORECASE)


def own_address(email: str) -> str:
    """The e-mail when it is the buyer's own; "" for a mask, which would make every order another person's."""
    return "" if _OF_ALLEGRO.search(email) else email


def pair_code(email: str) -> str:
    """What an Allegro mask says of a buyer: the part before the "+" is the same in all orders of one buyer with one
    seller. "" when `email` is no such mask.
    """
    found = _MASKED.fullmatch(email.strip())
    return found[1].lower() if found else ""

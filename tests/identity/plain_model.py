"""A model with round weights for tests of pages: what they show must not move whenever the shipped model is trained anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm360.identity import shipped
from crm360.identity.engine.agglomerating import Rules
from crm360.identity.engine.model import FORMAT
from crm360.identity.levels import LEVELS

#: Bits of each level, in the order of `levels.LEVELS`.
BITS: dict[str, tuple[float, ...]] = {
    "national_id": (32, 16, 6, 2, -9),
    "customer_id": (34, 2, -7),
    "chat_id": (32, 2, 0),
    "card": (30, 2, -2),
    "email": (30, 7, 7, 2, 4, -1),
    "phone": (29, 9, 4, -1.5),
    "name": (13, 7, 0, 0),
    "given_name": (6.5, 5, 4, 2, -12),
    "family_name": (9, 7, 6, 3, -8),
    "birth_date": (13, 7, 2, -6, -10),
    "address": (11, 7, 7, 6, 4, 3, -2),
}
PRIOR, JOIN, REVIEW = -20.0, 8.0, 0.0
_RULES = (
    ("email",), ("phone_end",), ("card",), ("customer_id",), ("chat_id",), ("national_id",), ("name_low", "name_high"),
    ("birth_date", "given_skeleton"), ("birth_date", "family_skeleton"), ("postcode", "family_skeleton"),
    ("city", "family_skeleton"), ("city", "given_skeleton"), ("street_8", "house", "city"), ("given_first", "family_3"),
)  # fmt: skip


def document() -> dict[str, Any]:
    """The document. Shares of the levels follow from their bits and are no probabilities; a household is as good as never."""
    levels = {field: (*names, "straight") if field == "name" else names for field, names in LEVELS.items()}
    return {
        "format": FORMAT,
        "about": {"rows": 0, "data": "set by hand for tests"},
        "join": {"bits": JOIN, "probability": 0.95},
        "review": {"bits": REVIEW, "probability": 0.05},
        "shares_of_all_pairs": {"same person": 2.0**PRIOR, "same household": 2.0**-60},
        "conflicts": ["national_id", "birth_date", "given_name"],
        "linking": {name: getattr(Rules(), name) for name in Rules.__slots__},
        "blocking": [{"columns": list(columns), "limit": 60} for columns in _RULES],
        "fields": {field: _levels(levels[field], bits) for field, bits in BITS.items()},
        "rare_values": [],
    }


def _levels(names: tuple[str, ...], bits: tuple[float, ...]) -> dict[str, dict[str, float]]:
    return {
        name: {"same person": 0.1, "same household": 0.1 * 2.0**-each, "strangers": 0.1 * 2.0**-each, "bits": each}
        for name, each in zip(names, bits, strict=True)
    }


@contextmanager
def in_force() -> Iterator[None]:
    """What takes contacts in meanwhile takes this model for the shipped one, and keeps it in force in its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "document", document)
        shipped.judge.cache_clear()
        yield
    shipped.judge.cache_clear()

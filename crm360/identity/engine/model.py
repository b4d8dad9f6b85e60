"""The model as a document: what every level says in bits, which values are rare, what it was learned from. Pure.

Readable JSON with a version; a score does not drift as a base grows, for all it needs stands in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from crm360.identity import guards
from crm360.identity.engine.agglomerating import Rules
from crm360.identity.engine.estimating import Estimate, Theta
from crm360.identity.engine.levels import level_names
from crm360.identity.engine.rules import Rule

FORMAT = 2
#: One person with this probability or more is joined without asking, from the other on a person is asked.
JOIN_FROM = 0.91
REVIEW_FROM = 0.05
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class RarityTable:
    """Bits a value adds when two records agree on it at `level` of `field`; unlisted values add `other`."""

    field: str
    column: str
    level: str
    other: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model; `about` describes the data it was trained on."""

    estimate: Estimate
    rarities: tuple[RarityTable, ...]
    blocking: tuple[Rule, ...]
    join: float
    review: float
    about: Mapping[str, Any] = field(default_factory=dict)
    #: what keeps two contacts apart whatever else agrees, of guards.CONFLICTS
    conflicts: tuple[str, ...] = guards.CONFLICTS
    linking: Rules = field(default_factory=Rules)
    #: whether names may join by themselves: a model knows how common names are only where it learned
    names_join: bool = True


def bits(probability: float) -> float:
    """log2 odds of a probability."""
    return float(np.log2(probability / (1.0 - probability)))


def as_document(model: Model) -> dict[str, Any]:
    """The model as JSON values, its fields in order of weight."""
    known = model.estimate
    return {
        "format": FORMAT,
        "about": dict(model.about),
        "join": {"bits": round(model.join, 3), "probability": JOIN_FROM},
        "review": {"bits": round(model.review, 3), "probability": REVIEW_FROM},
        "shares_of_all_pairs": {"same person": _rounded(known.person), "same household": _rounded(known.household)},
        "names_join": model.names_join,
        "conflicts": list(model.conflicts),
        "linking": asdict(model.linking),
        "blocking": [{"columns": list(rule.columns), "limit": rule.limit} for rule in model.blocking],
        "fields": {name: _levels(known, name) for name in known.m},
        "rare_values": [
            {
                "field": table.field, "column": table.column, "level": table.level, "other": table.other,
                "values": dict(table.values),
            }
            for table in model.rarities
        ],
    }  # fmt: skip


def _levels(known: Estimate, name: str) -> dict[str, dict[str, float]]:
    rows = zip(level_names(name), known.m[name], known.h[name], known.u[name], strict=True)
    return {
        level: {
            "same person": _rounded(m), "same household": _rounded(h), "strangers": _rounded(u),
            "bits": round(float(np.log2(m / u)), 2),
        }
        for level, m, h, u in rows
    }  # fmt: skip


def _rounded(value: float) -> float:
    return float(f"{float(value):.{_DIGITS}g}")


def from_document(document: Mapping[str, Any]) -> Model:
    """Read a document. Raises ValueError when it is not of this format or misses a level of a field."""
    if document.get("format") != FORMAT:
        raise ValueError(f"This model's format is {document.get('format')!r}; {FORMAT} is needed.")
    try:
        shares, fields = document["shares_of_all_pairs"], document["fields"]
        estimate = Estimate(
            m=_theta(fields, "same person"),
            h=_theta(fields, "same household"),
            u=_theta(fields, "strangers"),
            person=float(shares["same person"]),
            household=float(shares["same household"]),
        )
        rare = tuple(
            RarityTable(row["field"], row["column"], row["level"], float(row["other"]), row["values"])
            for row in document["rare_values"]
        )
        blocking = tuple(Rule(tuple(row["columns"]), int(row["limit"])) for row in document["blocking"])
        conflicts, linking = tuple(document["conflicts"]), Rules(**document["linking"])
        join, review = float(document["join"]["bits"]), float(document["review"]["bits"])
        return Model(
            estimate,
            rare,
            blocking,
            join,
            review,
            document["about"],
            conflicts,
            linking,
            names_join=document.get("names_join", True) is True,
        )
    except (KeyError, TypeError) as missing:
        raise ValueError(f"This model lacks {missing}.") from missing


def _theta(fields: Mapping[str, Any], part: str) -> Theta:
    return {name: np.array([float(rows[level][part]) for level in level_names(name)]) for name, rows in fields.items()}

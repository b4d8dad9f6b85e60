"""From findings to one match weight in bits: prior plus the weight of each finding. Pure; the model is a document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from crm360.identity.comparing import Finding


@dataclass(frozen=True, slots=True)
class Cap:
    """A finding that keeps a pair below joining however much else agrees, unless one of some fields agrees."""

    field: str
    level: str
    unless: tuple[str, ...]
    weight: float
    #: What such a pair says when two clusters are about to join.
    against: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in bits per field and level, the prior of any pair, and the two thresholds."""

    name: str
    prior: float
    join: float
    review: float
    weights: Mapping[str, Mapping[str, float]]
    cap: Cap


@dataclass(frozen=True, slots=True)
class Score:
    """A pair's total weight in bits and the part each finding had in it."""

    weight: float
    evidence: tuple[tuple[Finding, float], ...]
    capped: bool = False

    def as_json(self) -> list[dict[str, Any]]:
        """Rows for people and for the edge table: field, level, bits, left, right."""
        return [{**finding._asdict(), "bits": bits} for finding, bits in self.evidence]


def score(findings: Iterable[Finding], model: Model) -> Score:
    """Add up the findings. Raises KeyError on a level the model does not know: a model must cover its comparisons."""
    evidence = tuple((finding, model.weights[finding.field][finding.level]) for finding in findings)
    total = model.prior + sum(bits for _, bits in evidence)
    capped = total > model.cap.weight and _applies(model.cap, evidence)
    return Score(model.cap.weight if capped else total, evidence, capped)


def _applies(cap: Cap, evidence: Iterable[tuple[Finding, float]]) -> bool:
    levels = {finding.field: finding.level for finding, _ in evidence}
    return levels.get(cap.field) == cap.level and not any(levels.get(field) == "same" for field in cap.unless)


#: Fields that are the person's own: two addresses or mailboxes are no contradiction, two names are.
_PERSONAL = frozenset(("name", "given_name", "family_name", "birth_date", "national_id"))


def contradiction(score: Score) -> float:
    """How much a pair's personal fields speak against one person: bits at or below 0, shared identifiers left out."""
    return min(0.0, sum(bits for finding, bits in score.evidence if finding.field in _PERSONAL))


def read_model(text: str) -> Model:
    """A model from its JSON document. Raises ValueError, KeyError or TypeError on what is none."""
    document = json.loads(text)
    cap = document["cap"]
    return Model(
        name=document["name"],
        prior=document["prior"],
        join=document["join"],
        review=document["review"],
        weights=document["weights"],
        cap=Cap(cap["field"], cap["level"], tuple(cap["unless"]), cap["weight"], cap["against"]),
    )


@lru_cache(maxsize=1)
def current_model() -> Model:
    """The model in force."""
    return read_model(resources.files("crm360.identity").joinpath("model_1.json").read_text())

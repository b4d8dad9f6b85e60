"""What a model needs for identifiers its training data did not have: set by hand, and said so in the document. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crm360.identity.engine.estimating import SHARED, Estimate
from crm360.identity.engine.levels import level_names
from crm360.identity.engine.model import Model
from crm360.identity.engine.rules import Rule

#: identifier → level → (how often one person's records agree so, how often strangers do)
_SET: dict[str, dict[str, tuple[float, float]]] = {
    "email": {"same": (0.8, 2e-6), "same name": (0.02, 1e-5), "similar": (0.03, 1e-5), "alike": (0.005, 1e-3),
              "shared by many": (0.001, 1e-4)},
    "phone": {"same": (0.7, 2e-6), "similar": (0.1, 1e-5), "shared by many": (0.001, 1e-4)},
    "card": {"same": (0.7, 2e-7), "shared by many": (0.0004, 1e-4)},
    "customer_id": {"same": (0.97, 2e-7), "shared by many": (0.0004, 1e-4)},
    "chat_id": {"same": (0.7, 2e-7), "shared by many": (0.0004, 1e-4)},
    "national_id": {"same": (0.95, 1e-7), "similar": (0.03, 1e-5), "near": (0.005, 1e-4),
                    "shared by many": (0.0004, 1e-4)},
}  # fmt: skip
#: A household's records agree so often on what its members share.
_AT_HOME = 0.1
_RULES = ("email", "phone_end", "card", "customer_id", "chat_id", "national_id", "tax_id")
_LIMIT = 60


def completed(model: Model) -> Model:
    """The model with weights and a blocking rule for every identifier a contact can have."""
    known = model.estimate
    missing = [field for field in _SET if field not in known.m]
    m = {**known.m, **{field: _spread(field, 0) for field in missing}}
    u = {**known.u, **{field: _spread(field, 1) for field in missing}}
    h = {**known.h, **{field: _at_home(field, u[field]) for field in missing}}
    # a customer of long standing has many records with one mailbox: they must be found, whatever few rows taught
    own = {(column,) for column in _RULES}
    rules = [Rule((column,), _LIMIT) for column in _RULES]
    others = [rule for rule in model.blocking if rule.columns not in own]
    about = {**model.about, **({"set_by_hand": missing} if missing else {})}
    estimate = Estimate(m, h, u, known.person, known.household)
    return replace(model, estimate=estimate, blocking=(*rules, *others), about=about)


def _spread(field: str, which: int) -> np.ndarray:
    given = {level: both[which] for level, both in _SET[field].items()}
    return np.array([given.get(level, 1.0 - sum(given.values())) for level in level_names(field)])


def _at_home(field: str, strangers: np.ndarray) -> np.ndarray:
    if field not in SHARED:
        return strangers
    found = strangers.copy()
    found[0] += _AT_HOME
    return found / found.sum()

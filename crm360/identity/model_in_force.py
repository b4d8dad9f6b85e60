"""The document of the model in force, and since when it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from crm360.identity import in_force, model_versions, shipped


class InForce(NamedTuple):
    """`id` None: the model that comes with the program, before the first contact."""

    id: int | None
    name: str
    document: Mapping[str, Any]
    since: datetime | None = None
    chosen_by: str = ""


def document_in_force() -> InForce:
    """What who is who is computed by now."""
    now = in_force.current()
    if now.id is None:
        return InForce(None, now.name, shipped.document())
    chosen = next(each for each in model_versions.activations() if each.effective_at and each.model_id == now.id)
    document = model_versions.get(now.id).document
    return InForce(now.id, now.name, document, chosen.effective_at, chosen.requested_by)

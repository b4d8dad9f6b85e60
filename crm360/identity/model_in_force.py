"""The document of the model in force, and since when it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any, NamedTuple

from crm360.identity import model_versions, scoring


class InForce(NamedTuple):
    """`id` None: the model that comes with the program, which nobody chose."""

    id: int | None
    name: str
    document: Mapping[str, Any]
    since: datetime | None = None
    chosen_by: str = ""


def document_in_force() -> InForce:
    """What who is who is computed by now."""
    text = resources.files("crm360.identity").joinpath("model_1.json").read_text(encoding="utf-8")
    document: Mapping[str, Any] = json.loads(text)
    return InForce(model_versions.in_force(), scoring.current_model().name, document)

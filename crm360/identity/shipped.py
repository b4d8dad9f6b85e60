"""The model that comes with the program: trained by `tools/ship_model.py` on invented people. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from crm360.identity.engine import model as documents
from crm360.identity.engine.judging import Judge


@lru_cache(maxsize=1)
def judge() -> Judge:
    """Ready to judge by."""
    return Judge(documents.from_document(document()))


def document() -> Mapping[str, Any]:
    """Its document."""
    text = resources.files("crm360.identity").joinpath("shipped_model.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found

"""Rules of values, limits, fields and models in every shape the calls about them speak."""

from __future__ import annotations

from typing import Any

_AT = "2026-03-02T10:30:00.000000Z"
RULE: dict[str, Any] = {"kind": "email", "value": "brak@brak.pl", "rule": "blocked", "reason": "Typed at the till"}
RULED = {"id": 4, "records": 37, "profile_ids": [17, 18]}
RULES = {
    "items": [
        {
            "id": 4, "kind": "email", "value": "brak@brak.pl", "rule": "blocked", "reason": "Typed at the till",
            "made_at": _AT, "made_by": "Dana Admin", "records": 37, "lifted_at": None, "lifted_by": "",
        }
    ],
    "next_cursor": None,
}  # fmt: skip
LIMIT = {"kind": "card", "most": 3}
FIELD_RULE = {"field": "phone", "rule": "most_recent"}
IDENTITY_RULES = {
    "limits": [{"kind": "card", "most": 3, "usual": 5}],
    "fields": [
        {
            "field": "phone",
            "rule": "most_recent",
            "usual": "verified_first",
            "choices": ["verified_first", "most_recent"],
        }
    ],
    "waiting": True,
}
_VERSION = {
    "id": 2, "name": "2026-03-02-2", "trained_on": {"rows": 5402, "fields": ["email", "phone"]}, "created_at": _AT,
    "created_by": "Dana Admin", "in_force": True, "waiting": False,
}  # fmt: skip
ACTIVATION = {"model_id": 2, "reason": "Learned from our own customers"}
_ACTIVATED = {
    "id": 3, "model_id": 2, "name": "2026-03-02-2", "requested_at": _AT, "requested_by": "Dana Admin",
    "reason": "Learned from our own customers", "effective_at": None,
}  # fmt: skip
ACTIVATED = _ACTIVATED
MODELS = {"items": [_VERSION], "activations": [_ACTIVATED]}
MODEL = {**_VERSION, "document": {"format": 2}}

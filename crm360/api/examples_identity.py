"""The invented customer and her doubles in every shape the calls about who is who speak."""

from __future__ import annotations

from typing import Any

_AT = "2026-03-02T10:30:00.000000Z"
_LINES = {"prior": -12.0, "review": 2.0, "join": 6.5}
_EVIDENCE: list[dict[str, Any]] = [
    {
        "field": "email",
        "level": "same",
        "bits": 14.0,
        "left": "lucja.kania@example.com",
        "right": "lucja.kania@example.com",
    },
    {"field": "given_name", "level": "same", "bits": 6.5, "left": "lucja", "right": "lucja"},
    {"field": "family_name", "level": "different", "bits": -1.5, "left": "kania", "right": "lis"},
]
_PERSON = {"profile_id": 17, "href": "/api/v1/profiles/17", "display_name": "Łucja Kania", "city": "Gdynia"}
_DOUBLE = {"profile_id": 18, "href": "/api/v1/profiles/18", "display_name": "Lucja Lis", "city": "Sopot"}
_KEY = {"kind": "email", "value": "lucja.kania@example.com"}
_SHARED_KEY = {"kind": "phone", "value": "+48585550100"}
_TIE = {"left_contact_id": 31, "right_contact_id": 32, "weight": 7.0, "decision_id": None, "evidence": _EVIDENCE}

RESOLVE: dict[str, Any] = {
    "fields": {"given_name": "Łucja", "family_name": "Lis"},
    "identifiers": [
        {"kind": "email", "value": "lucja.kania@example.com"},
        {"kind": "phone", "value": "58 555 01 00"},
    ],
    "limit": 5,
}
RESOLUTION = {
    "model": "model-1",
    "thresholds": _LINES,
    "profile_id": 17,
    "items": [
        {**_PERSON, "contact_id": 31, "weight": 7.0, "verdict": "join", "conflict": "", "evidence": _EVIDENCE},
    ],
    "ignored": [_SHARED_KEY],
    "unreadable": [],
}
CANDIDATES = {
    "contact_id": 31,
    "thresholds": _LINES,
    "items": [
        {
            "contact_id": 32,
            "profile_id": 17,
            "display_name": "Łucja Kania",
            "together": True,
            "weight": 7.0,
            "evidence": _EVIDENCE,
            "model": "model-1",
        }
    ],
    "next_cursor": None,
}
EXPLANATION = {
    "left": {"contact_id": 31, "profile_id": 17},
    "right": {"contact_id": 32, "profile_id": 17},
    "together": True,
    "verdict": "join",
    "conflict": "",
    "model": "model-1",
    "thresholds": _LINES,
    "weight": 7.0,
    "evidence": _EVIDENCE,
    "waterfall": [
        {"kind": "prior", "field": "", "level": "", "bits": -12.0, "sum": -12.0},
        {"kind": "for", "field": "email", "level": "same", "bits": 14.0, "sum": 2.0},
        {"kind": "for", "field": "given_name", "level": "same", "bits": 6.5, "sum": 8.5},
        {"kind": "against", "field": "family_name", "level": "different", "bits": -1.5, "sum": 7.0},
        {"kind": "total", "field": "", "level": "", "bits": 7.0, "sum": 7.0},
    ],
    "shared": [_KEY, _SHARED_KEY],
    "ignored": [_SHARED_KEY],
    "decisions": [],
    "path": [_TIE],
}
CONNECTIONS = {
    "profile_id": 17,
    "items": [{**_TIE, "right_contact_id": 33, "weight": None, "decision_id": 5, "evidence": []}, _TIE],
    "next_cursor": None,
}
_MERGED = {
    "kind": "merge",
    "decision_id": 5,
    "made_at": _AT,
    "made_by": "Dana Admin",
    "reason": "Same person, new address",
    "profile_ids": [17, 18],
    "undone_at": None,
    "undone_by": "",
    "can_undo": True,
}
HISTORY = {"profile_id": 17, "items": [_MERGED], "next_cursor": None}
DECISIONS = {"items": [_MERGED], "next_cursor": None}

SPLIT = {"contact_ids": [33], "reason": "Mother and daughter"}
SPLIT_DECISION = {"decision_id": 6, "profile_ids": [17, 19], "profile_id": 17, "split_off_id": 19}
DISTINCTION = {"from": 18, "reason": "Two sisters"}
DISTINGUISHED = {"decision_id": 7, "profile_ids": [17, 18], "profile_id": 17}

REVIEWS = {
    "model": "model-1",
    "thresholds": _LINES,
    "items": [
        {
            "left": {"contact_id": 31, **_PERSON},
            "right": {"contact_id": 34, **_DOUBLE},
            "weight": 4.5,
            "evidence": [_EVIDENCE[1]],
            "held": {"reason": "doubt", "detail": "", "count": 0, "most": 0},
        }
    ],
    "next_cursor": None,
}
ANSWER = {"left_contact_id": 31, "right_contact_id": 34, "same": False, "reason": "Two sisters"}
ANSWERED = {"decision_id": 8, "profile_ids": [17, 18], "profile_id": None}
SHARED = {
    "items": [{**_SHARED_KEY, "reason": "seen with different names", "count": 3}],
    "next_cursor": None,
}

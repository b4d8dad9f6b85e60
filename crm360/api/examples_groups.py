"""One invented household and company: examples in the document."""

from __future__ import annotations

from typing import Any

_AT = "2026-03-02T10:30:00.000000Z"
_SPENT = {"amount_minor": 11248, "currency": "PLN", "amount": "112.48"}


def _member(number: int, name: str, *evidence: str) -> dict[str, Any]:
    href = f"/api/v1/profiles/{number}"
    return {"id": number, "href": href, "display_name": name, "evidence": list(evidence), "last_order_at": _AT}


_VALUE = {"customers": 2, "buyers": 2, "orders": 3, "spend": [_SPENT], "last_order_at": _AT}
GROUPS: dict[str, Any] = {
    "profile_id": 17,
    "household": {
        "name": "Długa 14/3, 31-147 Kraków",
        "evidence": ["door:dluga:14/3:31147", "door:dluga:14/3:krakow"],
        "members": [_member(17, "Łucja Kania", "family"), _member(21, "Bogdan Kania", "family")],
        "value": _VALUE,
    },
    "accounts": [
        {
            "name": "Pracownia Glina",
            "evidence": ["tax:PL5260250274", "domain:glina.example"],
            "members": [_member(17, "Łucja Kania", "domain:glina.example"), _member(40, "Ewa Maj", "tax:PL5260250274")],
            "value": _VALUE,
        }
    ],
}

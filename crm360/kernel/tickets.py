"""Links that stand for something and say nothing: numbers and short codes, signed. Who knows the key makes and opens them."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

#: What links of the customers' door are for.
PREFERENCES, UNSUBSCRIBE, CONFIRM, CLICK, OPENED = "preferences", "unsubscribe", "confirm", "click", "opened"
SURVEY, DATA = "survey", "data"


def make(kind: str, *parts: Any, key: str) -> str:
    """The signed part of an address. `parts`: numbers and short codes, never a person's data."""
    return str(_serializer(kind, key).dumps(parts))


def parts(kind: str, token: str, count: int, *, key: str) -> list[Any] | None:
    """What `make` was given; None when the token was changed, cut, or made for something else."""
    try:
        found = _serializer(kind, key).loads(token)
    except BadSignature:
        return None
    return found if isinstance(found, list) and len(found) == count else None


def _serializer(kind: str, key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"crm360 public {kind}")

"""Opaque cursors for keyset paging: where the next page goes on, in a form that travels in a URL."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from crm360.kernel.errors import Invalid

Part = int | str | datetime
_LONGEST = 512
_BIGGEST = 2**63 - 1


class BadCursor(Invalid):
    """The cursor was not one this house gave out."""

    def __init__(self) -> None:
        super().__init__(
            "This page marker cannot be read. Start again from the first page.", errors={"cursor": ["unreadable"]}
        )


def encode(*parts: Part) -> str:
    """The sort key of the last row shown, as URL-safe text."""
    plain = [part.astimezone(UTC).isoformat() if isinstance(part, datetime) else part for part in parts]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type[Part]) -> tuple[Part, ...]:
    """The parts of a cursor, each of the kind expected (int, str or datetime). Raises BadCursor on anything else."""
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError
        return tuple(_read(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, binascii.Error, RecursionError, OverflowError):
        raise BadCursor from None


def moment(cursor: str) -> tuple[datetime, int]:
    """The parts of a cursor over (time, id), the key most lists are read by."""
    at, row_id = decode(cursor, datetime, int)
    if not (isinstance(at, datetime) and isinstance(row_id, int)):
        raise BadCursor
    return at, row_id


def _read(part: object, kind: type[Part]) -> Part:
    if kind is datetime and isinstance(part, str):
        at = datetime.fromisoformat(part)
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    if kind is int and type(part) is int and abs(part) <= _BIGGEST:
        return part
    if kind is str and isinstance(part, str):
        return part
    raise ValueError

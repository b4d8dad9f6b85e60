"""What of a statement goes into the tree: a hash of its header, and a salted commitment to what is personal in it. Pure.

The header (no personal data: a pseudonymous key stands for the address) stays for ever and can be checked by anybody.
The personal part is committed to with a salt of its own; when person and salt are erased, the commitment says nothing
any more, and every proof that contains it still holds (EDPB guidelines 02/2025: nothing personal in what cannot forget).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

FORMAT = 1
SALT_BYTES = 32
_EXACT = 2**53 - 1


def header_hash(header: Mapping[str, Any]) -> bytes:
    """Hash of what stays: the columns of a statement's row, times in UTC."""
    return sha256(rfc8785.dumps(plain({"format": FORMAT, **header}))).digest()


def commitment(salt: bytes, personal: Mapping[str, Any]) -> bytes:
    """What binds us to the personal part without telling it. Raises ValueError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return sha256(salt + rfc8785.dumps(plain({"format": FORMAT, **personal}))).digest()


def entry(header: bytes, committed: bytes) -> bytes:
    """The tree's entry of a statement."""
    return header + committed


def plain(value: Any) -> Any:
    """The value as canonical JSON can hold it, and as every database gives it back."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return moment(value)
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def moment(value: datetime) -> str:
    """A moment in UTC, as headers hold it."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _number(value: float) -> int | str:
    """Whole numbers as such (a database may hand 1.0 back as 1), what a double cannot hold exactly as text."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    whole = int(value)
    return whole if abs(whole) <= _EXACT else str(whole)

"""What of a statement goes into the tree: a hash of its header, and a salted commitment to what is personal in it. Pure.

The header (no personal data: a pseudonymous key stands for the address) stays for ever and can be checked by anybody.
The personal part is committed to with a salt of its own; when person and salt are erased, the commitment says nothing
any more, and every proof that contains it still holds (EDPB guidelines 02/2025: nothing personal in what cannot forget).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from crm360.kernel.iso8601 import zulu

FORMAT = 1
SALT_BYTES = 32
_EXACT = 2**53 - 1


def header_hash(header: Mapping[str, Any]) -> bytes:
    """Hash of what stays: the columns of a statement's row, times in UTC."""
    return sha256(canonical({"format": FORMAT, **header})).digest()


def commitment(salt: bytes, personal: Mapping[str, Any]) -> bytes:
    """What binds us to the personal part without telling it. Raises ValueError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return sha256(salt + canonical({"format": FORMAT, **personal})).digest()


def entry(header: bytes, committed: bytes) -> bytes:
    """The tree's entry of a statement."""
    return header + committed


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of what `plain` leaves: the library of C needs no help but the order of names."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """The value as canonical JSON can hold it, and as every database gives it back; names in the order of UTF-16."""
    if isinstance(value, Mapping):
        named = {str(name): each for name, each in value.items()}
        order = sorted(named) if all(map(str.isascii, named)) else sorted(named, key=_utf16)
        return {name: plain(named[name]) for name in order}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return zulu(value)
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> int | str:
    """Whole numbers as such (a database may hand 1.0 back as 1), what a double cannot hold exactly as text."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    whole = int(value)
    return whole if abs(whole) <= _EXACT else str(whole)

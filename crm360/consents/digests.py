"""How a suppressed address is kept: a keyed digest nobody can turn back, known by the id of its key."""

from __future__ import annotations

import hashlib

from crm360.kernel import signing


def key_id(key: str) -> str:
    """A short name of a key that gives nothing of it away."""
    return hashlib.sha256(b"crm360 suppression key:" + key.encode()).hexdigest()[:12]


def digest(key: str, address: str) -> str:
    """HMAC-SHA-256 of a normalised address, in hex."""
    return signing.hmac_hex(key, address.encode())

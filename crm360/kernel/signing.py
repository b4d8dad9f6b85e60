"""Secrets and signatures: made unguessable, kept as digests, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def new_secret(prefix: str = "") -> str:
    """An unguessable text of 256 bits that may stand in an address."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 of a secret in hex. Only for secrets too long to guess; passwords need a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def hmac_base64(secret: str, message: bytes) -> str:
    """HMAC-SHA256 in base64, as Shopify and WooCommerce sign."""
    return base64.b64encode(hmac.digest(secret.encode(), message, "sha256")).decode()


def hmac_hex(secret: str, message: bytes) -> str:
    """HMAC-SHA256 in lower-case hex, as Chatwoot and many others sign."""
    return hmac.digest(secret.encode(), message, "sha256").hex()

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


def hmac_base64(secret: str, message: bytes, digest: str = "sha256") -> str:
    """HMAC in base64, as Shopify and WooCommerce sign; Mandrill with sha1."""
    return base64.b64encode(hmac.digest(secret.encode(), message, digest)).decode()


def hmac_hex(secret: str, message: bytes, digest: str = "sha256") -> str:
    """HMAC in lower-case hex, as Chatwoot and many others sign; Intercom with sha1."""
    return hmac.digest(secret.encode(), message, digest).hex()


def new_webhook_secret() -> str:
    """A signing secret in the form of Standard Webhooks: 256 bits in base64 after `whsec_`."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def standard_webhook(secret: str, *, message_id: str, timestamp: int | str, body: bytes) -> str:
    """One signature after Standard Webhooks 1.0 (symmetric): `v1,` and the HMAC-SHA256 of id.timestamp.body.

    Raises ValueError when `secret` holds no key.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    if not key:
        raise ValueError("the secret holds no key")
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()

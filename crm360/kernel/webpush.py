"""Web push (RFC 8030): a message encrypted for one browser (RFC 8291), signed as ours (VAPID, RFC 8292). Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import http_ece
import py_vapid
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: What push services take at least, less what encryption adds.
LONGEST_PAYLOAD = 3993
_SIGNED_FOR = timedelta(hours=12)
_POINT_BYTES, _AUTH_BYTES = 65, 16


class Message(NamedTuple):
    """What to POST to the endpoint."""

    headers: Mapping[str, str]
    body: bytes


def new_key() -> str:
    """A private key (P-256) in the usual form: 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


def is_key(text: str) -> bool:
    """Whether a text is such a private key."""
    try:
        public_key(text)
    except (ValueError, TypeError):
        return False
    return True


def public_key(key: str) -> str:
    """The public half, as browsers subscribe with it. Raises ValueError."""
    number = int.from_bytes(decoded(key), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return encoded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_subscription(endpoint: str, p256dh: str, auth: str) -> bool:
    """Whether a browser's subscription can be written to: an https address, a point on the curve, a secret."""
    try:
        address = urlsplit(endpoint)
        point, secret = decoded(p256dh), decoded(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    local = address.hostname in ("localhost", "127.0.0.1") and address.scheme == "http"  # a browser under test
    sized = len(point) == _POINT_BYTES and len(secret) == _AUTH_BYTES and len(endpoint) <= 2000
    return bool((address.scheme == "https" or local) and address.hostname and not address.username and sized)


def message(
    *, endpoint: str, p256dh: str, auth: str, payload: bytes, key: str, contact: str, now: datetime, seconds: int
) -> Message:
    """`contact` (mailto: or https:) is whom a push service may ask; the message waits `seconds` for its browser.

    Raises ValueError when the payload is too long.
    """
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError(f"A push message holds at most {LONGEST_PAYLOAD} bytes.")
    once = ec.generate_private_key(ec.SECP256R1())
    body = http_ece.encrypt(
        payload, private_key=once, dh=decoded(p256dh), auth_secret=decoded(auth), version="aes128gcm"
    )
    address = urlsplit(endpoint)
    claims = {
        "sub": contact,
        "aud": f"{address.scheme}://{address.netloc}",
        "exp": int((now + _SIGNED_FOR).timestamp()),
    }
    signed = py_vapid.Vapid02.from_raw(key.encode()).sign(claims)
    headers = {"Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "TTL": str(seconds)}
    return Message({**signed, **headers}, bytes(body))


def decoded(text: str) -> bytes:
    """Raises ValueError for what is no base64url."""
    return base64.b64decode(text.encode("ascii", "replace") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

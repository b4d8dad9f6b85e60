"""A browser's side of web push for tests: its keys, and reading what is sent to it."""

from __future__ import annotations

import json
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crm360.kernel.webpush import encoded

AUTH = bytes(range(16))


class BrowserKeys:
    """What a browser keeps to itself (`private`) and what it hands out (`keys`)."""

    def __init__(self, number: int = 0) -> None:
        """Any keys, or with a `number` always the same: parameters of a test must be alike in every process."""
        self.private = (
            ec.derive_private_key(number, ec.SECP256R1()) if number else ec.generate_private_key(ec.SECP256R1())
        )
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": encoded(point), "auth": encoded(AUTH)}

    def read(self, body: bytes) -> Any:
        """The message in an encrypted body."""
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=AUTH, version="aes128gcm"))

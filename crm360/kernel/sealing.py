"""Small secrets at rest: what must be used again (a signing secret, a password of a polled mailbox) is kept encrypted.

The key is derived from SECRET_KEY, which lives outside the database, so a stolen copy of the database opens nothing.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm360.kernel.errors import Unavailable


class CannotUnseal(Unavailable):
    """The secret was sealed under another SECRET_KEY, or its row was damaged."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be opened: SECRET_KEY is not the one it was kept under. Enter it again."
        )


def seal(secret: str, *, key: str) -> str:
    """The secret as text that only `key` (SECRET_KEY, handed in by the door) opens. Never the same twice."""
    return _box(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, key: str) -> str:
    """What `seal` was given. Raises CannotUnseal."""
    try:
        return _box(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotUnseal from None


@lru_cache(maxsize=4)
def _box(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"crm360 sealing 1").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))

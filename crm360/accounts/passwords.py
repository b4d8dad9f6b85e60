"""Passwords: hashed with argon2id, checked in a time that does not tell whether the account exists."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm360.kernel.errors import Invalid

MIN_LENGTH = 8
MAX_LENGTH = 1000

_hasher = PasswordHasher()


class UnusablePassword(Invalid):
    """The password is too short, or too long to be one."""


def hash_password(password: str) -> str:
    """The argon2id hash of an acceptable password. Raises UnusablePassword."""
    if len(password) < MIN_LENGTH:
        text = f"A password needs at least {MIN_LENGTH} characters."
        raise UnusablePassword(text, errors={"password": [text]})
    if len(password) > MAX_LENGTH:
        text = f"A password may have at most {MAX_LENGTH} characters."
        raise UnusablePassword(text, errors={"password": [text]})
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the hashed one. None (nobody has this account) costs the same time and is never right."""
    known = password_hash is not None
    try:
        _hasher.verify(password_hash if password_hash is not None else _nobodys_hash(), password[: MAX_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return False
    return known


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody's password")

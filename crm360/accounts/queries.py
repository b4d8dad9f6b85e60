"""Finding staff and keys."""

from __future__ import annotations

from sqlalchemy import select

from crm360.accounts import passwords
from crm360.accounts.models import Key, Staff
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound


class StaffNotFound(NotFound):
    """Nobody has this id or address."""


class KeyNotFound(NotFound):
    """No key has this id."""


def authenticate(email: str, password: str) -> Staff | None:
    """The person with this address and password, unless disabled. Takes as long for an address nobody has.

    The door calls `operations.refresh_hash` after a right sign-in.
    """
    staff = find_staff_by_email(email)
    usable = staff if staff is not None and staff.disabled_at is None else None
    return usable if passwords.verify(usable.password_hash if usable else None, password) else None


def find_staff_by_session(staff_id: int, session_token: str) -> Staff | None:
    """The person a session cookie speaks for; None once disabled or signed out everywhere."""
    staff: Staff | None = db.session.get(Staff, staff_id)
    if staff is None or staff.disabled_at is not None or not signing.same(staff.session_token, session_token):
        return None
    return staff


def find_staff_by_email(email: str) -> Staff | None:
    if not email.strip().isprintable():
        return None  # no database column holds such an address
    found: Staff | None = db.session.scalar(select(Staff).where(Staff.email == email.strip().casefold()))
    return found


def get_staff(staff_id: int) -> Staff:
    """Raises StaffNotFound."""
    staff: Staff | None = db.session.get(Staff, staff_id)
    if staff is None:
        raise StaffNotFound(f"There is no staff member {staff_id}.")
    return staff


def all_staff() -> list[Staff]:
    """Everybody, disabled people too, by address."""
    return list(db.session.scalars(select(Staff).order_by(Staff.email)))


def find_key(secret: str, kind: str) -> Key | None:
    """The key with this secret, unless revoked. `kind`: write, api."""
    digest = signing.digest(secret)
    found: Key | None = db.session.scalar(
        select(Key).where(Key.digest == digest, Key.kind == kind, Key.revoked_at.is_(None))
    )
    return found


def get_key(key_id: int) -> Key:
    """Raises KeyNotFound."""
    key: Key | None = db.session.get(Key, key_id)
    if key is None:
        raise KeyNotFound(f"There is no key {key_id}.")
    return key


def all_keys() -> list[Key]:
    """Every key, revoked ones too, oldest first."""
    return list(db.session.scalars(select(Key).order_by(Key.id)))

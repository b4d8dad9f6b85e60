"""Changes to staff and keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from crm360.accounts import passwords
from crm360.accounts.models import Key, Staff
from crm360.accounts.permissions import ROLES
from crm360.accounts.queries import get_key, get_staff
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid
from crm360.normalise.email import email as normal_email

KEY_KINDS = ("write", "api")
#: Write keys stand in every web page that uses them; an API key opens personal data.
MIN_GIVEN_KEY = {"write": 4, "api": 16}
LONGEST_NAME = 100


class UnusableStaff(Invalid):
    """The e-mail address or the role cannot be accepted."""


class StaffExists(Conflict):
    """Somebody already signs in with this address."""


class UnusableKey(Invalid):
    """The kind, name, role or given value of a key cannot be accepted."""


class KeyExists(Conflict):
    """This value already is a key."""


def create_staff(*, email: str, role: str, password: str, name: str = "", now: datetime) -> Staff:
    """A person who may sign in. Raises UnusableStaff, passwords.UnusablePassword, StaffExists."""
    address = _address(email)
    _check_role(role)
    if db.session.scalar(select(Staff.id).where(Staff.email == address)):
        raise StaffExists(f"{address} already has an account.", errors={"email": ["This address is taken."]})
    staff = Staff(
        email=address,
        name=name.strip() or address.partition("@")[0].replace(".", " ").title(),
        role=role,
        password_hash=passwords.hash_password(password),
        session_token=signing.new_secret(),
        created_at=now,
    )
    db.session.add(staff)
    db.session.flush()
    return staff


def set_password(*, staff_id: int, password: str) -> None:
    """A new password; every session of the person ends. Raises StaffNotFound, passwords.UnusablePassword."""
    staff = get_staff(staff_id)
    staff.password_hash = passwords.hash_password(password)
    staff.session_token = signing.new_secret()
    db.session.flush()


def refresh_hash(*, staff_id: int, password: str) -> None:
    """Store the password's hash with today's settings when the kept one is weaker (call after a right sign-in)."""
    staff = get_staff(staff_id)
    if passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
        db.session.flush()


def set_role(*, staff_id: int, role: str) -> None:
    """What the person may do from the next page on. Raises StaffNotFound, UnusableStaff."""
    _check_role(role)
    get_staff(staff_id).role = role
    db.session.flush()


def disable(*, staff_id: int, now: datetime) -> None:
    """The person can no longer sign in and every session ends. Raises StaffNotFound."""
    staff = get_staff(staff_id)
    staff.disabled_at = staff.disabled_at or now
    staff.session_token = signing.new_secret()
    db.session.flush()


def set_preferences(*, staff_id: int, locale: str | None = None, theme: str | None = None) -> None:
    """How the person likes to see pages: `locale` "en" or "pl", `theme` "light" or "dark"; "" follows the browser."""
    staff = get_staff(staff_id)
    staff.locale = staff.locale if locale is None else locale
    staff.theme = staff.theme if theme is None else theme
    db.session.flush()


def create_key(*, kind: str, name: str, role: str = "", value: str = "", now: datetime) -> tuple[Key, str]:
    """A key and its secret, which cannot be read again. `value` keeps a secret that clients already carry.

    A write key's `name` is the name of the source its events are kept under; an API key acts with `role`.
    Raises UnusableKey, UnusableStaff (the role), KeyExists.
    """
    _check_key(kind, name, role, value)
    secret = value or signing.new_secret("wk_" if kind == "write" else "ak_")
    digest = signing.digest(secret)
    if db.session.scalar(select(Key.id).where(Key.digest == digest)):
        raise KeyExists("This value already is a key.", errors={"value": ["This value already is a key."]})
    key = Key(kind=kind, name=name.strip(), role=role, digest=digest, hint=secret[:6], created_at=now)
    db.session.add(key)
    db.session.flush()
    return key, secret


def revoke_key(*, key_id: int, now: datetime) -> None:
    """The key stops working (doors forget it within seconds). Raises KeyNotFound."""
    key = get_key(key_id)
    key.revoked_at = key.revoked_at or now
    db.session.flush()


def _address(email: str) -> str:
    address = email.strip().casefold()
    if normal_email(address) is None or len(address) > 254:
        text = f"{email.strip()!r} is not an e-mail address."
        raise UnusableStaff(text, errors={"email": [text]})
    return address


def _check_role(role: str) -> None:
    if role not in ROLES:
        text = f"The role must be one of {', '.join(ROLES)}, not {role!r}."
        raise UnusableStaff(text, errors={"role": [text]})


def _check_key(kind: str, name: str, role: str, value: str) -> None:
    if kind not in KEY_KINDS:
        raise UnusableKey(f"A key is of the kind {' or '.join(KEY_KINDS)}, not {kind!r}.")
    if not name.strip() or len(name.strip()) > LONGEST_NAME or "/" in name or not name.isprintable():
        text = f"A key needs a name of at most {LONGEST_NAME} printable characters, without a slash."
        raise UnusableKey(text, errors={"name": [text]})
    if kind == "api":
        _check_role(role)
    elif role:
        raise UnusableKey("A write key has no role: it can only send events.", errors={"role": ["Leave this empty."]})
    shortest = MIN_GIVEN_KEY[kind]
    if value and not (shortest <= len(value) <= 200 and value.isascii() and value.isprintable()):
        text = f"A given {kind} key needs {shortest} to 200 printable ASCII characters."
        raise UnusableKey(text, errors={"value": [text]})

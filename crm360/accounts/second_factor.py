"""Signing in with a second proof: a code of an authenticator app (TOTP, RFC 6238), or one of ten recovery codes."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, insert, select, update

from crm360.accounts.models import RecoveryCode, SecondFactor
from crm360.kernel import sealing, signing
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid

CODES = 10
#: A clock may be so many steps of 30 seconds off.
SKEW = 1
_STEP_SECONDS = 30
#: Without letters and digits that look alike.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class WrongCode(Invalid):
    """The code is not the one of this moment, or was used."""

    def __init__(self) -> None:
        text = "This code is not right. Codes change every half minute and work once."
        super().__init__(text, errors={"code": [text]})


class AlreadyOn(Conflict):
    """There is a second factor; it has to be removed first."""


def is_on(staff_id: int) -> bool:
    """Whether this person needs a code to sign in."""
    found = db.session.get(SecondFactor, staff_id)
    return found is not None and found.confirmed_at is not None


def those_with() -> set[int]:
    """Ids of everybody who needs a code."""
    return set(db.session.scalars(select(SecondFactor.staff_id).where(SecondFactor.confirmed_at.is_not(None))))


def begin(*, staff_id: int, key: str, now: datetime) -> None:
    """A new secret, which counts once confirmed. `key`: SECRET_KEY. Raises AlreadyOn."""
    if is_on(staff_id):
        raise AlreadyOn("The second step is on already. Remove it first.")
    db.session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id))
    secret = sealing.seal(pyotp.random_base32(), key=key)
    db.session.add(SecondFactor(staff_id=staff_id, secret=secret, created_at=now, last_step=0))
    db.session.flush()


def unconfirmed(staff_id: int, *, key: str) -> str | None:
    """The secret to be put into the app, in base 32; None when nothing was begun, or it is on."""
    found = db.session.get(SecondFactor, staff_id)
    return sealing.unseal(found.secret, key=key) if found is not None and found.confirmed_at is None else None


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says: otpauth://totp/…"""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def confirm(*, staff_id: int, code: str, key: str, now: datetime) -> list[str]:
    """Turn it on by a first right code; ten recovery codes, shown this once. Raises WrongCode."""
    found = db.session.get(SecondFactor, staff_id)
    if found is None or found.confirmed_at is not None or not _take_code(found, code, key, now):
        raise WrongCode
    found.confirmed_at = now
    return new_recovery_codes(staff_id=staff_id)


def check(*, staff_id: int, code: str, key: str, now: datetime) -> bool:
    """Whether a code of the app, or a recovery code, lets this person in now. It is used up."""
    found = db.session.get(SecondFactor, staff_id)
    if found is None or found.confirmed_at is None:
        return False
    return _take_code(found, code, key, now) or _take_recovery(staff_id, code, now)


def new_recovery_codes(*, staff_id: int) -> list[str]:
    """Ten new ones; older ones work no more."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    db.session.execute(
        insert(RecoveryCode), [{"digest": _digest(staff_id, code), "staff_id": staff_id} for code in codes]
    )
    return codes


def recovery_codes_left(staff_id: int) -> int:
    """How many recovery codes were not used."""
    left = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def remove(*, staff_id: int) -> bool:
    """The password alone is enough again; whether there was anything to remove."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    return bool(db.session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id)).rowcount)


def _take_code(found: SecondFactor, code: str, key: str, now: datetime) -> bool:
    """Two visits with one code: the later finds its step taken, whatever the order of their reads."""
    typed, totp = code.replace(" ", ""), pyotp.TOTP(sealing.unseal(found.secret, key=key))
    step = int(now.timestamp()) // _STEP_SECONDS
    for each in range(step - SKEW, step + SKEW + 1):
        if signing.same(totp.generate_otp(each), typed):
            later = update(SecondFactor).where(SecondFactor.staff_id == found.staff_id, SecondFactor.last_step < each)
            return bool(db.session.execute(later.values(last_step=each)).rowcount)
    return False


def _take_recovery(staff_id: int, code: str, now: datetime) -> bool:
    unused = update(RecoveryCode).where(RecoveryCode.digest == _digest(staff_id, code), RecoveryCode.used_at.is_(None))
    return bool(db.session.execute(unused.values(used_at=now)).rowcount)


def _digest(staff_id: int, code: str) -> str:
    return signing.digest(f"{staff_id}:{''.join(code.lower().replace('-', '').split())}")

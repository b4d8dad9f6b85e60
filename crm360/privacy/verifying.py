"""Codes: six digits sent to an address on file. Who reads them back is who receives mail there."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.identity.models import Contact, ContactIdentifier
from crm360.identity.queries import contact_ids
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Forbidden
from crm360.privacy.models import Code

VALID = timedelta(minutes=10)
TRIES = 3
#: Codes one case may be sent within a day.
PER_DAY = 5
#: An address younger than this, or one a colleague wrote, does not prove enough alone.
FRESH = timedelta(days=30)
STAFF_SOURCES = ("staff",)


class TooManyCodes(Conflict):
    """This case was sent enough codes for a day."""


class WrongCode(Forbidden):
    """The code is wrong, was used, or is too old."""


class Address(NamedTuple):
    """Where a code may go. `weak`: it needs a second fact beside it."""

    identifier_id: int
    contact_id: int
    value: str
    weak: bool


def address_of(profile_id: int, *, now: datetime) -> Address | None:
    """The e-mail address on file that proves most: the oldest no colleague wrote; None when there is none."""
    query = (
        select(ContactIdentifier)
        .where(ContactIdentifier.contact_id.in_(contact_ids(profile_id)), ContactIdentifier.kind == "email")
        .order_by(ContactIdentifier.first_seen_at, ContactIdentifier.id)
    )
    found = [
        Address(each.id, each.contact_id, each.value, now - each.first_seen_at < FRESH or _by_staff(each))
        for each in db.session.scalars(query)
    ]
    return min(found, key=lambda each: each.weak, default=None)


def new_code(*, case_id: int, use: str, weak: bool, key: str, now: datetime) -> tuple[Code, str]:
    """A code to be sent; earlier ones for the same use count no more. Raises TooManyCodes."""
    since = now - timedelta(days=1)
    sent = select(func.count()).select_from(Code).where(Code.case_id == case_id, Code.use == use, Code.sent_at > since)
    if int(db.session.scalar(sent) or 0) >= PER_DAY:
        raise TooManyCodes("Enough codes were sent today. Please try again tomorrow.")
    for earlier in _usable(case_id, use):
        earlier.settled = "replaced"
    digits = f"{secrets.randbelow(10**6):06d}"
    code = Code(
        case_id=case_id, use=use, digest=_digest(key, case_id, use, digits), sent_to={"kind": "email", "weak": weak},
        sent_at=now, expires_at=now + VALID,
    )  # fmt: skip
    db.session.add(code)
    db.session.flush()
    return code, digits


def check(*, case_id: int, use: str, digits: str, key: str, now: datetime) -> Code:
    """The code that was sent, used up by this. Each wrong try counts, the third ends it. Raises WrongCode.

    The caller commits also when it is wrong: tries must count.
    """
    for code in _usable(case_id, use):
        if code.expires_at <= now:
            code.settled = "too_old"
        elif signing.same(code.digest, _digest(key, case_id, use, "".join(digits.split()))):
            code.settled, code.attempts = "right", code.attempts + 1
            db.session.flush()
            return code
        else:
            code.attempts += 1
            code.settled = "wrong" if code.attempts >= TRIES else ""
    db.session.flush()
    raise WrongCode("This code is wrong or too old.")


def attempts(case_id: int) -> int:
    """How often a code was typed in this case."""
    return int(db.session.scalar(select(func.sum(Code.attempts)).where(Code.case_id == case_id)) or 0)


def waiting(case_id: int, use: str, *, now: datetime) -> bool:
    """Whether a code was sent that may still be typed."""
    return any(code.expires_at > now for code in _usable(case_id, use))


def _usable(case_id: int, use: str) -> list[Code]:
    query = select(Code).where(Code.case_id == case_id, Code.use == use, Code.settled == "")
    return list(db.session.scalars(query.order_by(Code.id.desc())))


def _by_staff(identifier: ContactIdentifier) -> bool:
    source = db.session.scalar(select(Contact.source).where(Contact.id == identifier.contact_id))
    return source in STAFF_SOURCES


def _digest(key: str, case_id: int, use: str, digits: str) -> str:
    return signing.hmac_hex(key, f"{case_id}:{use}:{digits}".encode())

"""Colleagues who sign in with an account of the company's own provider (OpenID Connect): who is let in, and as whom.

A person is known by issuer and subject, which never change hands. An e-mail address does, so it only ever leads to an
account the first time, verified by the provider, and only where the operator allowed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import delete, select

from crm360.accounts import operations, queries
from crm360.accounts.models import OutsideAccount, Staff
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import Forbidden
from crm360.normalise.email import email as normal_email

Reason = Literal["unverified", "unknown", "not_linked", "other_account", "disabled", "no_role"]
How = Literal["known", "linked", "created"]
#: What `amr` (RFC 8176) says of a second proof: several factors, or one that stands for them.
SECOND = frozenset({"mfa"})
#: A password and one of these are two proofs.
BESIDE_PASSWORD = frozenset({"otp", "hwk", "swk", "sms", "tel", "fpt", "face", "iris", "retina", "vbm", "sc", "pop"})
_LONGEST_NAME = 100


class Terms(NamedTuple):
    """What the operator allowed. `roles`: value of `role_claim` → role, the first that fits; none: roles are set here."""

    create: bool
    link: bool
    role_claim: str
    roles: tuple[tuple[str, str], ...]
    second_acr: frozenset[str]


class Person(NamedTuple):
    """Who the provider says came."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str
    #: The role its claims map to; "" for none.
    role: str
    #: Whether it asked for a second proof already.
    second: bool


class Admitted(NamedTuple):
    """Who is let in, how they were found, and the role they had before when the provider changed it."""

    staff: Staff
    how: How
    role_before: str


class NotAdmitted(Forbidden):
    """Not let in; `reason` is for the audit trail, `staff_id` whose account it would have been."""

    def __init__(self, reason: Reason, staff_id: int | None = None) -> None:
        super().__init__(_WORDS[reason])
        self.reason, self.staff_id = reason, staff_id


_WORDS: dict[Reason, str] = {
    "unverified": "The provider does not confirm your e-mail address. Ask your administrator.",
    "unknown": "Nobody here has this account. Ask your administrator to add you.",
    "not_linked": "Your account here is not connected with the provider. Sign in with your password, or ask your administrator.",
    "other_account": "Your account here is connected with another account of the provider. Ask your administrator.",
    "disabled": "This account can no longer sign in.",
    "no_role": "The provider gives you no role here. Ask your administrator.",
}  # fmt: skip


def person(claims: Mapping[str, Any], terms: Terms) -> Person:
    """The claims of a verified ID token as we read them. What has another form than it should says nothing."""
    second = claims.get("acr") in terms.second_acr or _is_second(_texts(claims.get("amr")))
    return Person(
        issuer=str(claims["iss"]), subject=str(claims["sub"]), email=_address(claims.get("email")), verified=claims.get("email_verified") is True,
        name=_name(claims), role=_role(_texts(claims.get(terms.role_claim)), terms), second=second,
    )  # fmt: skip


def admit(*, person: Person, terms: Terms, now: datetime) -> Admitted:
    """The colleague this is: known, linked by address, or created. Raises NotAdmitted."""
    if not (person.email and person.verified):
        raise NotAdmitted("unverified")
    staff, how = _found(person, terms, now)
    if staff.disabled_at is not None:
        raise NotAdmitted("disabled", staff.id)
    if terms.roles and not person.role:
        raise NotAdmitted("no_role", staff.id)
    before = staff.role
    if person.role and person.role != staff.role:
        operations.set_role(staff_id=staff.id, role=person.role)
    if how != "known":
        db.session.add(OutsideAccount(issuer=person.issuer, subject=person.subject, staff_id=staff.id, linked_at=now))
        db.session.flush()
    return Admitted(staff, how, before if before != staff.role else "")


def staff_id(person: Person) -> int | None:
    """Whose account the provider's account is connected with."""
    known = db.session.get(OutsideAccount, (person.issuer, person.subject))
    return known.staff_id if known else None


def issuers(staff_id: int) -> list[str]:
    """Providers a colleague can sign in with."""
    return list(db.session.scalars(select(OutsideAccount.issuer).where(OutsideAccount.staff_id == staff_id)))


def those_with() -> set[int]:
    """Ids of everybody who signed in with a provider once."""
    return set(db.session.scalars(select(OutsideAccount.staff_id)))


def unlink(*, staff_id: int) -> bool:
    """The provider's account leads here no more; whether there was one."""
    return bool(db.session.execute(delete(OutsideAccount).where(OutsideAccount.staff_id == staff_id)).rowcount)


def _found(person: Person, terms: Terms, now: datetime) -> tuple[Staff, How]:
    known = db.session.get(OutsideAccount, (person.issuer, person.subject))
    if known is not None:
        return queries.get_staff(known.staff_id), "known"
    staff = queries.find_staff_by_email(person.email)
    if staff is None:
        return _created(person, terms, now), "created"
    if staff.disabled_at is not None:
        raise NotAdmitted("disabled", staff.id)
    if not terms.link:
        raise NotAdmitted("not_linked", staff.id)
    if person.issuer in issuers(staff.id):
        raise NotAdmitted("other_account", staff.id)  # the address has changed hands
    return staff, "linked"


def _created(person: Person, terms: Terms, now: datetime) -> Staff:
    """With a password nobody knows: an administrator may set one."""
    if not terms.create:
        raise NotAdmitted("unknown")
    if not person.role:
        raise NotAdmitted("no_role")
    return operations.create_staff(
        email=person.email, role=person.role, password=signing.new_secret(), name=person.name, now=now
    )


def _is_second(methods: frozenset[str]) -> bool:
    return bool(methods & SECOND) or ("pwd" in methods and bool(methods & BESIDE_PASSWORD))


def _role(values: frozenset[str], terms: Terms) -> str:
    return next((role for value, role in terms.roles if value in values), "")


def _texts(value: object) -> frozenset[str]:
    """A text, or a list of texts."""
    listed = value if isinstance(value, list) else [value]
    return frozenset(each for each in listed if isinstance(each, str))


def _address(value: object) -> str:
    """As accounts are kept by; "" when it is none."""
    address = value.strip().casefold() if isinstance(value, str) else ""
    return address if normal_email(address) is not None else ""


def _name(claims: Mapping[str, Any]) -> str:
    name = claims.get("name")
    return name.strip()[:_LONGEST_NAME] if isinstance(name, str) and name.isprintable() else ""

"""The form in which a colleague writes a customer down: read, checked, and compared with who is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext

from crm360.flows.by_staff import Written
from crm360.identity.holders import holders
from crm360.normalise import dates, name
from crm360.normalise.email import email as normal_email
from crm360.normalise.phone import phone as normal_phone
from crm360.web import found

FIELDS = ("given_name", "family_name", "company", "birth_date", "street", "house_number", "postcode", "city")
ADDRESSES = ("email", "phone")
MOST_ALIKE = 3
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`values` as typed; `errors` field → what is wrong; `identifiers` (kind, normal) and `written`: what to state."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[tuple[str, str], ...] = ()
    written: Written = field(default_factory=Written)


def read(given: Mapping[str, str], region: str, *, known: Mapping[str, str] | None = None) -> Form:
    """What was typed. With `known`, only what differs from it is stated."""
    values = {key: given.get(key, "").strip()[:LONGEST] for key in (*FIELDS, *ADDRESSES)}
    normals = {"email": normal_email(values["email"]), "phone": normal_phone(values["phone"], region)}
    changed = {key: values[key] for key in FIELDS if values[key] and values[key] != (known or {}).get(key)}
    return Form(
        values=values,
        errors=_errors(values, normals, bool(changed) or known is not None),
        identifiers=tuple((kind, normal) for kind, normal in normals.items() if normal),
        written=Written(fields=changed, email=values["email"], phone=values["phone"]),
    )


def guessed(query: str) -> Form:
    """A form filled in from what was searched for in vain: an address, a number, or a name."""
    typed = query.strip()[:LONGEST]
    if normal_email(typed):
        return Form(values={"email": typed})
    if sum(char.isdigit() for char in typed) > len(typed) / 2:
        return Form(values={"phone": typed})
    given, family = name.split_full_name(typed)
    return Form(values={"given_name": given, "family_name": family})


def alike(form: Form, *, now: datetime) -> list[Any]:
    """Up to three customers who may be the one on the form, each with why it was found."""
    values = form.values
    full_name = f"{values['given_name']} {values['family_name']}".strip()
    named = f"{full_name} {values['city']}".strip() if full_name else ""
    seen: dict[int, Any] = {}
    for query in (values["email"], values["phone"], named, full_name, values["company"]):
        if query and len(seen) < MOST_ALIKE:
            for hit in found.by_query(query, limit=MOST_ALIKE, now=now):
                seen.setdefault(hit.profile_id, hit)
    return list(seen.values())[:MOST_ALIKE]


def held_by_others(form: Form, profile_id: int, *, now: datetime) -> list[Any]:
    """Other customers who have the e-mail address or the phone number of the form."""
    others = [each for each in holders(form.identifiers) if each != profile_id]
    return found.by_ids(others[:MOST_ALIKE], now=now)


def _errors(values: Mapping[str, str], normals: Mapping[str, str | None], named: bool) -> dict[str, str]:
    errors = {}
    if values["email"] and not normals["email"]:
        errors["email"] = gettext("This is no e-mail address.")
    if values["phone"] and not normals["phone"]:
        errors["phone"] = gettext("This is no phone number.")
    if values["birth_date"] and not dates.birth_date(values["birth_date"]):
        errors["birth_date"] = gettext("This is no birth date.")
    if not named and not values["email"] and not values["phone"]:
        errors["given_name"] = gettext("Give a name, an e-mail address or a phone number.")
    return errors

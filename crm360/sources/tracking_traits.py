"""Traits of the tracking specification → a contact's fields, identifiers and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.facts import Identifier
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject
from crm360.sources.contact_keys import iso_birth_date

_FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "given_name": ("firstName", "first_name", "firstname", "given_name"),
    "family_name": ("lastName", "last_name", "lastname", "family_name", "surname"),
    "full_name": ("name", "full_name", "fullName"),
    "job_title": ("title", "job_title", "jobTitle"),
    "gender": ("gender",),
    "locale": ("locale", "language"),
}
_BIRTH = ("birthday", "birthDate", "birth_date", "birthdate", "date_of_birth")
_JOINED = ("createdAt", "created_at")
_ADDRESS: Mapping[str, tuple[str, ...]] = {
    "street": ("street", "address1", "address_1", "line1"),
    "house_number": ("house_number", "houseNumber"),
    "address_2": ("address2", "address_2", "line2"),
    "city": ("city",),
    "postcode": ("postalCode", "postal_code", "postcode", "zip"),
    "state": ("state", "region", "province"),
    "country": ("country",),
}
_EMAIL, _PHONE = ("email", "email_address"), ("phone", "phone_number", "mobile")
_ELSEWHERE = frozenset(
    {"address", "company", "consents", "id", *_BIRTH, *_JOINED, *_EMAIL, *_PHONE}
    | {name for names in _FIELD_NAMES.values() for name in names}
    | {name for names in _ADDRESS.values() for name in names}
)


def merged_traits(event: JsonObject) -> JsonObject:
    """A customer's traits wherever a client put them; those of the call itself win over `context.traits`."""
    of_context = read.obj(read.obj(event.get("context")).get("traits"))
    # A group call's own traits describe the company.
    own = {} if event.get("type") == "group" else read.obj(event.get("traits"))
    return {**of_context, **{name: value for name, value in own.items() if value is not None}}


def fields(traits: JsonObject) -> dict[str, str]:
    """Contact fields (see `facts.CONTACT_FIELDS`) named in the traits."""
    found = {field: read.first_text(traits, *names) for field, names in _FIELD_NAMES.items()}
    found["birth_date"] = iso_birth_date(read.first_text(traits, *_BIRTH))
    found["joined_on"] = read.first_text(traits, *_JOINED)[:10]
    company = traits.get("company")
    found["company"] = read.first_text(company, "name") if isinstance(company, dict) else read.text(company)
    address = traits.get("address")
    if isinstance(address, dict):
        found |= {field: read.first_text(address, *names) for field, names in _ADDRESS.items()}
    else:
        found |= {field: read.first_text(traits, *names) for field, names in _ADDRESS.items()}
        found["street"] = read.text(address) or found["street"]
    return {name: value for name, value in found.items() if value}


def email_of(traits: JsonObject) -> str:
    """The e-mail address in the traits, or ""."""
    found = read.identity(traits, *_EMAIL)
    return found if "@" in found else ""


def phone_of(traits: JsonObject) -> str:
    """The phone number in the traits, or ""."""
    return read.identity(traits, *_PHONE)


def identifiers(traits: JsonObject) -> tuple[Identifier, ...]:
    """E-mail address and phone number, as written."""
    found = []
    if email := email_of(traits):
        found.append(Identifier("email", email))
    if phone := phone_of(traits):
        found.append(Identifier("phone", phone))
    return tuple(found)


def attributes(traits: JsonObject) -> dict[str, Any]:
    """Every other trait, as sent; of a company whatever is more than its name."""
    company = {name: value for name, value in read.obj(traits.get("company")).items() if name != "name" and value}
    return ({"company_details": company} if company else {}) | {
        name: value for name, value in traits.items() if name not in _ELSEWHERE and value not in (None, "", [], {})
    }

"""Contact details shown in part to roles that need not know them, and spaced for reading to those that do."""

from __future__ import annotations

import phonenumbers

from crm360.accounts.disclosure import masked
from crm360.normalise import phone


def masked_name(name: str) -> str:
    """A customer nobody named is called by an address or a number: masked like one. A real name stays."""
    if "@" in name:
        return masked(name, "email")
    return name if any(char.isalpha() for char in name) or name.startswith("#") else masked(name, "phone")


def spaced(value: str, kind: str, region: str = "") -> str:
    """A phone number spaced: as the `region` (ISO alpha-2) writes its own, others internationally; else unchanged."""
    normal = phone.phone(value, region or "ZZ") if kind == "phone" else None
    if normal is None:
        return value
    parsed = phonenumbers.parse(normal)
    if parsed.country_code == phonenumbers.country_code_for_region(region or "ZZ"):
        return phone.national(normal)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

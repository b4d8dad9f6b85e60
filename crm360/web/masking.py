"""Contact details shown in part to roles that need not know them, and spaced for reading to those that do."""

from __future__ import annotations

import phonenumbers

DOT = "•"


def masked(value: str, kind: str) -> str:
    """k•••@wp.pl, ••• ••• 602: enough to recognise, not enough to use."""
    if kind == "email" and "@" in value:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}{DOT * 3}@{domain}"
    return f"{DOT * 3} {value[-3:]}" if len(value) > 4 else DOT * 3


def masked_name(name: str) -> str:
    """A customer nobody named is called by an address or a number: masked like one. A real name stays."""
    if "@" in name:
        return masked(name, "email")
    return name if any(char.isalpha() for char in name) or name.startswith("#") else masked(name, "phone")


def spaced(value: str, kind: str) -> str:
    """A phone number in international notation with spaces; anything else unchanged."""
    if kind != "phone" or not value.startswith("+"):
        return value
    try:
        parsed = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

"""Contact details as a role without `contacts.reveal` sees them: enough to recognise, not enough to use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

DOT = "•"
_EMAIL = re.compile(r"([^\s@<>\"(),:;]{1,64})@([\w.-]+\.\w+)")
_PHONE = re.compile(r"(?<![\w.])\+\d[\d ()-]{6,18}\d")
_OF_PHONES = re.compile(r"phone|mobile|telephone|\btel\b|\bsms\b", re.IGNORECASE)


def masked(value: str, kind: str) -> str:
    """k•••@wp.pl, ••• 602. Kinds other than e-mail show their last three characters."""
    if kind == "email" and "@" in value:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}{DOT * 3}@{domain}"
    return f"{DOT * 3} {value[-3:]}" if len(value) > 4 else DOT * 3


def redacted(value: Any, name: str = "") -> Any:
    """The same JSON with addresses and international phone numbers in its texts masked; `name` is the value's own."""
    if isinstance(value, Mapping):
        return {key: redacted(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, name) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and _OF_PHONES.search(name):
        return masked(str(value), "phone")
    if not isinstance(value, str):
        return value
    if _OF_PHONES.search(name) and sum(char.isdigit() for char in value) > 4:
        return masked(value, "phone")
    without_emails = _EMAIL.sub(lambda found: masked(found.group(), "email"), value)
    return _PHONE.sub(lambda found: masked(found.group(), "phone"), without_emails)

"""What to call a customer on a screen, from whatever is known of them."""

from __future__ import annotations

from collections.abc import Mapping

from crm360.normalise.phone import national
from crm360.profiles.survivorship import is_initial, is_real

_CARD_DIGITS = 4


def display_name(values: Mapping[str, str], *, profile_id: int) -> str:
    """A name that is never empty.

    `values` are golden values by field, with identifiers as "email", "phone" (E.164) and "card": given and family name,
    the full name where it says more, else company, e-mail, phone, the end of a card, or the customer's number.
    """
    real = {field: value.strip() for field, value in values.items() if value.strip() and is_real(value)}
    if named := _person(real):
        return named
    for field in ("company", "email"):
        if field in real:
            return real[field]
    if "phone" in real:
        return national(real["phone"])
    if "card" in real:
        return f"Card …{real['card'][-_CARD_DIGITS:]}"
    return f"Customer #{profile_id}"


def _person(real: Mapping[str, str]) -> str:
    parts = [real[field] for field in ("given_name", "family_name") if field in real]
    full = real.get("full_name", "")
    says_more = len(full.split()) > len(parts) and len(parts) < 2
    if full and (says_more or (parts and is_initial(parts[0]) and not is_initial(full.split()[0]))):
        return full
    return " ".join(parts)

"""Contact keys made of an address or number: the compared form where there is one, the trimmed text where not."""

from __future__ import annotations

from datetime import date

from crm360.normalise import dates, identifiers
from crm360.normalise.email import email as normal_email
from crm360.normalise.phone import phone as normal_phone

DEFAULT_REGION = "PL"


def email_key(value: str) -> str:
    """`email:anna@example.com`: the same key for every spelling of one address."""
    return f"email:{normal_email(value) or value.strip().casefold()}"


def phone_key(value: str, region: str = DEFAULT_REGION) -> str:
    """`phone:+48501234567`: the same key for every notation of one number."""
    return f"phone:{normal_phone(value, region) or value.strip()}"


def card_key(value: str) -> str:
    """`card:0004711`: leading zeros are part of a card's number."""
    return f"card:{identifiers.normal('card', value) or value.strip()}"


def iso_birth_date(value: str, *, today: date | None = None) -> str:
    """`YYYY-MM-DD`, or "" when the text is no credible birth date; with `today` none after it is."""
    return dates.birth_date(value, today=today) or ""

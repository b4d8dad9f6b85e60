"""What of a customer list's row cannot be used, cell by cell, so that somebody may put it right before the import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from crm360.normalise import identifiers
from crm360.sources.contact_keys import DEFAULT_REGION
from crm360.sources.contacts_consents import FIELDS as _OF_CONSENT
from crm360.sources.contacts_csv import EMAILS, PHONES, born_on, cell_value, iso_day
from crm360.sources.instants import instant
from crm360.sources.written_values import answer

#: Reasons, in words the pages translate.
NO_EMAIL = "is no e-mail address"
NO_PHONE = "is no phone number"
NO_BIRTH_DATE = "is no credible date of birth"
NO_DATE = "is no date"
NO_ID = "is not a valid number"
NO_ANSWER = "says neither yes nor no"
NO_TIME = "is no time"
NOBODY = "nothing by which this person could be recognised"
REASONS = (NO_EMAIL, NO_PHONE, NO_BIRTH_DATE, NO_DATE, NO_ID, NO_ANSWER, NO_TIME, NOBODY)

_RECOGNISED_BY = ("external_id", "customer_id", "card_no", "email", "phone", "national_id", "tax_id")
#: What mailing lists say of a subscriber that is no consent and no refusal.
_STATES = frozenset({"enabled", "active", "disabled", "confirmed", "pending", "cleaned", "non-subscribed"})


class _How(NamedTuple):
    """How a list is read: its options, and the day, after which nobody in it was born."""

    options: Mapping[str, Any]
    today: date

    @property
    def date_order(self) -> str:
        return str(self.options.get("date_order") or "")


def problems(cells: Mapping[str, str], options: Mapping[str, Any], *, today: date) -> list[tuple[str, str]]:
    """(field, reason) for each cell that says something we cannot use; ("", reason) for a row that names nobody."""
    how = _How(options, today)
    row = {name: value for name, cell in cells.items() if (value := cell_value(cell))}
    if not row:
        return []
    found = [(name, reason) for name, value in row.items() if (reason := _reason(name, value, how))]
    if not any(name in row for name in _RECOGNISED_BY) and not any(name.endswith("_name") for name in row):
        found.append(("", NOBODY))
    return found


def _reason(name: str, value: str, how: _How) -> str:
    check = _CHECKS.get(name)
    return check(value, how) if check else ""


def _email(value: str, _how: _How) -> str:
    parts = [part for part in EMAILS.split(value) if part]
    return "" if all(identifiers.normal("email", part) for part in parts) else NO_EMAIL


def _phone(value: str, how: _How) -> str:
    region = str(how.options.get("region") or DEFAULT_REGION)
    parts = [part for part in PHONES.split(value) if part]
    return "" if all(identifiers.normal("phone", part, region=region) for part in parts) else NO_PHONE


def _birth_date(value: str, how: _How) -> str:
    return "" if born_on(value, how.date_order, today=how.today) or _without_year(value) else NO_BIRTH_DATE


def _without_year(value: str) -> bool:
    """04/03: mailing lists ask for the day alone."""
    parts = value.replace("-", "/").replace(".", "/").strip("/").split("/")
    return len(parts) == 2 and all(part.isdecimal() and 1 <= int(part) <= 31 for part in parts)


def _date(value: str, how: _How) -> str:
    return "" if iso_day(value, how.date_order) else NO_DATE


def _number(kind: identifiers.IdentifierKind) -> Callable[[str, _How], str]:
    def check(value: str, how: _How) -> str:
        region = str(how.options.get("region") or DEFAULT_REGION)
        return "" if identifiers.normal(kind, value, region=region) else NO_ID

    return check


def _answer(value: str, _how: _How) -> str:
    return "" if answer(value) or value.casefold() in _STATES else NO_ANSWER


def _time(value: str, _how: _How) -> str:
    return "" if instant(value) else NO_TIME


_CHECKS: dict[str, Callable[[str, _How], str]] = {
    "email": _email,
    "phone": _phone,
    "birth_date": _birth_date,
    "joined_on": _date,
    "national_id": _number("national_id"),
    "card_no": _number("card"),
    **{name: _answer for name in _OF_CONSENT if name.startswith("consent_")},
    **{name: _time for name in _OF_CONSENT if name.endswith("_at")},
}


def fields() -> Sequence[str]:
    """Fields whose cells are looked at."""
    return tuple(_CHECKS)

"""What templates can do with a value besides what Liquid brings: dates, money, plural forms, how somebody is spoken to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from liquid import is_undefined
from liquid.exceptions import FilterArgumentError, UndefinedError

from crm360.kernel import money
from crm360.outreach.vocative import vocative

_LONGEST_PATTERN = 40


def filters(
    locale: str, *, zone: str = "UTC", corrections: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Callable[..., Any]]:
    """The filters as a reader of `locale` ("pl") in the shop's time zone sees them."""
    language = Locale.parse(locale)

    def day(value: Any, style: Any = "long") -> str:
        """`{{ person.last_purchase_on | date }}` → 12 listopada 2026; also short, medium, full or a pattern (d MMM)."""
        found = _day(_given(value), zone)
        return str(format_date(found, str(style)[:_LONGEST_PATTERN], language))

    def amount(value: Any, currency: Any = "") -> str:
        """`{{ person.spent | money }}` → 312,00 zł; a plain number with its currency: `{{ 20 | money: "PLN" }}`."""
        given = _given(value)
        if isinstance(given, Mapping):
            major: Any = money.to_major(int(given["minor"]), str(given["currency"]))
            return _spaced(format_currency(major, str(given["currency"]), locale=language))
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise FilterArgumentError("money wants an amount", token=None)
        return _spaced(format_currency(given, str(currency), locale=language)) if currency else _number(given)

    def plural(value: Any, *forms: Any) -> str:
        """`{{ n | plural: "punkt", "punkty", "punktów" }}`: the form that goes with the number; two forms in English."""
        given = _given(value)
        if isinstance(given, bool) or not isinstance(given, int | float) or not 1 <= len(forms) <= 4:
            raise FilterArgumentError("plural wants a number and its forms", token=None)
        return str(forms[min(_form(language, given), len(forms) - 1)])

    def _number(value: Any) -> str:
        return str(format_decimal(_given(value), locale=language))

    def spoken_to(value: Any) -> str:
        """`{{ person.given_name | vocative }}` → Anno, in Polish messages; elsewhere the name as it is."""
        name = str(_given(value))
        return vocative(name, corrections).text if language.language == "pl" else name

    return {"date": day, "money": amount, "plural": plural, "number": _number, "vocative": spoken_to}


def _spaced(amount: str) -> str:
    """A code is a word: "PLN 12", but "€12"."""
    return re.sub(r"^(-?[A-Z]{3})(?=\d)", "\\1\N{NO-BREAK SPACE}", amount)


def _form(language: Locale, count: float) -> int:
    """Which of the forms: one, few, many as Polish counts them; one, other as English does."""
    tag = language.plural_form(count)
    if language.language == "pl":
        return {"one": 0, "few": 1}.get(tag, 2)
    return 0 if tag == "one" else 1


def _given(value: Any) -> Any:
    """Raises UndefinedError for what nobody gave: `default` comes before other filters."""
    if is_undefined(value):
        raise UndefinedError(str(value.msg), token=None)
    return value


def _day(value: Any, zone: str) -> date:
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).date()
    if isinstance(value, date):
        return value
    try:
        at = datetime.fromisoformat(str(value)[:32])
    except ValueError:
        raise FilterArgumentError("date wants a date", token=None) from None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(ZoneInfo(zone)).date() if len(str(value)) > 10 else at.date()

"""Money, dates and names in the reader's language, as template filters."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from flask import Flask, current_app
from flask_babel import get_locale, gettext

from crm360.accounts.veiling import scrubbed
from crm360.kernel import clock, money
from crm360.normalise.language import language
from crm360.web import labels, masking, people
from crm360.web.visitors import me

#: Tables of `labels` → the filter that reads them.
WORDS = {
    "ROLES": "role", "RULES": "rule", "FOUND_BY": "why", "ANSWERS": "answer", "REASONS": "reason",
    "CONSENT_STATES": "consent", "GRADES": "grade", "STEPS": "step", "LEVELS": "level", "ORDER_STATES": "state", "BARS": "bar", "HELD_BY": "held",
    "SUPPRESSIONS": "suppression", "STOPS": "stop", "BASES": "basis", "DELIVERIES": "delivery", "PAUSES": "pause", "FAILURES": "failure",
    "SURVEYS": "survey", "REVIEW_STATES": "review", "TONES": "tone", "OCCASIONS": "occasion", "ANSWER_CHANNELS": "answer_channel", "STAGES": "stage", "OUTCOMES": "outcome", "WEBHOOKS": "webhook", "PAYLOADS": "payload", "INLETS": "inlet", "FACTS": "fact",
}  # fmt: skip


def prepare(app: Flask) -> None:
    """Templates say `{{ order.total_minor | money(order.currency) }}`."""
    app.add_template_filter(amount, "money")
    forms: tuple[Callable[..., Any], ...] = (
        local_date, major, number, one_decimal, signed_whole, percent, rare_share, signed, day, short_day, long_day, month, cohort_month, long_month, clock_time, moment, ago, iso, duration, size, took, initials, tone,
        shown_identifier, shown_field, shown_external, shown_name, lower_first, slug, groupby_pair, read_moment, scrubbed,
    )  # fmt: skip
    for form in forms:
        app.add_template_filter(form, form.__name__)
    for words in (labels.channel, labels.purpose, labels.field, labels.identifier, labels.group):
        app.add_template_filter(words, f"{words.__name__}_label")
    for table, name in WORDS.items():
        app.add_template_filter(partial(labels.words, getattr(labels, table)), f"{name}_words")
    app.jinja_env.globals.update(labels=labels, shop_name=app.config["SETTINGS"].shop_name)
    app.context_processor(lambda: {"now": clock.now()})


def amount(minor: int | None, currency: str, whole: bool = False) -> str:
    """Minor units → "4 280,00 zł", "PLN 4,280.00"; `whole` leaves out the fraction, for headline figures."""
    if minor is None:
        return "–"
    value: Decimal = money.to_major(minor, currency)
    if not currency:
        return format_decimal(value, locale=_locale())
    pattern = Locale.parse(str(_locale())).currency_formats["standard"].pattern
    if "¤#" in pattern and get_currency_symbol(currency, _locale()).isalpha():
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")  # a code is a word: "PLN 12", but "€12"
    rounded = whole and abs(value) >= 100
    if rounded:
        pattern, value = pattern.replace(".00", ""), value.quantize(Decimal(1))
    return format_currency(value, currency, pattern, _locale(), currency_digits=not rounded)


def major(minor: int, currency: str) -> str:
    """Minor units as a form's field holds them: "1234.50"."""
    return f"{money.to_major(minor, currency):f}"


def local_date(at: datetime) -> str:
    """The day where the shop is, as a form's field holds it: "2026-11-25"."""
    return _here(at).date().isoformat()


def number(value: float | int | None) -> str:
    """Grouped as the reader writes numbers; a whole quantity without a fraction."""
    return "–" if value is None else format_decimal(value, locale=_locale())


def one_decimal(value: float) -> str:
    """4.0, 4,3."""
    return format_decimal(round(value, 1), "0.0", locale=_locale())


def signed_whole(value: int) -> str:
    """+45, −12, 0."""
    return f"{value:+d}".replace("-", "−") if value else "0"


def percent(share: float) -> str:
    """99.6%; never 100 for what is not certain."""
    capped = min(share, 0.9999) if share < 1 else share
    return format_percent(capped, "#,##0.##%" if 0.99 < capped < 1 else "#,##0%", _locale())


def rare_share(share: float) -> str:
    """A share that may be tiny: 84%, 0.007%, 1 : 1,100,000."""
    if share >= 0.00005 or share <= 0:
        return format_percent(share, "#,##0.###%" if share < 0.1 else "#,##0%", _locale())
    return f"1 : {format_decimal(float(f'{1 / share:.2g}'), locale=_locale())}"


def signed(value: float) -> str:
    """+6.5, −8.0."""
    return ("−" if value < 0 else "+") + format_decimal(round(abs(value), 1), "0.0", _locale())


def day(at: datetime | date | str | None) -> str:
    """12 Nov 2026. Text is taken for an ISO date, and shown as it is when it is none."""
    moment_or_text = _read(at)
    return moment_or_text if isinstance(moment_or_text, str) else format_date(moment_or_text, "d MMM y", _locale())


def short_day(at: datetime, now: datetime) -> str:
    """12 Nov, with the year when it is another one."""
    here = _here(at)
    return format_date(here, "d MMM" if here.year == _here(now).year else "d MMM y", _locale())


def long_day(on: date, now: datetime) -> str:
    """Today, Yesterday, then Thursday 12 November 2026."""
    age = (_here(now).date() - on).days
    if age in (0, 1):
        return gettext("Yesterday") if age else gettext("Today")
    text = format_date(on, "EEEE, d MMMM" if on.year == _here(now).year else "EEEE, d MMMM y", _locale())
    return text[:1].upper() + text[1:]


def shown_field(value: str, name: str) -> str:
    """A field's value as people read it: dates, countries and languages in words, contact details masked where they must be."""
    if name in ("birth_date", "joined_on"):
        return day(value)
    if name == "country":
        return str(_locale().territories.get(value.upper(), value))
    if name in ("language", "locale"):
        return str(_locale().languages.get(language(value), value))
    return shown_identifier(value, name) if name in ("email", "phone") else value


def month(on: date) -> str:
    """Nov 2026."""
    return format_date(on, "LLL y", _locale())


def shown_external(value: str) -> str:
    """A source's own id of a customer, masked when it is an address of theirs."""
    return shown_identifier(value, "email") if "@" in value else value


def shown_name(name: str) -> str:
    """What a customer is called, masked when that is an address or a number and the role need not know it."""
    return name if reveals() else masking.masked_name(name)


def reveals() -> bool:
    """Whether the visitor may see contact details in full."""
    visitor = me()
    return visitor is not None and visitor.may("contacts.reveal")


def lower_first(words: Any) -> str:
    """Words that stood alone, now inside a sentence; abbreviations stay."""
    text = str(words)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def slug(value: str) -> str:
    """A text as part of an element's id."""
    return f"{zlib.crc32(value.encode()):x}"


def groupby_pair(rows: Iterable[Any], first: str, second: str) -> list[tuple[tuple[Any, Any], list[Any]]]:
    """Sorted rows in groups of equal values of two attributes."""
    grouped = groupby(rows, key=lambda row: (getattr(row, first), getattr(row, second)))
    return [(key, list(group)) for key, group in grouped]


def cohort_month(text: str) -> str:
    """Nov 2026, of an ISO date kept as text."""
    return month(date.fromisoformat(text))


def long_month(on: date) -> str:
    """November 2026."""
    text = format_date(on, "LLLL y", _locale())
    return text[:1].upper() + text[1:]


def clock_time(at: datetime) -> str:
    """14:05."""
    return format_time(_here(at), "HH:mm", locale=_locale())


def moment(at: datetime | None) -> str:
    """12 Nov 2026, 14:05."""
    return "–" if at is None else format_datetime(_here(at), "d MMM y, HH:mm", locale=_locale())


def read_moment(at: str) -> str:
    """12 Nov 2026, 14:05, of an ISO time kept as text."""
    return moment(datetime.fromisoformat(at))


def iso(at: datetime | date) -> str:
    """For the datetime attribute of <time>."""
    return at.isoformat()


def ago(at: datetime | None, now: datetime) -> str:
    """ "2 days ago"; beyond half a year the day itself."""
    if at is None:
        return "–"
    if abs((now - at).days) > 182:
        return day(at)
    if (now - at).total_seconds() < 60:
        return gettext("just now")
    return format_timedelta(at - now, add_direction=True, locale=_locale())


def duration(seconds: float | None) -> str:
    """20 s, 45 min, 2 h 5 min, 3 d 4 h; days of 24 hours."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{round(seconds)}\N{NO-BREAK SPACE}s"
    minutes = round(seconds / 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "d"), (hours, "h")] if days else [(hours, "h"), (rest, "min")]
    return " ".join(f"{amount}\N{NO-BREAK SPACE}{unit}" for amount, unit in parts if amount) or "0\N{NO-BREAK SPACE}min"


def size(count: int) -> str:
    """1.2 GB, 35 MB, 4 kB, as disks are sold: thousands."""
    for unit, symbol in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            figures = count / unit
            return (
                f"{format_decimal(figures, '0.0' if figures < 10 else '0', locale=_locale())}\N{NO-BREAK SPACE}{symbol}"
            )
    return f"{count}\N{NO-BREAK SPACE}B"


def took(seconds: float) -> str:
    """How long a run lasted: < 0.01 s, 0.02 s, 3.4 s, 2 min."""
    if seconds >= 60:
        return duration(seconds)
    if seconds < 0.01:
        return f"<\N{NO-BREAK SPACE}{format_decimal(0.01, '0.00', locale=_locale())}\N{NO-BREAK SPACE}s"
    return f"{format_decimal(seconds, '0.00' if seconds < 1 else '0.0', locale=_locale())}\N{NO-BREAK SPACE}s"


def zone_and_country() -> tuple[str, str]:
    """The shop's time zone and country."""
    settings = current_app.config["SETTINGS"]
    return settings.timezone, settings.phone_region


def initials(name: str) -> str:
    """ "Anna Kowalska" → "AK"."""
    return people.initials(name)


def tone(key: Any) -> int:
    """A colour number that stays with a person."""
    return people.tone(str(key))


def shown_identifier(value: str, kind: str) -> str:
    """In full for roles that may reveal contact details, masked for the others."""
    region = current_app.config["SETTINGS"].phone_region
    return masking.spaced(value, kind, region) if reveals() else masking.masked(value, kind)


def _locale() -> Any:
    return get_locale() or "en"


def _here(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(current_app.config["SETTINGS"].timezone))


def _read(at: datetime | date | str | None) -> date | str:
    if at is None or at == "":
        return "–"
    if isinstance(at, str):
        try:
            return date.fromisoformat(at[:10])
        except ValueError:
            return at
    return _here(at).date() if isinstance(at, datetime) else at

"""Numbers, dates and yes-or-no as one spreadsheet writes them; equal cells are read once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from crm360.kernel.money import exponent

_YES = frozenset({"tak", "t", "yes", "y", "true", "1", "x", "subscribed", "opt-in", "opted in", "zgoda"})
_NO = frozenset({"nie", "n", "no", "false", "0", "brak zgody", "not_subscribed", "not subscribed", "opt-out"})
_WITHDRAWN = frozenset({"unsubscribed", "wypisany", "wypisana", "cofnięta", "wycofana", "opted out", "blocklisted"})
_SPLIT_DATE = re.compile(r"\D+")
_SIGNS = str.maketrans({"\xa0": None, "\u202f": None, " ": None, "−": "-", "–": "-", "$": None, "€": None, "£": None})
_WORDS = ("zł", "pln", "eur", "usd", "gbp")
_SERIAL_START = date(1899, 12, 30)
_LARGEST = Decimal(10) ** 15


@lru_cache(maxsize=65_536)
def decimal(text: str, decimal_sign: str = ".") -> Decimal:
    """ "1 234,50" with the sign ",", "$1,234.50" with ".", "(3.10)", "12-" and "112,48 zł". Raises ValueError."""
    written = text.translate(_SIGNS)
    if written[-1:].isalpha():
        lowered = written.lower()
        written = next((written[: -len(word)] for word in _WORDS if lowered.endswith(word)), written)
    if written[:1] == "(" and written[-1:] == ")":
        written = "-" + written[1:-1]
    elif written[-1:] == "-":
        written = "-" + written[:-1]
    grouping = "." if decimal_sign == "," else ","
    written = written.replace("'", "")
    if decimal_sign in written:
        written = written.replace(grouping, "").replace(decimal_sign, ".")
    elif _groups_thousands(written, grouping):
        written = written.replace(grouping, "")
    else:
        # The other sign, and not in threes: this cell does not keep to its column's habit.
        written = written.replace(grouping, ".")
    try:
        value = Decimal(written)
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is not a number") from None
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise ValueError(f"{text[:40]!r} is not a usable number")
    return value


def _groups_thousands(written: str, grouping: str) -> bool:
    return grouping in written and all(len(group) == 3 for group in written.split(grouping)[1:])


@lru_cache(maxsize=65_536)
def minor(text: str, currency: str, decimal_sign: str = ".") -> int:
    """An amount in minor units, rounded half up. Raises ValueError."""
    scaled = decimal(text, decimal_sign).scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@lru_cache(maxsize=16_384)
def day(text: str, order: str = "dmy", *, latest: date | None = None) -> date:
    """The date at the start of a cell: year first always as such, else in `order` ("dmy", "mdy" or "ymd").

    Of a year of two digits no date is after `latest`. Spreadsheet serial numbers (45000) count days since 1899-12-30.
    Raises ValueError.
    """
    if text.isdecimal() and 4 <= len(text) <= 5:
        return _SERIAL_START + timedelta(days=int(text))
    if text.isdecimal() and len(text) == 8:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    parts = _SPLIT_DATE.split(text.strip(), maxsplit=3)[:3]
    try:
        if len(parts[0]) == 4:
            order = "ymd"
        found = {unit: int(part) for unit, part in zip(order, parts, strict=True)}
        year = found["y"]
        if year >= 100:
            return date(year, found["m"], found["d"])
        # Two digits: tills and spreadsheets never mean the year 24.
        read = date(year + (2000 if year < 70 else 1900), found["m"], found["d"])
        return read if latest is None or read <= latest else read.replace(year=read.year - 100)
    except (ValueError, KeyError, OverflowError):
        raise ValueError(f"{text[:40]!r} is not a date") from None


@lru_cache(maxsize=4_096)
def clock_time(text: str) -> time:
    """ "14:05", "14:05:30", "2:05 PM". Raises ValueError."""
    written = text.strip().lower()
    afternoon, morning = written.endswith("pm"), written.endswith("am")
    digits = written.removesuffix("pm").removesuffix("am").strip().replace(".", ":", 2)
    parts = digits.split(":")
    try:
        hour, minute, second = int(parts[0]), int(parts[1]), int(parts[2][:2]) if len(parts) > 2 else 0
        if afternoon or morning:
            hour = hour % 12 + (12 if afternoon else 0)
        return time(hour, minute, second)
    except (ValueError, IndexError):
        raise ValueError(f"{text[:40]!r} is not a time of day") from None


@lru_cache(maxsize=16_384)
def local_moment(date_text: str, time_text: str, zone: str, order: str = "dmy") -> datetime:
    """A till's date and time in its zone → UTC. The date's cell may hold the time; without one it is midnight.

    An hour that the clock shows twice is taken as the first. Raises ValueError.
    """
    bare_date, _, within = date_text.strip().replace("T", " ", 1).partition(" ")
    time_text = time_text or within
    if time_text[-6:-5] in ("+", "-"):
        return datetime.fromisoformat(f"{day(bare_date, order).isoformat()}T{time_text}").astimezone(UTC)
    at = clock_time(time_text.removesuffix("Z")) if time_text else time()
    where = UTC if time_text.endswith("Z") else ZoneInfo(zone)
    try:
        return datetime.combine(day(bare_date, order), at, where).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{date_text[:40]!r} is not a date") from None


@lru_cache(maxsize=4_096)
def answer(text: str) -> str:
    """What a consent cell says: "yes", "no", "withdrawn", or "" when it says nothing readable."""
    said = text.strip().casefold()
    if said in _YES:
        return "yes"
    if said in _NO:
        return "no"
    return "withdrawn" if said in _WITHDRAWN else ""


def unquoted(text: str) -> str:
    """A cell without the apostrophe that spreadsheets and shops put before numbers meant as text."""
    stripped = text.strip()
    return stripped[1:].strip() if stripped.startswith("'") else stripped

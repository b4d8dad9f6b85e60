"""Dates of birth as ISO text, read from what forms, tills and spreadsheets write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from crm360.normalise import months
from crm360.normalise.text import clean

_YEAR_FIRST = re.compile(r"([0-9]{4})([-./\s]?)([0-9]{1,2})\2([0-9]{1,2})(?:[T\s].*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-./\s]([0-9]{1,2})[-./\s]([0-9]{4})(?:[T\s].*)?")
_WORD = r"([^\W\d_]+)\.?"
#: 12 Mar 1980, 12. března 1980, 12-III-1980 r., 12th of March 1980, 12 de marzo de 1980 …
_DAY_FIRST = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th|er|º)?[-./,\s]*(?:(?:of|de)\s)?{_WORD}[-./,\s]*(?:(?:de|del)\s)?([0-9]{{4}})(?:\s?r\.?)?(?:[T\s].*)?",
    re.IGNORECASE,
)
#: March 12, 1980
_WORD_FIRST = re.compile(
    rf"{_WORD}[-./\s]*([0-9]{{1,2}})(?:st|nd|rd|th)?[-./,\s]+([0-9]{{4}})(?:[T\s].*)?", re.IGNORECASE
)
#: 1980 Mar 12
_WORD_AMID = re.compile(rf"([0-9]{{4}})[-./,\s]*{_WORD}[-./\s]*([0-9]{{1,2}})(?:[T\s].*)?", re.IGNORECASE)
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]*)?")
_SPREADSHEET_EPOCH = date(1899, 12, 30)
_MONTHS = 12
#: Of the dates that have one reading only, so many times more must be month first than day first.
_FEW_MISTYPED = 10
_EARLIEST = date(1880, 1, 1)
#: What systems write for "not known": their own zero, or the least a form would take.
_PLACEHOLDERS = frozenset({date(1900, 1, 1), date(1970, 1, 1), date(1899, 12, 31), date(1901, 1, 1)})


@lru_cache(maxsize=2**16)
def birth_date(value: str | int | float | None, *, today: date | None = None, month_first: bool = False) -> str | None:
    """ISO `YYYY-MM-DD`, or None when the value is no date somebody alive can be born on.

    Reads ISO dates and datetimes, `yyyymmdd`, `yyyy/mm/dd`, `dd.mm.yyyy` and its like (day first; month first only
    where the other reading is no date; with `month_first` the other way round), months in words or Roman numerals
    (`12 marca 1980 r.`, `March 12, 1980`, `12 III 1980`), and spreadsheet serials. Refuses years before 1880, placeholders such as
    1900-01-01 and 1970-01-01, and, when `today` is given, days after it.
    """
    found = _read(clean(str(value if value is not None else "")), month_first)
    if not found or found < _EARLIEST or found in _PLACEHOLDERS or (today and found > today):
        return None
    return found.isoformat()


def writes_month_first(values: Iterable[str]) -> bool:
    """Whether a column writes `mm/dd/yyyy`: then many of its dates are none with the day first, and few the other way."""
    parts = [found.groups() for value in values if (found := _YEAR_LAST.fullmatch(value.strip()))]
    day_second, day_first = (sum(int(part[at]) > _MONTHS for part in parts) for at in (1, 0))
    return day_second > _FEW_MISTYPED * day_first


def transposed(a: str, b: str) -> bool:
    """Whether two different ISO dates are one with day and month swapped."""
    return a != b and len(a) == len(b) == 10 and a[:4] == b[:4] and (a[5:7], a[8:]) == (b[8:], b[5:7])


def _read(text: str, month_first: bool) -> date | None:
    year_first = _YEAR_FIRST.fullmatch(text)
    if year_first:
        return _day(year_first[1], year_first[3], year_first[4])
    year_last = _YEAR_LAST.fullmatch(text)
    if year_last:
        first, second, year = year_last.groups()
        if month_first:
            return _day(year, first, second) or _day(year, second, first)
        return _day(year, second, first) or _day(year, first, second)
    serial = _SERIAL.fullmatch(text)
    return _SPREADSHEET_EPOCH + timedelta(days=int(serial[1])) if serial else _in_words(text)


def _in_words(text: str) -> date | None:
    for shape, (day, word, year) in ((_DAY_FIRST, (1, 2, 3)), (_WORD_FIRST, (2, 1, 3)), (_WORD_AMID, (3, 2, 1))):
        if (found := shape.fullmatch(text)) and (number := months.month(found[word])):
            return _day(found[year], str(number), found[day])
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

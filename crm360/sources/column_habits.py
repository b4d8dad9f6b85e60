"""How a file writes numbers and dates, judged from a sample of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

_AMOUNTS = frozenset({"quantity", "unit_price", "line_total", "discount", "total", "points"})
_DAYS = frozenset({"date", "birth_date", "joined_on"})
_DECIMAL = re.compile(r"\d([.,])(\d+)\D*$")
_DAY = re.compile(r"\s*(\d{1,4})\D(\d{1,2})\D(\d{1,4})")

DateOrder = Literal["dmy", "mdy", "ymd"]


def decimal_sign(rows: Iterable[Mapping[str, str]]) -> Literal[".", ","]:
    """The decimal sign of mapped rows' amounts; "." when nothing speaks for the comma.

    The last separator in a number votes, unless exactly three digits follow it (it may group thousands); a number with
    both separators votes loudest.
    """
    votes = {".": 0, ",": 0}
    for row in rows:
        for field in _AMOUNTS & row.keys():
            found = _DECIMAL.search(row[field])
            if found is None:
                continue
            sign, digits = found.groups()
            other = "," if sign == "." else "."
            if other in row[field]:
                votes[sign] += 10
            elif len(digits) != 3:
                votes[sign] += 1
    return "," if votes[","] > votes["."] else "."


def date_order(rows: Iterable[Mapping[str, str]], *, default: DateOrder = "dmy") -> DateOrder:
    """The order of day, month and year in mapped rows' dates; `default` when every date can be read both ways."""
    day_first = month_first = year_first = 0
    for row in rows:
        for field in _DAYS & row.keys():
            found = _DAY.match(row[field])
            if found is None:
                continue
            first, second, _ = found.groups()
            if len(first) == 4:
                year_first += 1
            elif int(first) > 12 >= int(second):
                day_first += 1
            elif int(second) > 12 >= int(first):
                month_first += 1
    if year_first > day_first + month_first:
        return "ymd"
    if day_first == month_first:
        return default
    return "dmy" if day_first > month_first else "mdy"

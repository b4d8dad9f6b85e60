"""Money in minor units: parsing what systems and spreadsheets write, never through binary floats."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_NO_MINOR = frozenset({"JPY", "KRW", "CLP", "ISK", "VND"})
_THREE_MINOR = frozenset({"BHD", "KWD", "OMR", "TND", "JOD"})
_SPACES = re.compile(r"[\s'’_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|(?<![^\W_])[.,]\d+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_LARGEST_EXPONENT = 20


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217; 2 for any code not listed)."""
    code = currency.upper()
    return 0 if code in _NO_MINOR else 3 if code in _THREE_MINOR else 2


def parse_decimal(text: str | int | float | Decimal) -> Decimal:
    """Read a number as people and tills write it: `1 234,50`, `1,234.50`, `$45.00`, `-12`, `(3,10)`, `112,48 zł`.

    The right-most of `,` and `.` is the decimal sign when both occur; a lone separator followed by exactly three digits
    groups thousands only when it occurs more than once. Raises ValueError when no number can be read.
    """
    if isinstance(text, str):
        value = _read(_SPACES.sub("", text.replace("−", "-").replace("–", "-")), text)
    elif isinstance(text, bool):
        raise ValueError(f"not a number: {text!r}")
    else:
        value = Decimal(str(text))
    if not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT:
        raise ValueError(f"not a number: {text!r}")
    return value


def _read(compact: str, text: str) -> Decimal:
    if _SCIENTIFIC.fullmatch(compact):
        return Decimal(compact.replace(",", "."))
    found = _NUMBER.findall(compact)
    if len(found) != 1:
        raise ValueError(f"not a number: {text!r}")
    before, _, after = compact.partition(found[0])
    ending = after.removeprefix(",-").removeprefix(".-")  # "12,-" is a price without cents
    negative = "-" in before or ending.startswith("-") or ("(" in before and ")" in after)
    value = Decimal(_plain(found[0], text))
    return -value if negative else value


def _plain(digits: str, text: str) -> str:
    """Digits with at most a point, from digits grouped and pointed in any custom."""
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma < 0 or dot < 0:
        if digits.count(",") + digits.count(".") <= 1:
            return digits.replace(",", ".")
        whole, fraction = digits, ""
    else:
        whole, fraction = digits[: max(comma, dot)], digits[max(comma, dot) + 1 :]
    if ("," in whole or "." in whole) and not _GROUPED.fullmatch(whole):
        raise ValueError(f"not a number: {text!r}")
    return re.sub("[,.]", "", whole) + (f".{fraction}" if fraction else "")


def to_minor(amount: str | int | float | Decimal, currency: str) -> int:
    """Amount in major units → integer minor units, rounded half up. Raises ValueError on what is no number."""
    scaled = parse_decimal(amount).scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Integer minor units → amount in major units, exact."""
    return Decimal(minor).scaleb(-exponent(currency))

"""Money in minor units: parsing what systems and spreadsheets write, never through binary floats."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_NO_MINOR = frozenset({"JPY", "KRW", "CLP", "ISK", "VND"})
_THREE_MINOR = frozenset({"BHD", "KWD", "OMR", "TND", "JOD"})
_JUNK = re.compile(r"[^\d,.\-+()eE]")


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217; 2 for any code not listed)."""
    code = currency.upper()
    return 0 if code in _NO_MINOR else 3 if code in _THREE_MINOR else 2


def parse_decimal(text: str | int | float | Decimal) -> Decimal:
    """Read a number as people and tills write it: `1 234,50`, `1,234.50`, `$45.00`, `-12`, `(3,10)`, `112,48 zł`.

    The right-most of `,` and `.` is the decimal sign when both occur; a lone separator followed by exactly three digits
    groups thousands only when it occurs more than once. Raises ValueError when no number can be read.
    """
    if isinstance(text, Decimal):
        return text
    if isinstance(text, int | float):
        return Decimal(str(text))
    cleaned = _JUNK.sub("", text.replace("−", "-"))
    negative = cleaned.startswith("(") and cleaned.endswith(")") or cleaned.startswith("-") or cleaned.endswith("-")
    digits = cleaned.strip("()-+")
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        group, point = (",", ".") if dot > comma else (".", ",")
        digits = digits.replace(group, "").replace(point, ".")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    else:
        digits = digits.replace(",", ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a number: {text!r}")
    return -value if negative else value


def to_minor(amount: str | int | float | Decimal, currency: str) -> int:
    """Amount in major units → integer minor units, rounded half up. Raises ValueError on what is no number."""
    scaled = parse_decimal(amount).scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Integer minor units → amount in major units, exact."""
    return Decimal(minor).scaleb(-exponent(currency))

"""Amounts are read as people, tills and spreadsheets write them, and never through a binary float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.kernel.money import exponent, parse_decimal, to_major, to_minor

CURRENCIES = st.sampled_from(["PLN", "EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "12"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50 zł", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("1'234.50", "1234.50"),
        ("1.234", "1.234"),
        ("$45.00", "45.00"),
        ("EUR 12,50", "12.50"),
        ("12.50 EUR", "12.50"),
        ("12,50 zł.", "12.50"),
        ("Fr. 12.50", "12.50"),
        ("Rs.12.50", "12.50"),
        (".50", "0.50"),
        (",5", "0.5"),
        ("-.5", "-0.5"),
        ("-12", "-12"),
        ("−12", "-12"),
        ("12-", "-12"),
        ("- 12,00", "-12.00"),
        ("-$12", "-12"),
        ("(3,10)", "-3.10"),
        ("(EUR 3,10)", "-3.10"),
        ("12,-", "12"),
        ("12,- zł", "12"),
        ("+5", "5"),
        ("112,48 zł", "112.48"),
        ("1.5E+2", "150"),
        (12, "12"),
        (0.1, "0.1"),
        (Decimal("3.10"), "3.10"),
    ],
)
def test_parse_decimal(text: str | int | float | Decimal, expected: str) -> None:
    assert parse_decimal(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "zł",
        "-",
        ".",
        "12.11.2025",
        "1,2,3",
        "1.2,3.4",
        "12 zł 50 gr",
        "NaN",
        "Infinity",
        "1e999",
        "5x3",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        True,
        "9" * 60,
        1e300,
    ],
)
def test_what_is_no_amount(text: str | float | Decimal) -> None:
    with pytest.raises(ValueError, match="not a number"):
        to_minor(text, "PLN")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12,345", "PLN", 1235),
        ("-12.345", "PLN", -1235),
        (0.285, "EUR", 29),
        ("100", "JPY", 100),
        ("1.2345", "KWD", 1235),
    ],
)
def test_to_minor(amount: str | float, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


def test_exponent_knows_case() -> None:
    assert (exponent("jpy"), exponent("kwd"), exponent("PLN"), exponent("")) == (0, 3, 2, 2)


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_minor_and_major_are_exact_inverses(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor
    assert to_minor(str(to_major(minor, currency)), currency) == minor


@given(st.integers(-(10**12), 10**12), st.sampled_from([" ", "\u00a0", ".", "'"]))
def test_customs_of_writing_agree(minor: int, group: str) -> None:
    written = f"{to_major(minor, 'PLN'):,.2f}"
    local = written.replace(",", "G").replace(".", ",").replace("G", group)
    assert to_minor(written, "PLN") == to_minor(local, "PLN") == to_minor(f"{local} zł", "PLN") == minor


@given(
    st.text(max_size=40) | st.floats() | st.decimals() | st.from_regex(r"[-+(]?[0-9., eE]{1,20}[)-]?", fullmatch=True)
)
def test_anything_is_an_amount_or_a_value_error(text: str | float | Decimal) -> None:
    try:
        minor = to_minor(text, "PLN")
    except ValueError:
        return
    assert to_minor(to_major(minor, "PLN"), "PLN") == minor

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.sources.written_values import answer, clock_time, day, decimal, minor, unquoted


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("1 234,50", ",", "1234.50"),
        ("1\xa0234,50", ",", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1.234", ",", "1234"),
        ("1.23", ",", "1.23"),
        ("1,234.50", ".", "1234.50"),
        ("1,234", ".", "1234"),
        ("2,55", ".", "2.55"),
        ("$45.00", ".", "45.00"),
        ("-$12.00", ".", "-12.00"),
        ("($3.10)", ".", "-3.10"),
        ("12-", ".", "-12"),
        ("−12", ".", "-12"),
        ("112,48 zł", ",", "112.48"),
        ("112,48 PLN", ",", "112.48"),
        ("1'234.50", ".", "1234.50"),
        ("0", ".", "0"),
    ],
)
def test_decimal(text, sign, expected):
    assert decimal(text, sign) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "x", "1,2,3", "NaN", "Infinity", "1e30", "--5", "1.2.3.4"])
def test_no_decimal(text):
    with pytest.raises(ValueError, match="number"):
        decimal(text, ".")


@given(st.integers(-(10**12), 10**12), st.sampled_from([".", ","]))
def test_amounts_come_back_as_they_were_written(amount, sign):
    other = "," if sign == "." else "."
    major, rest = divmod(abs(amount), 100)
    written = f"{'-' if amount < 0 else ''}{major:,}".replace(",", other) + f"{sign}{rest:02}"
    assert minor(written, "PLN", sign) == amount


@given(st.text(max_size=20), st.sampled_from([".", ","]))
def test_any_text_is_a_number_or_a_value_error(text, sign):
    try:
        found = decimal(text, sign)
    except ValueError:
        return
    assert found.is_finite()


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("15.03.2024", "dmy", date(2024, 3, 15)),
        ("03/04/2024", "mdy", date(2024, 3, 4)),
        ("03/04/2024", "dmy", date(2024, 4, 3)),
        ("2024-03-15", "dmy", date(2024, 3, 15)),
        ("2024/3/5", "mdy", date(2024, 3, 5)),
        ("20240315", "dmy", date(2024, 3, 15)),
        ("15.03.24", "dmy", date(2024, 3, 15)),
        ("15.03.88", "dmy", date(1988, 3, 15)),
        ("45000", "dmy", date(2023, 3, 15)),
    ],
)
def test_day(text, order, expected):
    assert day(text, order) == expected


@given(st.text(max_size=12), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_any_text_is_a_day_or_a_value_error(text, order):
    try:
        found = day(text, order)
    except ValueError:
        return
    assert isinstance(found, date)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:05", time(14, 5)),
        ("14:05:30", time(14, 5, 30)),
        ("14:05:30.123", time(14, 5, 30)),
        ("14.05", time(14, 5)),
        ("2:05 PM", time(14, 5)),
        ("12:00 am", time(0, 0)),
        ("12:30 pm", time(12, 30)),
    ],
)
def test_clock_time(text, expected):
    assert clock_time(text) == expected


@pytest.mark.parametrize("text", ["25:00", "noon", "", "7"])
def test_no_clock_time(text):
    with pytest.raises(ValueError, match="time of day"):
        clock_time(text)


@pytest.mark.parametrize(("said", "meant"), [(" Tak ", "yes"), ("NIE", "no"), ("Cofnięta", "withdrawn"), ("może", "")])
def test_answer(said, meant):
    assert answer(said) == meant


@pytest.mark.parametrize(("cell", "value"), [("'0004711", "0004711"), (" '+48 501", "+48 501"), ("O'Neil", "O'Neil")])
def test_unquoted(cell, value):
    assert unquoted(cell) == value

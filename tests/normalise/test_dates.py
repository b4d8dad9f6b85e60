"""Dates of birth are read from every custom, and what cannot be one is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise.dates import birth_date, transposed, writes_month_first
from crm360.normalise.months import month

TODAY = date(2026, 8, 1)


@pytest.mark.parametrize(
    "value",
    [
        "1985-03-25",
        "25.03.1985",
        "25/03/1985",
        "25-3-1985",
        "19850325",
        "1985/03/25",
        "1985.3.25",
        "'1985-03-25",
        "03/25/1985",
        "1985-03-25T00:00:00Z",
        "1985-03-25 10:00:00+02:00",
        "25.03.1985 00:00",
        "31131",
        "31131.0",
        31131,
        31131.0,
    ],
)
def test_customs_of_one_day(value: str | int) -> None:
    assert birth_date(value, today=TODAY) == "1985-03-25"


@pytest.mark.parametrize(
    "value",
    [
        "25 Mar 1985",
        "25 MARCH 1985",
        "25-Mar-1985",
        "25th of March 1985",
        "March 25, 1985",
        "Mar 25th 1985",
        "1985 Mar 25",
        "1985-Mar-25",
        "25 marca 1985 r.",
        "25 marca 1985r",
        "25 mar 1985",
        "25 III 1985",
        "25.III.1985",
        "25-iii-1985 r.",
        "25. März 1985",
        "25 mars 1985",
        "25 de marzo de 1985",
        "25 marzo 1985",
        "25. března 1985",
        "25 Mar 1985 00:00:00",
    ],
)
def test_months_in_words_and_roman_numerals(value: str) -> None:
    assert birth_date(value, today=TODAY) == "1985-03-25"


@pytest.mark.parametrize(
    "value", ["25 Foo 1985", "31 Feb 1985", "25 Mar 85", "Mar 1985", "25 XIII 1985", "May", "12 brak 1980"]
)
def test_words_that_make_no_date(value: str) -> None:
    assert birth_date(value, today=TODAY) is None


def test_each_month_has_its_names() -> None:
    written = {
        1: "January Jan stycznia styczeń sty I Januar janvier enero gennaio ledna",
        2: "February lutego luty lut II Februar février febrero febbraio února",
        4: "April kwietnia kwiecień kwi IV avril abril aprile dubna",
        5: "May maja maj V Mai mayo maggio května",
        6: "June czerwca czerwiec cze VI Juni juin junio giugno června",
        7: "July lipca lipiec lip VII Juli juillet julio luglio července",
        8: "August sierpnia sierpień sie VIII août agosto srpna",
        9: "September Sept września wrzesień wrz IX septembre settembre září",
        10: "October października październik paź X Oktober octobre octubre ottobre října",
        11: "November listopada listopad lis XI novembre noviembre listopadu",
        12: "December grudnia grudzień gru XII Dezember décembre diciembre dicembre prosince",
    }
    assert {name: month(name) for names in written.values() for name in names.split()} == {
        name: number for number, names in written.items() for name in names.split()
    }


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "brak",
        "1985",
        "1985-02-30",
        "32.01.1985",
        "1879-12-31",
        "0000-00-00",
        "1900-01-01",
        "1970-01-01",
        "01.01.1970",
        "1111-11-11",
        "0",
        "1",
        "25.03.85",
        "2026-08-02",
        "99999",
        "12:30",
        "1985-03/25",
    ],
)
def test_what_is_no_date_of_birth(value: str | None) -> None:
    assert birth_date(value, today=TODAY) is None


def test_ambiguous_days_come_first() -> None:
    assert birth_date("03/04/1985") == "1985-04-03"


@given(st.dates(date(1902, 1, 1), date(2026, 8, 1)))
def test_every_day_is_read_in_every_custom(day: date) -> None:
    if day in (date(1970, 1, 1), date(1901, 1, 1)):
        return
    serial = str((day - date(1899, 12, 30)).days)
    written = [day.isoformat(), day.strftime("%d.%m.%Y"), day.strftime("%d/%m/%Y"), day.strftime("%Y%m%d")]
    written += [serial] if len(serial) == 5 else []
    assert {birth_date(value, today=TODAY) for value in written} == {day.isoformat()}


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{1,5}[-./ ]?[0-9]{1,2}[-./ ]?[0-9]{1,5}", fullmatch=True) | st.floats()
)
def test_anything_is_read_without_raising_and_once_for_all(value: str | float) -> None:
    found = birth_date(value, today=TODAY)
    assert found is None or birth_date(found, today=TODAY) == found


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("1985-03-04", "1985-04-03", True),
        ("1985-03-03", "1985-03-03", False),
        ("1985-03-04", "1986-04-03", False),
        ("1985-03-04", "1985-03-04", False),
        ("", "", False),
    ],
)
def test_transposed(a: str, b: str, expected: bool) -> None:
    assert transposed(a, b) is expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["12/31/1985", "03/04/1985"], True),
        (["31/12/1985", "03/04/1985"], False),
        (["03/04/1985", "1985-12-31", ""], False),
        (["31/12/1985", *(f"12/{day}/1985" for day in range(13, 20))], False),
        (["31/12/1985", *(f"12/{day}/1985" for day in range(13, 30))], True),
    ],
)
def test_a_column_tells_which_comes_first(column: list[str], expected: bool) -> None:
    assert writes_month_first(column) is expected


def test_month_first_where_it_is_so_written() -> None:
    assert birth_date("03/04/1985", month_first=True) == "1985-03-04"
    assert birth_date("31/12/1985", month_first=True) == "1985-12-31"
    assert birth_date("03/04/1985") == "1985-04-03"

import pytest

from crm360.sources.column_habits import date_order, decimal_sign


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        (["39,90", "12"], ","),
        (["39.90", "12"], "."),
        (["1 234,50"], ","),
        (["1.234,50", "1.234"], ","),
        (["$1,234.50", "1,234"], "."),
        (["1,234"], "."),
        (["112,48 zł"], ","),
        ([], "."),
        (["abc"], "."),
    ],
)
def test_decimal_sign(values, sign):
    assert decimal_sign([{"unit_price": value, "name": "1,5"} for value in values]) == sign


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03.04.1988", "15.04.1988"], "dmy"),
        (["03/04/1988", "04/15/1988"], "mdy"),
        (["1988-04-03"], "ymd"),
        (["2010-12-01 08:26:00"], "ymd"),
        (["03/04/1988"], "dmy"),
        (["19560409"], "dmy"),
        ([], "dmy"),
    ],
)
def test_date_order(values, order):
    assert date_order([{"date": value} for value in values]) == order


def test_a_default_for_what_can_be_read_both_ways():
    assert date_order([{"birth_date": "03/04/1988"}], default="mdy") == "mdy"

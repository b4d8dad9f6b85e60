import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.sources import json_fields
from crm360.sources.base import Unreadable


def test_load_cleans_what_cannot_be_stored():
    body = b'{"a\\u0000":"x\\u0000y\\ud800","n":NaN,"i":[Infinity,1e999],"deep":{"s":"\\ud83c\\udf89"}}'
    assert json_fields.load(body) == {"a": "xy", "n": None, "i": [None, None], "deep": {"s": "🎉"}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff", "not UTF-8"),
        (b"{", "not valid JSON"),
        (b"[1]", "one JSON object"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "deeper"),
        (b'{"a":' * 100_000, "JSON"),
        (b'{"a":' + b"1" * 5000 + b"}", "number too long"),
    ],
)
def test_load_refuses_with_a_reason(body, reason):
    with pytest.raises(Unreadable, match=reason):
        json_fields.load(body)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" x ", "x"), (7, "7"), (7.0, "7"), (7.5, "7.5"), (None, ""), (True, ""), ([], ""), ({}, ""), (10**90, "")],
)
def test_text(value, expected):
    assert json_fields.text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("112,48 zł", 11248),
        ("$45.00", 4500),
        (39.9, 3990),
        ("", None),
        (None, None),
        (True, None),
        ("x", None),
        (1e300, None),
    ],
)
def test_minor(value, expected):
    assert json_fields.minor(value, "PLN") == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("2", 2.0), ("1,5", 1.5), (3, 3.0), (None, 1.0), ("x", 1.0), (-1, -1.0)]
)
def test_number(value, expected):
    assert json_fields.number(value, 1.0) == expected


@given(st.text() | st.integers() | st.floats())
def test_any_value_is_an_amount_or_none(value):
    amount = json_fields.minor(value, "PLN")
    assert amount is None or isinstance(amount, int)


def test_lists_of_texts():
    assert json_fields.texts("vip, hurt,, vip") == ("vip", "hurt")
    assert json_fields.texts(["a", 1, None, {}]) == ("a", "1")
    assert json_fields.texts(None) == ()

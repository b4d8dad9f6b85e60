import json

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


_TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\\u\ud800"), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4), st.booleans())
def test_the_quick_way_reads_what_the_thorough_way_does(document, ascii_only):
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "replace")
    assert json_fields.load(body) == json_fields.load(b"\xef\xbb\xbf" + body)  # the mark sends it the thorough way


@pytest.mark.parametrize(("levels", "inside"), [(60, "1"), (61, ""), (61, "1")])
def test_depth_is_counted_alike_both_ways(levels, inside):
    body = ('{"a":' + "[" * (levels - 1) + inside + "]" * (levels - 1) + "}").encode()
    results = []
    for mark in (b"", b"\xef\xbb\xbf"):
        try:
            results.append(json_fields.load(mark + body))
        except Unreadable as error:
            results.append(str(error))
    assert results[0] == results[1]
    assert isinstance(results[0], str) == (bool(inside) and levels > 60)


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

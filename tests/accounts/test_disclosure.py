"""Contact details for roles that need not know them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.accounts.disclosure import masked, redacted


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("kania@wp.pl", "email", "k•••@wp.pl"),
        ("@wp.pl", "email", "•••@wp.pl"),
        ("+48601700801", "phone", "••• 801"),
        ("1234", "phone", "•••"),
        ("", "email", "•••"),
    ],
)
def test_masked(value: str, kind: str, shown: str):
    assert masked(value, kind) == shown


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"note": "Write to kania@wp.pl, please"}, {"note": "Write to k•••@wp.pl, please"}),
        ({"note": "email:kania@wp.pl"}, {"note": "email:k•••@wp.pl"}),
        ({"note": "Call +48 601 700 801."}, {"note": "Call ••• 801."}),
        ({"home_phone": "601 700 801"}, {"home_phone": "••• 801"}),
        ({"mobile": 601700801}, {"mobile": "••• 801"}),
        ({"phones": ["601700801"]}, {"phones": ["••• 801"]}),
        ({"number": "601700801", "total_minor": 601700801}, {"number": "601700801", "total_minor": 601700801}),
        ({"channel": "phone", "phone_ok": True, "none": None}, {"channel": "phone", "phone_ok": True, "none": None}),
        ([{"deep": ["a@b.pl"]}], [{"deep": ["a•••@b.pl"]}]),
    ],
)
def test_redacted(document: Any, shown: Any):
    assert redacted(document) == shown


@given(st.emails(), st.text())
def test_no_address_survives_in_a_text(address: str, around: str):
    assert address not in redacted(f"{around} {address} and so on")

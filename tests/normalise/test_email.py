"""One mailbox has one comparison form, and what is no address has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise import email as module
from crm360.normalise.email import email, split

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Anna.Kowalska@Firma.PL", "anna.kowalska@firma.pl"),
        ("  anna@firma.pl; ", "anna@firma.pl"),
        ("'anna@firma.pl", "anna@firma.pl"),
        ('"Kowalska, Anna" <anna@firma.pl>', "anna@firma.pl"),
        ("<anna@firma.pl>", "anna@firma.pl"),
        ("anna@firma.pl (Anna)", "anna@firma.pl"),
        ("Anna Kowalska anna@firma.pl", "anna@firma.pl"),
        ("mailto:anna@firma.pl?subject=Hej", "anna@firma.pl"),
        ("anna @ firma.pl", "anna@firma.pl"),
        ("anna@firma.pl.", "anna@firma.pl"),
        ("anna@firma.pl, jan@firma.pl", "anna@firma.pl"),
        ("ａnna@firma.pl", "anna@firma.pl"),
        ("anna@\u200bfirma.pl", "anna@firma.pl"),
        ("anna@żółw.pl", "anna@xn--w-uga1v8h.pl"),
        ("anna@ŻÓŁW.pl", "anna@xn--w-uga1v8h.pl"),
        ("anna@xn--w-uga1v8h.pl", "anna@xn--w-uga1v8h.pl"),
        ("Zażółć@firma.pl", "zażółć@firma.pl"),
        ("d'arc@firma.pl", "d'arc@firma.pl"),
        ("anna@shop.test", "anna@shop.test"),
        ("anna@example.com", "anna@example.com"),
        ("anna@intranet.local", "anna@intranet.local"),
        ("A.n.n.a+promo@GoogleMail.com", "anna@gmail.com"),
        ("anna+promo@hotmail.co.uk", "anna@hotmail.co.uk"),
        ("anna.k+x@outlook.com", "anna.k@outlook.com"),
        ("anna+x@pm.me", "anna@proton.me"),
        ("anna@me.com", "anna@icloud.com"),
        ("anna+promo@firma.pl", "anna+promo@firma.pl"),
        ("", None),
        (None, None),
        ("brak", None),
        ("no@email", None),
        ("@", None),
        ("a@b@c", None),
        ("a..b@firma.pl", None),
        ("a.@gmail.com", None),
        ("anna@-firma.pl", None),
        ("anna@ab--c.pl", None),
        ("anna@firma", None),
        ("x" * 65 + "@firma.pl", None),
    ],
)
def test_email(value: str | None, expected: str | None) -> None:
    assert email(value) == expected


@given(ANY_TEXT)
def test_anything_is_read_without_raising_and_once_for_all(text: str) -> None:
    for value in (text, f"{text}@wp.pl", f"anna@{text}.pl"):
        found = email(value)
        assert found is None or email(found) == found


@given(st.emails())
def test_real_addresses_have_one_form_whatever_their_case_and_dress(address: str) -> None:
    found = email(address)
    assert found == email(f"  mailto:{address}") or "?" in address or found is None
    assert found is None or found == email(found)


@given(st.from_regex(r"[a-z0-9._+-]{1,12}@[a-z0-9.-]{1,14}\.[a-z]{1,3}", fullmatch=True))
def test_the_quick_reading_of_plain_addresses_agrees_with_the_validator(address: str) -> None:
    if module._SIMPLE.fullmatch(address):
        assert module._validated(address) == address


def test_split() -> None:
    assert split("anna.k@wp.pl") == ("anna.k", "wp.pl")

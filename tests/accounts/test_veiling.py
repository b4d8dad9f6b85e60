"""What anybody may see of a raw payload."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.accounts.veiling import veiled
from tests.sources.fixture_files import FOLDER

HIDDEN = "•••"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"email": "anna@example.com"}, {"email": HIDDEN}),
        ({"Imię": "Anna", "nazwisko": "Kania", "ulica": "Długa 14"}, {"Imię": HIDDEN, "nazwisko": HIDDEN, "ulica": HIDDEN}),
        ({"first_name": "Anna", "id": 7, "total": "12.50"}, {"first_name": HIDDEN, "id": 7, "total": "12.50"}),
        ({"line_items": [{"name": "Kubek", "sku": "K-1"}]}, {"line_items": [{"name": "Kubek", "sku": "K-1"}]}),
        ({"shipping_address": {"city": "Kraków", "zip": "31-147"}}, {"shipping_address": {"city": HIDDEN, "zip": HIDDEN}}),
        ({"event": "Order Completed", "messageId": "m-1"}, {"event": "Order Completed", "messageId": "m-1"}),
        ({"who": "write to anna@example.com or +48 602 555 111"}, {"who": "write to a•••@example.com or ••• 111"}),
        ({"who": "602 555 111"}, {"who": HIDDEN}),
        ({"anna@example.com": 1}, {"a•••@example.com": 1}),
        ({"Message": '{"email": "anna@example.com", "n": 1}'}, {"Message": HIDDEN}),
        ({"payload": '{"email": "anna@example.com", "n": 1}'}, {"payload": {"email": HIDDEN, "n": 1}}),
        ({"phone": 48602555111}, {"phone": HIDDEN}),
        ({"accepts_marketing": True, "email": None}, {"accepts_marketing": True, "email": None}),
        ([{"name": "Anna"}], [{"name": HIDDEN}]),
    ],
)  # fmt: skip
def test_personal_data_is_masked_by_names_and_looks(told: object, shown: object):
    assert json.loads(veiled(json.dumps(told, ensure_ascii=False).encode()) or "") == shown


def test_a_form_is_masked_like_an_object():
    body = urlencode({"data[email]": "anna@example.com", "type": "subscribe"}).encode()
    assert json.loads(veiled(body) or "") == {"data[email]": HIDDEN, "type": "subscribe"}


MAIL = (
    b"From: Anna Kania <anna@example.com>\r\nSubject: Zwrot\r\nContent-Type: multipart/alternative; boundary=Kania\r\n"
    b"Auto-Submitted: auto-replied\r\nX-Own: 602555111\r\n\r\n--Kania\r\nContent-Type: text/plain\r\n\r\nAnna\r\n--Kania--\r\n"
)
MAIL_SHOWN = (
    f"From: {HIDDEN}\nSubject: {HIDDEN}\nContent-Type: multipart/alternative\nAuto-Submitted: auto-replied\nX-Own: {HIDDEN}\n"
    "[multipart/alternative] [text/plain]"
)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param(MAIL, MAIL_SHOWN, id="a mail"),
        pytest.param(b"From: Anna <anna@example.com>\n\nHello", f"From: {HIDDEN}\n[text/plain]", id="a short mail"),
        pytest.param(b"Content-Type: anna@example.com\n\n", f"Content-Type: {HIDDEN}\n[text/plain]", id="an odd kind"),
        pytest.param(b"Anna;Kania;602 555 111\n1;2;3\n4\n5\n6", f"{HIDDEN};{HIDDEN};{HIDDEN}\n{HIDDEN};{HIDDEN};{HIDDEN}\n{HIDDEN}\n(+2)", id="a table"),
        pytest.param(b'{"email": "anna@example.com"', f"{HIDDEN}: {HIDDEN}", id="broken JSON"),
        pytest.param(b"\x00\xff", None, id="no text"),
        pytest.param(b" ", None, id="nothing"),
    ],
)  # fmt: skip
def test_of_what_cannot_be_told_apart_the_outline_is_shown(body: bytes, shown: str | None):
    assert veiled(body) == shown


@given(st.binary(max_size=200))
def test_nothing_breaks_it(body: bytes):
    shown = veiled(body)
    assert shown is None or isinstance(shown, str)


PEOPLE = ("@example.com", "Kowalsk", "Kania", "Nowak", "602 ", "+48")


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.json")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_samples_of_every_channel_show_no_address_and_no_number(file):
    shown = veiled(file.read_bytes()) or ""
    found = [word for word in PEOPLE if word in shown.replace("•••@example.com", "")]
    assert found == [], shown

"""What anybody may see of a raw payload."""

from __future__ import annotations

import json
import re
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
        ({"who": "write to anna@example.com"}, {"who": HIDDEN}),
        ({"product": {"description": "ask anna@example.com or 602 555 111"}}, {"product": {"description": f"ask a{HIDDEN}@example.com or {HIDDEN}"}}),
        ({"product": {"description": "anna@example.com or jan%40example.com"}}, {"product": {"description": f"a{HIDDEN}@example.com or j{HIDDEN}@example.com"}}),
        ({"traits": {"first": "Anna", "plan": "gold", "dob": "1988-04-03", "createdAt": "2026-01-02T10:00:00Z"}}, {"traits": {"first": HIDDEN, "plan": HIDDEN, "dob": HIDDEN, "createdAt": "2026-01-02T10:00:00Z"}}),
        ({"line_items": [{"customer": {"name": "Anna"}}]}, {"line_items": [{"customer": {"name": HIDDEN}}]}),
        ({"page": {"url": "https://shop.example/anna@example.com/?phone=602555111"}}, {"page": {"url": f"https://shop.example/a{HIDDEN}@example.com/?{HIDDEN}"}}),
        ({"userId": "anna.kania", "user_id": 602555111, "customer_id": "u-1007"}, {"userId": HIDDEN, "user_id": HIDDEN, "customer_id": "u-1007"}),
        ({"id": 7210448301122, "order_id": "2026/5-KR", "ts_epoch": 1710500400123}, {"id": 7210448301122, "order_id": "2026/5-KR", "ts_epoch": 1710500400123}),
        ({"Anna Kania": 1, "602555111": 2, "602555112": 3}, {HIDDEN: 1, f"{HIDDEN} (2)": 2, f"{HIDDEN} (3)": 3}),
        ({"location": {"lat": 52.2}, "clientIp": "10.0.0.7", "remote": "10.0.0.7"}, {"location": {"lat": HIDDEN}, "clientIp": HIDDEN, "remote": HIDDEN}),
        ({"anna@example.com": 1}, {f"a{HIDDEN}@example.com": 1}),
        ({"Message": '{"email": "anna@example.com", "n": 1}'}, {"Message": HIDDEN}),
        ({"payload": '{"email": "anna@example.com", "n": 1}'}, {"payload": {"email": HIDDEN, "n": 1}}),
        ({"phone": 48602555111}, {"phone": HIDDEN}),
        ({"accepts_marketing": True, "email": None}, {"accepts_marketing": True, "email": None}),
        ([{"name": "Anna"}], [{"name": HIDDEN}]),
    ],
)  # fmt: skip
def test_personal_data_is_masked_by_names_and_looks(told: object, shown: object):
    assert json.loads(veiled(json.dumps(told, ensure_ascii=False).encode()) or "") == shown


#: A phone, a card, an account, PESEL, NIP and REGON as people write them, an address, a name.
SAID = [
    "602555111", "(602) 555 111", "602.555.111", "tel. +48 (602) 555-111", "0048602555111", "4111111111111111",
    "4111-1111-1111-1111", "4111 1111 1111 1111", "PL61109010140000071219812874", "PESEL44051401359", "44051401359",
    "PL1234563218", "123-456-32-18", "anna%40example.com", "pisz: anna@example.com", "Anna Kania", "Kania",
    602555111, 4111111111111111, 44051401359,
]  # fmt: skip


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(
    "path", [["a"], ["traits", "last"], ["properties", "x", "y"], ["context", "custom", "v"], ["q", "Reason"]]
)
def test_what_anybody_says_anywhere_is_not_shown(said: object, path: list[str]):
    told: object = [said]
    for name in reversed(path):
        told = {name: told}
    for written in (told, {"Message_": json.dumps(told)}):
        assert str(said) not in (veiled(json.dumps(written, ensure_ascii=False).encode()) or "")


@pytest.mark.parametrize("said", [each for each in SAID if "Kania" not in str(each)])
def test_not_in_the_words_of_a_thing_either(said: object):
    shown = veiled(json.dumps({"product": {"description": f"a {said} b"}, "event": f"{said}"}).encode()) or ""
    assert not re.search(r"anna@|anna%40|\d{9}|555.{1,2}111|1111.1111|456-32", shown), shown


def test_however_deep_it_goes():
    for body in (b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b'"Kania"' + b"}" * 900):
        assert "Kania" not in (veiled(body) or "")


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

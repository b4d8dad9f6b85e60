import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.facts import ContactRef, Identifier
from crm360.sources.base import Unreadable
from crm360.sources.mailbox import plain_subject, read
from crm360.sources.mailbox_files import split_mbox
from crm360.sources.mailbox_text import without_tags
from tests.sources.fixture_files import RECEIVED_AT, payload, sample

OWN = "biuro@sklep.example.com"


def message(*headers, body="Cześć", sender="anna@example.com"):
    lines = [f"From: {sender}", f"To: {OWN}", *headers, "", body]
    return read(payload("\n".join(lines).encode(), own_addresses=OWN))[1]


def test_a_question_in_polish():
    seen, mail = read(sample("mailbox", "question_utf8"))
    assert seen.ref == ContactRef("web", "email:anna@example.com")
    assert seen.fields == {"full_name": "Anna Żółkiewska"}
    assert seen.identifiers == (Identifier("email", "Anna@Example.com"),)
    assert (mail.subject, mail.direction, mail.automatic) == ("Pytanie o żółty kubek", "in", False)
    assert mail.body == "Dzień dobry, czy kubek jest jeszcze dostępny?"
    assert (mail.message_id, mail.conversation_id) == ("q1@example.com", "q1@example.com")
    assert mail.occurred_at == datetime(2024, 3, 15, 9, 20, tzinfo=UTC)


def test_the_answer_is_about_the_customer_and_in_the_same_conversation():
    seen, mail = read(sample("mailbox", "answer_html"))
    assert seen.ref == ContactRef("web", "email:anna@example.com")
    assert seen.fields == {"full_name": "Żółkiewska, Anna"}
    assert (mail.direction, mail.author, mail.conversation_id) == ("out", "Ola", "q1@example.com")
    assert mail.body == "Dzień dobry,\n\ntak, mamy 12 sztuk."
    assert mail.attachments == ("cennik żółty.pdf",)


def test_undeclared_code_page_and_a_date_that_is_none():
    seen, mail = read(sample("mailbox", "undeclared_cp1250"))
    assert seen.fields == {"full_name": "Łukasz Żółć"}
    assert mail.subject == "Reklamacja: pęknięty kubek"
    assert "Kubek jest pęknięty, źle zapakowany." in mail.body
    assert mail.occurred_at == RECEIVED_AT
    assert mail.message_id.startswith("hash:")


def test_a_contact_form_is_the_customers_message():
    seen, mail = read(sample("mailbox", "contact_form"))
    assert (seen.ref.external_id, mail.direction) == ("email:bob@example.com", "in")


def test_machines_are_no_customers():
    assert read(sample("mailbox", "auto_reply"))[1].automatic


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-generated", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("List-Id: <x.example.com>", True),
        ("X-Autoreply: yes", True),
        ("Return-Path: <>", True),
        ("Return-Path: <anna@example.com>", False),
    ],
)
def test_signs_of_machines(header, automatic):
    assert message(header).automatic is automatic


@pytest.mark.parametrize(
    ("headers", "conversation"),
    [
        (["Message-ID: <m@x>", "References: <a@x> <b@x>", "In-Reply-To: <b@x>"], "a@x"),
        (["Message-ID: <m@x>", "References: <a@x>\n <b@x>"], "a@x"),
        (["Message-ID: <m@x>", "In-Reply-To: <b@x>"], "b@x"),
        (["Message-ID: <m@x>", "Subject: Kubek"], "m@x"),
    ],
)
def test_threads(headers, conversation):
    assert message(*headers).conversation_id == conversation


def test_replies_that_forgot_what_they_answer_share_their_subject():
    first, second = message("Subject: Re: Kubek", "Message-ID: <1@x>"), message("Subject: ODP: RE[2]:  kubek")
    assert first.conversation_id == second.conversation_id
    other = message("Subject: Re: Kubek", sender="bob@example.com")
    assert other.conversation_id != first.conversation_id


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: Fwd: Kubek", "kubek"),
        ("[klienci] Odp: Kubek", "kubek"),
        ("Reklamacja: kubek", "reklamacja: kubek"),
        ("", ""),
    ],
)
def test_plain_subject(subject, plain):
    assert plain_subject(subject) == plain


@pytest.mark.parametrize(
    "date",
    ["Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 15 Mar 2099 10:00:00 +0100", "", "Fri, 99 Foo 2024", "0"],
)
def test_dates_that_cannot_be_are_when_it_was_received(date):
    assert message(f"Date: {date}").occurred_at == RECEIVED_AT


def test_the_same_bytes_have_the_same_id():
    assert message("Subject: x").message_id == message("Subject: x").message_id != message("Subject: y").message_id


def test_names_survive_every_encoding():
    names = message(
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        body='--b\nContent-Type: image/png; name="=?iso-8859-2?Q?=BF=F3=B3ty.png?="\n\nx\n--b\n'
        "Content-Disposition: attachment; filename*0*=UTF-8''%C5%BC%C3%B3; filename*1*=%C5%82ty.pdf\n\nx\n--b--",
    ).attachments
    assert names == ("żółty.png", "żółty.pdf")


def test_old_line_ends_and_long_bodies():
    body = f"From: a@example.com\rTo: {OWN}\rSubject: CR\r\rtekst".encode()
    assert read(payload(body, own_addresses=OWN))[1].subject == "CR"
    assert len(message(body="x" * 50_000).body) == 20_000


def test_mail_among_colleagues_is_of_no_interest_and_no_sender_is_unreadable():
    assert read(payload(f"From: {OWN}\nTo: {OWN}\n\nx".encode(), own_addresses=OWN)) == []
    with pytest.raises(Unreadable, match="sender"):
        read(payload(b"Subject: x\n\ny"))


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>a&nbsp;b</p><p>c</p>", "a b\n\nc"),
        ("x<br>y", "x\ny"),
        ("<style>p{}</style><b>tak</b>, <i>nie</i>", "tak, nie"),
        ("<p>niedomknięty", "niedomknięty"),
        ("", ""),
    ],
)
def test_without_tags(html, words):
    assert without_tags(html) == words


ARCHIVE = b"""From anna@example.com Fri Mar 15 10:20:00 2024
Subject: 1

>From me to you
>>From quoted

From now on I want no mail.

From bob@example.com Fri Mar 15 11:20:00 2024
Subject: 2

tekst
"""


def test_an_archive_is_split_and_unescaped():
    assert list(split_mbox(io.BytesIO(ARCHIVE))) == [
        b"Subject: 1\n\nFrom me to you\n>From quoted\n\nFrom now on I want no mail.\n",
        b"Subject: 2\n\ntekst\n",
    ]


def test_archives_with_windows_line_ends():
    assert len(list(split_mbox(io.BytesIO(ARCHIVE.replace(b"\n", b"\r\n"))))) == 2


def test_a_single_message_is_an_archive_of_one():
    assert list(split_mbox(io.BytesIO(b"Subject: 1\n\nx\n"))) == [b"Subject: 1\n\nx\n"]
    assert list(split_mbox(io.BytesIO(b"\n\n"))) == []


@given(st.lists(st.binary(max_size=80).filter(lambda body: b"\r" not in body), min_size=1, max_size=5))
def test_what_is_put_in_comes_out(bodies):
    messages = [b"Subject: x\n\n" + body + b"\n" for body in bodies]
    escaped = [
        b"".join(
            b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in text.splitlines(keepends=True)
        )
        for text in messages
    ]
    archive = b"".join(b"From a@b.pl Fri Mar 15 10:20:00 2024\n" + text + b"\n" for text in escaped)
    assert list(split_mbox(io.BytesIO(archive))) == messages

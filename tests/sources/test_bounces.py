"""Mail that machines send back: what each says of whom. The letters are written as the servers write them, the people invented."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.facts import ConsentStated, ContactSeen, MailingEvent, MessageExchanged
from crm360.sources import mailbox, mailbox_text
from crm360.sources.bounce_reasons import kind_of
from crm360.sources.bounces import classify
from tests.sources.fixture_files import payload

OWN = "biuro@sklep.example.com"
ORIGINAL = f"Received: from app by mx.sklep.example.com; Thu, 14 Mar 2024 09:00:00 +0000\nMessage-ID: <m1@sklep.example.com>\nFrom: {OWN}\nTo: jan.kot@poczta.example\nSubject: Oferta\n\nDzień dobry"  # fmt: skip


def letter(
    text: str, sender: str = "MAILER-DAEMON@mx.sklep.example.com", subject: str = "Undelivered Mail", more: str = ""
) -> str:
    return f"From: {sender}\nTo: {OWN}\nSubject: {subject}\nDate: Fri, 15 Mar 2024 10:00:00 +0100\nMessage-ID: <b1@mx>\n{more}Content-Type: text/plain; charset=utf-8\n\n{text}\n"


def report(fields: str, text: str = "Delivery report", kind: str = "delivery-status", original: str = ORIGINAL) -> str:
    return f"""From: MAILER-DAEMON@mx.sklep.example.com
To: {OWN}
Subject: Undelivered Mail Returned to Sender
Date: Fri, 15 Mar 2024 10:00:00 +0100
Message-ID: <b1@mx>
Content-Type: multipart/report; report-type={kind}; boundary=X

--X
Content-Type: text/plain; charset=utf-8

{text}

--X
Content-Type: message/{kind}

{fields}

--X
Content-Type: message/rfc822

{original}

--X--
"""


def found(message: str) -> list[tuple[str, str]]:
    told = classify(mailbox_text.parse(message.encode()), own=frozenset({OWN}))
    return [(each.address, each.kind) for each in told.outcomes] if told else []


LETTERS = {
    "exim": ("A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\nThe following address(es) failed:\n\n  jan.kot@poczta.example\n    SMTP error from remote mail server after RCPT TO:<jan.kot@poczta.example>:\n    550 5.1.1 User unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n" + ORIGINAL, "hard"),
    "exim forwarded": ("The following address(es) failed:\n\n  inny@gdzies.example\n    (ultimately generated from jan.kot@poczta.example)\n    mailbox is full\n\n" + ORIGINAL, "soft"),
    "qmail": ("Hi. This is the qmail-send program at mx.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jan.kot@poczta.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n" + ORIGINAL, "hard"),
    "old sendmail": ("   ----- Transcript of session follows -----\n421 poczta.example (smtp)... Deferred: Connection timed out\n\n   ----- Unsent message follows -----\n" + ORIGINAL, "soft"),
    "exchange 2003": ("Your message\n\n  To:      jan.kot@poczta.example\n  Subject: Oferta\n\ndid not reach the following recipient(s):\n\njan.kot@poczta.example on Fri, 15 Mar 2024 10:00:00 +0100\n    The recipient name is not recognized\n", "hard"),
    "gmail": ("Delivery to the following recipient failed permanently:\n\n     jan.kot@poczta.example\n\nTechnical details of permanent failure:\nThe error that the other server returned was: 554 5.7.1 rejected due to policy\n\n----- Original message -----\n\n" + ORIGINAL, "blocked"),
    "gmx": ("A message that you sent could not be delivered. The following address failed:\n\n\"jan.kot@poczta.example\":\nSMTP error from remote server after RCPT command:\nhost: mx.poczta.example\n5.2.2 Mailbox Full\n", "soft"),
    "yahoo": ("Sorry, we were unable to deliver your message to the following address.\n\n<jan.kot@poczta.example>:\nRemote host said: 554 delivery error: This user doesn't have a poczta.example account\n", "hard"),
    "mailenable": ("The following recipient(s) could not be reached:\n\n  Recipient: [SMTP:jan.kot@poczta.example]\n  Reason: 550 No such user here\n", "hard"),
    "imail": ("User mailbox exceeds allowed size: jan.kot@poczta.example\n\nOriginal message follows.\n\n" + ORIGINAL, "soft"),
    "mail.ru": ("К сожалению, Ваше письмо не может быть доставлено:\n\n  jan.kot@poczta.example\n    550 5.1.1 User Unknown\n", "hard"),
    "warning": ("THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n<jan.kot@poczta.example>: connect to poczta.example: Connection refused\n", "delayed"),
    "polish": ("Nie można dostarczyć wiadomości:\n\n<jan.kot@poczta.example>: Taki użytkownik nie istnieje\n", "hard"),
}  # fmt: skip


@pytest.mark.parametrize("server", LETTERS)
def test_letters_of_servers_that_write_no_report(server: str) -> None:
    text, kind = LETTERS[server]
    assert found(letter(text)) == [("jan.kot@poczta.example", kind)]


REASONS = [
    # action, status, diagnostic, what the letter says, kind
    ("failed", "5.1.1", "550 5.1.1 User unknown", "", "hard"),
    ("failed", "5.1.1", "550 5.7.1 IP address blacklisted by recipient", "", "blocked"),
    ("failed", "5.1.1", "552 5.2.2 Over quota", "", "soft"),
    ("failed", "5.1.1", "550 5.1.1 203.0.113.2 has sent to too many recipients this hour", "", "blocked"),
    ("failed", "5.0.0", "553 5.1.8 Domain of sender address shop@x.example does not exist", "", "blocked"),
    ("failed", "5.7.1", "550 5.7.1 Recipient rejected: user temporary locked. Please try again later!", "", "soft"),
    ("failed", "5.0.0", "", "Address not found. Your message wasn't delivered", "hard"),
    ("failed", "5.0.0", "", "", "blocked"),
    ("failed", "4.4.7", "", "", "soft"),
    ("failed", "4.0.0", "DNS type 'mx' lookup responded with code NXDOMAIN", "", "hard"),
    ("failed", "5.4.4", "Host or domain name not found", "", "hard"),
    ("failed", "5.3.4", "552 5.3.4 Message too large", "", "blocked"),
    ("failed", "5.0.0", "450 4.7.1 Access denied", "", "soft"),
    ("delayed", "4.4.1", "Connection timed out", "", "delayed"),
    ("expired", "", "Connection timed out", "", "soft"),
    ("relayed", "2.1.5", "250 Ok", "", "delivered"),
]


@pytest.mark.parametrize(("action", "status", "diagnostic", "told", "kind"), REASONS)
def test_words_outweigh_codes(action: str, status: str, diagnostic: str, told: str, kind: str) -> None:
    assert kind_of(action=action, status=status, diagnostic=diagnostic, told=told) == kind


FAILED = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; jan.kot@poczta.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n User unknown"


def test_a_report_names_the_recipient_the_reason_and_the_original() -> None:
    told = classify(mailbox_text.parse(report(FAILED).encode()))
    assert told is not None
    (outcome,) = told.outcomes
    assert outcome == ("jan.kot@poczta.example", "hard", "5.1.1", "550 5.1.1 User unknown")
    assert told.original_id == "m1@sklep.example.com"


def test_whom_we_wrote_to_counts_not_where_it_was_forwarded() -> None:
    forwarded = FAILED.replace("Final-", "Original-Recipient: rfc822;anna@ja.example\nFinal-")
    assert found(report(forwarded)) == [("anna@ja.example", "hard")]


def test_each_recipient_has_an_outcome_of_its_own() -> None:
    full = "\n\nFinal-Recipient: rfc822; ewa@poczta.example\nAction: failed\nStatus: 5.2.2"
    assert found(report(FAILED + full)) == [("jan.kot@poczta.example", "hard"), ("ewa@poczta.example", "soft")]


def test_a_report_whose_parts_fell_apart_is_still_read() -> None:
    assert found(report(FAILED).replace("boundary=X", "boundary=Y")) == [("jan.kot@poczta.example", "hard")]


@pytest.mark.parametrize(
    ("feedback", "kind"), [("abuse", "complaint"), ("fraud", "complaint"), ("opt-out", "unsubscribed")]
)
def test_complaints_and_opt_outs(feedback: str, kind: str) -> None:
    fields = f"Feedback-Type: {feedback}\nUser-Agent: FBL/1.0\nOriginal-Rcpt-To: <ewa@poczta.example>"
    assert found(report(fields, kind="feedback-report")) == [("ewa@poczta.example", kind)]
    hidden = report(f"Feedback-Type: {feedback}\nVersion: 1", kind="feedback-report")
    assert found(hidden) == [("jan.kot@poczta.example", kind)]


def test_a_report_about_authentication_is_no_complaint() -> None:
    assert (
        found(report("Feedback-Type: auth-failure\nOriginal-Rcpt-To: ewa@poczta.example", kind="feedback-report")) == []
    )


def test_a_bounce_that_a_person_forwards_is_a_persons_message() -> None:
    text = LETTERS["exim"][0]
    assert found(letter(text, sender="Anna <anna@example.com>", subject="Fwd: Undelivered Mail")) == []
    facts = mailbox.read(
        payload(letter(text, sender="anna@example.com", subject="Co to jest?").encode(), own_addresses=OWN)
    )
    assert [type(fact) for fact in facts] == [ContactSeen, MessageExchanged]


def test_an_automatic_reply_is_kept_and_marked_and_bounces_nobody() -> None:
    reply = letter(
        "Jestem na urlopie.", sender="ewa@poczta.example", subject="Odp", more="Auto-Submitted: auto-replied\n"
    )
    told = classify(mailbox_text.parse(reply.encode()))
    assert told is not None
    assert (told.what, told.outcomes) == ("auto_reply", ())
    _, message = mailbox.read(payload(reply.encode(), own_addresses=OWN))
    assert isinstance(message, MessageExchanged)
    assert message.automatic


def test_a_mail_server_is_no_customer_and_what_it_tells_is_of_the_recipient() -> None:
    seen, event = mailbox.read(payload(report(FAILED).encode(), own_addresses=OWN))
    assert isinstance(seen, ContactSeen)
    assert isinstance(event, MailingEvent)
    assert (seen.ref.external_id, event.ref) == ("email:jan.kot@poczta.example", seen.ref)
    assert (event.kind, event.status, event.message_id) == ("hard_bounced", "5.1.1", "m1@sklep.example.com")


def test_an_opt_out_by_mail_withdraws() -> None:
    fields = "Feedback-Type: opt-out\nRemoval-Recipient: ewa@poczta.example"
    _, event, consent = mailbox.read(payload(report(fields, kind="feedback-report").encode(), own_addresses=OWN))
    assert isinstance(event, MailingEvent)
    assert isinstance(consent, ConsentStated)
    assert (event.kind, consent.state, consent.purpose, consent.channel) == (
        "unsubscribed",
        "withdrawn",
        "marketing",
        "email",
    )


def test_our_own_address_never_bounces() -> None:
    assert (
        mailbox.read(payload(report(FAILED.replace("jan.kot@poczta.example", OWN)).encode(), own_addresses=OWN)) == []
    )


words = st.sampled_from(["<a@b.example>", "550", "5.1.1", "user", "mailbox", "full", "\n", "Final-Recipient:", "rfc822;", "Action: failed", "--X", "Received: from", ">", "-", "address", "not"])  # fmt: skip


@given(st.lists(words | st.text(max_size=20), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_letter_raises(parts: list[str]) -> None:
    classify(mailbox_text.parse(letter(" ".join(parts)).encode("utf-8", "replace")))


@pytest.mark.parametrize(
    "hostile",
    [
        "user " * 40_000,
        "mailbox " + "a" * 200_000,
        "a@" * 100_000,
        "\n\n" * 100_000,
        "address " * 20_000 + "x",
        ("x" * 60 + "@b.example ") * 4_000,
    ],
)
def test_a_hostile_letter_takes_no_time(hostile: str) -> None:
    started = time.process_time()
    found(letter(hostile))
    found(letter(hostile, subject=hostile[:5_000].replace("\n", " ")))
    assert time.process_time() - started < 3

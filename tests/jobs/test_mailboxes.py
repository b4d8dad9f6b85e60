"""Mailboxes read from a real Dovecot, filled through a real SMTP server; pollers are killed and go on."""

from __future__ import annotations

import ipaddress
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, text, update

from crm360.consents.models import Suppression
from crm360.conversations.models import Conversation, Message
from crm360.flows import connecting, receive
from crm360.identity.models import Contact
from crm360.inbox.models import Poll, Source
from crm360.jobs import mail_server as imap
from crm360.jobs import read_mailboxes
from crm360.jobs.mail_server import Account, Connection, NoAnswer, NotLetIn, Place
from crm360.kernel import clock, sealing
from crm360.sources import registry
from tests.mail_servers import DOVECOT, PASSWORD, MailServer, mail, mail_server
from tests.processes import PATIENCE_SECONDS, Instance, Process, free_port, wait_until

pytestmark = pytest.mark.skipif(
    not Path(DOVECOT).exists(), reason="Dovecot (dovecot-imapd, dovecot-lmtpd) is not installed"
)

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
KEY = "k" * 32
LIMITS: Any = SimpleNamespace(private_targets=LOOPBACK, secret_key=KEY)
ANNA = "Anna Lis <anna.lis@poczta.example>"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as started:
        yield started


@pytest.fixture
def shop(request: Any) -> str:
    """A mailbox of this test's own."""
    return f"{request.node.name.partition('[')[0][:40].replace('_', '-')}-{abs(hash(request.node.name))}@shop.example"


@pytest.fixture
def connect(session: Any, server: MailServer, shop: str) -> Callable[..., Source]:
    def make(name: str = "post", **told: str) -> Source:
        settings = {
            "host": "localhost",
            "port": str(server.imap),
            "security": "none",
            "user": shop,
            "password": PASSWORD,
        }
        made = connecting.connect(
            channel="mailbox", name=name, told=settings | told, defaults={}, seal=lambda each: sealing.seal(each, key=KEY),
            now=clock.now(),
        )  # fmt: skip
        session.commit()
        return made

    return make


def account(server: MailServer, user: str, **changes: Any) -> Account:
    told = {"host": "localhost", "port": server.imap, "security": "none", "user": user, "password": PASSWORD}
    return Account(**{**told, **changes})


def poll(session: Any) -> int:
    """One turn of every mailbox, now, and what it kept processed."""
    session.execute(update(Poll).values(due_at=clock.now() - timedelta(seconds=1)))
    session.commit()
    found = read_mailboxes.run(limits=LIMITS, now=clock.now())
    receive.process_waiting(now=clock.now())
    session.commit()
    return found


def standing(session: Any) -> tuple[int, str]:
    row = session.execute(select(Poll.failures, Poll.last_error)).one()
    return row.failures, row.last_error


def said(session: Any) -> list[tuple[str, str, str]]:
    query = select(Contact.external_id, Message.direction, Message.subject).join(
        Contact, Contact.id == Message.contact_id
    )
    return [tuple(row) for row in session.execute(query.order_by(Message.sent_at, Message.id))]


def test_a_question_and_its_answer_are_one_conversation(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source]
) -> None:
    connect()
    asked = server.send(to=shop, sender=ANNA, subject="Gdzie paczka?")
    assert poll(session) == 1
    answer = mail(
        to="anna.lis@poczta.example", sender=f"Ola <{shop}>", subject="Re: Gdzie paczka?", In_Reply_To=f"<{asked}>",
        Date="Mon, 02 Mar 2026 10:00:00 +0100",
    )  # fmt: skip
    server.append(shop, '"Wys&AUI-ane"', answer)
    assert (poll(session), poll(session)) == (1, 0)
    assert said(session) == [
        ("email:anna.lis@poczta.example", "in", "Gdzie paczka?"),
        ("email:anna.lis@poczta.example", "out", "Re: Gdzie paczka?"),
    ]
    assert len(session.scalars(select(Conversation)).all()) == 1
    with server.opened(shop) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1"], "reading must leave a message unread"


def test_what_lies_in_sent_mail_was_sent_whatever_address_it_bears(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source]
) -> None:
    connect()
    server.append(shop, '"Wys&AUI-ane"', mail(to="jan@poczta.example", sender="Ola <ola@inna-nazwa.example>"))
    assert poll(session) == 1
    assert said(session) == [("email:jan@poczta.example", "out", "Pytanie")]


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 02 Mar 1900 09:00:00 +0100"])
def test_a_message_without_a_usable_date_has_that_of_its_arrival(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source], date: str
) -> None:
    connect()
    arrived = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    raw = mail(to=shop, sender=ANNA, Date="").as_bytes()
    message = SimpleNamespace(as_bytes=lambda: (f"Date: {date}\r\n".encode() if date else b"") + raw)
    server.append(shop, "INBOX", message, at=arrived)  # type: ignore[arg-type]
    poll(session)
    assert session.scalars(select(Message.sent_at)).all() == [arrived]


def test_machines_are_told_apart_and_a_bounce_suppresses(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source]
) -> None:
    connect()
    server.send(to=shop, sender=ANNA, subject="Odpowiedź automatyczna", Auto_Submitted="auto-replied")
    server.send(to=shop, sender="news@lista.example", subject="Biuletyn", List_Id="<news.lista.example>")
    bounce = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {shop}\r\nSubject: Undelivered Mail\r\nMessage-ID: <b1@mx.example>\r\n\r\n"
        "<martwy@poczta.example>: host mx.poczta.example said:\r\n    550 5.1.1 User unknown\r\n"
    )
    server.send_raw(shop, bounce.encode())
    assert poll(session) == 3
    automatic = dict(session.execute(select(Message.subject, Message.automatic)).all())
    assert automatic == {"Odpowiedź automatyczna": True, "Biuletyn": True}
    assert session.scalars(select(Suppression.reason)).all() == ["hard_bounced"]
    assert session.scalar(select(Contact.id).where(Contact.external_id.contains("mailer-daemon"))) is None


def test_a_folder_numbered_anew_is_read_again_and_doubles_nothing(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source]
) -> None:
    connect(folders="Archiwum", sent_folders="Archiwum2")
    with server.opened(shop) as client:
        client.create("Archiwum")
        client.create("Archiwum2")
    letters = [mail(to=shop, sender=ANNA, subject=f"nr {number}") for number in range(3)]
    for letter in letters:
        server.append(shop, "Archiwum", letter)
    assert poll(session) == 3
    before = session.scalars(select(Poll.cursor)).one()["Archiwum"]
    with server.opened(shop) as client:
        client.delete("Archiwum")
    with server.opened(shop) as client:
        client.create("Archiwum")
    for letter in [*letters, mail(to=shop, sender=ANNA, subject="nr 3")]:
        server.append(shop, "Archiwum", letter)
    assert poll(session) == 1
    after = session.scalars(select(Poll.cursor)).one()["Archiwum"]
    assert (before[0] != after[0], before[1], after[1]) == (True, 3, 4)
    assert sorted(subject for _, _, subject in said(session)) == ["nr 0", "nr 1", "nr 2", "nr 3"]


def test_several_mailboxes_each_with_its_place(
    session: Any, server: MailServer, shop: str, connect: Callable[..., Source]
) -> None:
    connect("one")
    connect("two", user="b" + shop)
    connect("broken", password="wrong")
    server.send(to=shop, sender=ANNA, subject="pierwsza")
    server.send(to="b" + shop, sender=ANNA, subject="druga")
    assert poll(session) == 2
    errors = dict(session.execute(select(Source.name, Poll.last_error).join(Poll)).all())
    assert (errors["one"], errors["two"]) == ("", "")
    assert "does not let us in" in errors["broken"]
    assert PASSWORD not in str(errors)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"password": "wrong"}, "does not let us in"),
        ({"folders": "Nie ma"}, "no folder 'Nie ma'"),
        ({"host": "10.255.255.1"}, "private network"),
        ({"host": "nobody.invalid"}, "not known"),
        ({"port": "closed"}, "does not answer"),
        ({"security": "tls"}, "No safe connection"),
    ],
)
def test_what_is_wrong_is_told_and_tried_again_later(
    session: Any, connect: Callable[..., Source], told: dict[str, str], reason: str
) -> None:
    connect(**{name: str(free_port()) if value == "closed" else value for name, value in told.items()})
    assert poll(session) == 0
    failures, error = standing(session)
    assert (failures, reason in error) == (1, True), error
    assert session.scalar(select(Poll.due_at)) > clock.now() + timedelta(seconds=20)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_is_checked_against_the_name(app: Any, server: MailServer, security: str) -> None:
    port = server.imaps if security == "tls" else server.imap
    told = account(server, "tls@shop.example", port=port, security=security)
    with Connection(told, private_targets=LOOPBACK, ca_file=str(server.authority)) as connection:
        assert connection.folders() == {"INBOX": False, "Wysłane": True}
    with pytest.raises(NotLetIn, match="No safe connection"):
        Connection(told, private_targets=LOOPBACK)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_batches_are_bounded_and_a_long_message_is_cut(
    app: Any, server: MailServer, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH_MESSAGES", 2)
    monkeypatch.setattr(imap, "LARGEST", 2_000)
    for number in range(5):
        server.append(shop, "INBOX", mail(to=shop, sender=ANNA, body="x" * (5_000 if number == 4 else 10)))
    with Connection(account(server, shop), private_targets=LOOPBACK) as connection:
        found = list(connection.new("INBOX", Place()))
        assert [place.uid for place, _ in found] == [2, 4, 5]
        assert len(found[2][1][0].body) == 2_000
        assert list(connection.new("INBOX", found[1][0])) == found[2:]
        assert list(connection.new("INBOX", found[2][0])) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_server_that_breaks_off_is_tried_again(app: Any, server: MailServer) -> None:
    with pytest.raises(NoAnswer):
        Connection(account(server, "x@shop.example", port=free_port()), private_targets=LOOPBACK)
    with pytest.raises(NotLetIn, match="private network"):
        Connection(account(server, "x@shop.example"))


def rows(instance: Instance, query: str) -> list[Any]:
    engine = instance.engine()
    try:
        with engine.begin() as connection:
            found = connection.execute(text(query))
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def poller(instance: Instance, *arguments: str) -> int:
    """A poller as a process of its own; the turn has come, and the lease of one that died has run out."""
    rows(instance, "UPDATE inbox_poll SET due_at = '2020-01-01 00:00:00+00:00', claimed_until = NULL")
    command = [sys.executable, "-m", "tests.jobs.dying_poller", *arguments]
    process = Process("poller", command, instance).start()
    assert process.popen is not None
    return process.popen.wait(PATIENCE_SECONDS)


@pytest.mark.server
def test_a_mail_sent_arrives_on_the_right_timeline_once_across_killed_pollers(
    instance: Instance, running_server: Callable[[Instance], Any], server: MailServer, shop: str
) -> None:
    """Pollers die before and after commits while mail comes in; at last the real worker reads what is left."""
    told = [f"host=localhost", f"port={server.imap}", "security=none", f"user={shop}"]  # noqa: F541
    options = [part for each in told for part in ("--set", each)]
    instance.flask(
        "sources", "create", "--channel", "mailbox", "--name", "post", *options, "--settings-stdin",
        stdin=f"password={PASSWORD}\n",
    )  # fmt: skip
    senders = ("anna.lis@poczta.example", "jan.kot@poczta.example")
    sent = [(sender, f"{sender} {number}") for number in range(6) for sender in senders]
    killed = 0
    for place, (sender, subject) in enumerate(sent):
        server.send(to=shop, sender=sender, subject=subject)
        if place % 4 == 3:
            killed += poller(instance, ("before", "after")[place // 4 % 2], "1") == -signal.SIGKILL
    assert killed == 3
    rows(instance, "UPDATE inbox_poll SET due_at = '2020-01-01 00:00:00+00:00', claimed_until = NULL")
    running_server(instance)
    query = (
        "SELECT c.external_id, t.title FROM profiles_timeline_entry t JOIN identity_contact c ON c.id = t.contact_id "
        "WHERE t.kind = 'message.in'"
    )
    wait_until(lambda: len(rows(instance, query)) >= len(sent), what="every mail on a timeline")
    assert Counter(rows(instance, query)) == Counter((f"email:{sender}", subject) for sender, subject in sent)


def test_a_mailbox_is_offered_and_read_by_what_it_declares() -> None:
    about = registry.channels()["mailbox"]
    assert about.is_asked
    assert {each.name for each in about.settings if each.kind == "secret"} == {"password"}

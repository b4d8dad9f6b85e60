"""A real Dovecot says when mail comes (IDLE); connections break, are renewed, and end when they are told to."""

from __future__ import annotations

import queue
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import connecting
from crm360.inbox.models import Poll
from crm360.jobs import await_mail, read_mailboxes
from crm360.jobs.await_mail import Listener, Watched
from crm360.jobs.mail_server import Account, Connection, unread
from crm360.kernel import clock, sealing
from crm360.sources import mailbox
from tests.jobs.test_mailboxes import ANNA, KEY, LIMITS, LOOPBACK, account, poll, rows, said
from tests.mail_servers import DOVECOT, PASSWORD, MailServer, mail_server
from tests.processes import PATIENCE_SECONDS, Instance, wait_until

pytestmark = [
    pytest.mark.skipif(not Path(DOVECOT).exists(), reason="Dovecot (dovecot-imapd, dovecot-lmtpd) is not installed"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
SECONDS = PATIENCE_SECONDS


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as started:
        yield started


class Heard:
    """What a listener tells, and how often it began to wait."""

    def __init__(self, authority: Path) -> None:
        self.authority = authority
        self.told: queue.Queue[None] = queue.Queue()
        self.waits: queue.Queue[float] = queue.Queue()

    def opened(self, account: Account) -> Connection:
        heard = self

        class Counted(Connection):
            def wait(self, *, seconds: float, awake: int) -> bool:
                heard.waits.put(seconds)
                return super().wait(seconds=seconds, awake=awake)

        return Counted(account, private_targets=LOOPBACK, ca_file=str(heard.authority))


@contextmanager
def listening(server: MailServer, user: str, folder: str = "INBOX", **changes: Any) -> Iterator[tuple[Heard, Listener]]:
    heard = Heard(server.authority)
    watched = Watched(1, "post", folder, account(server, user, **changes))
    listener = Listener(watched, opened=heard.opened, told=lambda: heard.told.put(None))
    listener.start()
    try:
        yield heard, listener
    finally:
        listener.end()
        listener.join(SECONDS)
        assert not any(thread.name == "mailbox post" for thread in threading.enumerate()), "it ends when told to"


def test_mail_is_told_of_as_it_comes(app: Any, server: MailServer) -> None:
    with listening(server, "idle1@shop.example") as (heard, _):
        heard.told.get(timeout=SECONDS)  # what came while nobody waited
        for number in range(3):
            heard.waits.get(timeout=SECONDS)
            server.send(to="idle1@shop.example", sender=ANNA, subject=f"nr {number}")
            heard.told.get(timeout=SECONDS)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_told_of_over_an_encrypted_line(app: Any, server: MailServer, security: str) -> None:
    """What TLS holds back in its own buffer is told of, too: the socket alone would stay silent."""
    user, port = f"{security}@shop.example", server.imaps if security == "tls" else server.imap
    with listening(server, user, security=security, port=port) as (heard, _):
        heard.told.get(timeout=SECONDS)
        for number in range(3):
            heard.waits.get(timeout=SECONDS)
            server.send(to=user, sender=ANNA, subject=f"nr {number}")
            heard.told.get(timeout=SECONDS)


def test_what_came_with_the_line_before_is_not_overlooked(database: str) -> None:
    """Mail that comes as the wait begins is told of in the same packet as its beginning; the socket is silent afterwards."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as reader:
        ours.settimeout(SECONDS)
        client = SimpleNamespace(sock=ours, file=reader)
        assert not unread(client)
        theirs.sendall(b"+ idling\r\n* 1 EXISTS\r\n")
        assert unread(client)
        assert reader.readline() == b"+ idling\r\n"
        ours.settimeout(0)
        with pytest.raises(BlockingIOError):
            ours.recv(1)
        ours.settimeout(SECONDS)
        assert unread(client)
        assert reader.readline() == b"* 1 EXISTS\r\n"
        assert not unread(client)
        assert ours.gettimeout() == SECONDS


def test_a_wait_begins_anew_before_the_server_tires_of_it(
    app: Any, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await_mail.RENEW_SECONDS < 29 * 60
    monkeypatch.setattr(await_mail, "RENEW_SECONDS", 0.05)
    with listening(server, "idle2@shop.example") as (heard, _):
        heard.told.get(timeout=SECONDS)
        assert [heard.waits.get(timeout=SECONDS) for _ in range(5)] == [0.05] * 5
        assert heard.told.empty(), "a wait that ended in silence says nothing"
        server.send(to="idle2@shop.example", sender=ANNA)
        heard.told.get(timeout=SECONDS)


def test_a_connection_broken_off_is_made_again(app: Any, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(await_mail, "FIRST_PAUSE_SECONDS", 0.05)
    with listening(server, "idle3@shop.example") as (heard, _):
        heard.told.get(timeout=SECONDS)
        heard.waits.get(timeout=SECONDS)
        kick = ["doveadm", "-c", str(server.folder / "dovecot.conf"), "kick", "idle3@shop.example"]
        subprocess.run(kick, check=True, capture_output=True)
        heard.told.get(timeout=SECONDS)  # the new connection asks for what it missed
        heard.waits.get(timeout=SECONDS)
        server.send(to="idle3@shop.example", sender=ANNA)
        heard.told.get(timeout=SECONDS)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> queue.Queue[float]:
    """How long a listener would rest, each time it does; it hardly does."""
    found: queue.Queue[float] = queue.Queue()
    ended = threading.Event()

    class Pausing(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            found.put(timeout or 0)
            return ended.wait(0.01)

    monkeypatch.setattr(await_mail, "threading", SimpleNamespace(Event=Pausing, Thread=threading.Thread))
    return found


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"port": 1}])
def test_what_does_not_open_is_tried_again_at_growing_intervals(
    app: Any, server: MailServer, pauses: queue.Queue[float], changes: dict[str, Any]
) -> None:
    with listening(server, "idle4@shop.example", **changes) as (heard, _):
        assert [pauses.get(timeout=SECONDS) for _ in range(3)] == [5, 10, 20]
        assert heard.told.empty()


def test_a_server_that_cannot_wait_is_read_at_its_interval(app: Any, session: Any, pauses: queue.Queue[float]) -> None:
    user = "idle5@shop.example"
    with mail_server("imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS SPECIAL-USE") as without:
        told = {"host": "localhost", "port": str(without.imap), "security": "none", "user": user, "password": PASSWORD}
        connecting.connect(channel="mailbox", name="post", told=told, defaults={}, seal=sealed, now=clock.now())
        assert poll(session) == 0
        with listening(without, user) as (heard, listener):
            # asked, it cannot; asked again it still cannot, and nobody was called meanwhile
            assert [pauses.get(timeout=SECONDS) for _ in range(2)] == [await_mail.LONGEST_PAUSE_SECONDS] * 2
            without.send(to=user, sender=ANNA, subject="Bez IDLE")
            pauses.get(timeout=SECONDS)
            pauses.get(timeout=SECONDS)
            assert (heard.told.empty(), heard.waits.empty(), listener.ended.is_set()) == (True, True, False)
        turn = session.execute(select(Poll)).scalar_one()
        assert turn.due_at - turn.succeeded_at <= timedelta(seconds=mailbox.ABOUT.every_seconds)
        assert read_mailboxes.run(limits=LIMITS, now=clock.now()) == 0, "its turn has not come"
        assert poll(session) == 1
        assert said(session) == [("email:anna.lis@poczta.example", "in", "Bez IDLE")]


def sealed(secret: str) -> str:
    return sealing.seal(secret, key=KEY)


@pytest.mark.server
def test_a_worker_reads_mail_as_it_comes_in_several_mailboxes(
    instance: Instance, running_server: Callable[[Instance], Any], server: MailServer
) -> None:
    for name in ("one", "two"):
        told = ("host=localhost", f"port={server.imap}", "security=none", f"user=w{name}@shop.example")
        options = [part for each in told for part in ("--set", each)]
        instance.flask("sources", "create", "--channel", "mailbox", "--name", name, *options, "--settings-stdin",
                       stdin=f"password={PASSWORD}\n")  # fmt: skip
    running_server(instance)
    read = "SELECT count(*) FROM inbox_poll WHERE succeeded_at IS NOT NULL AND claimed_until IS NULL"
    wait_until(lambda: rows(instance, read) == [(2,)], what="both mailboxes read once")
    messages = "SELECT count(*) FROM conversations_message"
    for number in range(1, 4):
        wait_until(lambda: rows(instance, read) == [(2,)], what="nobody reads")
        rows(instance, "UPDATE inbox_poll SET due_at = '2100-01-01 00:00:00+00:00'")  # only the server's word brings it
        for name in ("one", "two"):
            server.send(to=f"w{name}@shop.example", sender=ANNA, subject=f"{name} {number}")
        wait_until(lambda number=number: rows(instance, messages) == [(2 * number,)], what="the mail")

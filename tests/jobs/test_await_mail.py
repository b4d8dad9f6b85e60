"""A real Dovecot says when mail comes (IDLE); connections break, are renewed, and end when they are told to."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crm360.jobs import await_mail
from crm360.jobs.await_mail import Listener, Watched
from crm360.jobs.mail_server import Account, Connection
from tests.jobs.test_mailboxes import ANNA, LOOPBACK, account, rows
from tests.mail_servers import DOVECOT, PASSWORD, MailServer, mail_server
from tests.processes import Instance, wait_until

pytestmark = [
    pytest.mark.skipif(not Path(DOVECOT).exists(), reason="Dovecot (dovecot-imapd, dovecot-lmtpd) is not installed"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
SECONDS = 60


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


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"port": 1}])
def test_what_does_not_open_is_tried_again_at_growing_intervals(
    app: Any, server: MailServer, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    pauses: queue.Queue[float] = queue.Queue()
    ended = threading.Event()

    class Pausing(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is None:  # threads use them, too
                return super().wait()
            pauses.put(timeout)
            return ended.wait(0.01)

    monkeypatch.setattr(await_mail.threading, "Event", Pausing)
    with listening(server, "idle4@shop.example", **changes) as (heard, _):
        assert [pauses.get(timeout=SECONDS) for _ in range(3)] == [5, 10, 20]
        assert heard.told.empty()


def test_a_server_that_cannot_wait_is_left_to_the_interval(app: Any) -> None:
    with (
        mail_server("imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS SPECIAL-USE") as without,
        listening(without, "idle5@shop.example") as (heard, listener),
        Connection(account(without, "idle5@shop.example"), private_targets=LOOPBACK) as connection,
    ):
        assert not connection.can_wait()
        without.send(to="idle5@shop.example", sender=ANNA)
        assert heard.told.empty()
        assert heard.waits.empty()
        assert not listener.ended.is_set()


@pytest.mark.server
@pytest.mark.timeout(600)
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
    wait_until(lambda: rows(instance, read) == [(2,)], seconds=40, what="both mailboxes read once")
    messages = "SELECT count(*) FROM conversations_message"
    for number in range(1, 4):
        for name in ("one", "two"):
            server.send(to=f"w{name}@shop.example", sender=ANNA, subject=f"{name} {number}")
        # the interval is a minute: nothing but the server's word brings it sooner
        wait_until(lambda number=number: rows(instance, messages) == [(2 * number,)], seconds=40, what="the mail")

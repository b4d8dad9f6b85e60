"""Mailboxes say themselves when mail comes (IMAP IDLE): each folder has a connection that waits, and calls the poller.

What is read, and how far, stays the poller's alone: here a mailbox only gets its turn at once. A server that cannot do
this, or breaks off, is read at its interval as ever.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import NamedTuple

from flask import Flask
from structlog import get_logger

from crm360.inbox import polls
from crm360.jobs import mail_server, read_mailboxes
from crm360.jobs.mail_server import Account, Connection
from crm360.kernel import clock, dialects, sealing
from crm360.kernel.db import db
from crm360.sources import mailbox

#: How often it is looked which mailboxes there are.
LOOK_SECONDS = 15.0
#: A server may hang up on who waits half an hour: the wait begins anew before that (RFC 2177).
RENEW_SECONDS = 28 * 60.0
#: Pauses after a connection broke off: doubled each time. A server that cannot wait is asked again after the longest.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 3600.0
#: Folders of one mailbox with a connection of their own; others are read at the interval.
MOST_FOLDERS = 5

log = get_logger(__name__)


class Watched(NamedTuple):
    """A folder to wait at; another account (a new password) is another."""

    source_id: int
    name: str
    folder: str
    account: Account


class Listener:
    """Waits at one folder in a thread of its own; `told` is called whenever something may have come."""

    def __init__(self, watched: Watched, *, opened: Callable[[Account], Connection], told: Callable[[], None]):
        self.watched, self._opened, self._told = watched, opened, told
        self.ended = threading.Event()
        self._awake, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"mailbox {watched.name}", daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def end(self) -> None:
        """Let it go; a wait under way ends at once."""
        if not self.ended.is_set():
            os.write(self._wake, b".")  # first: whoever sees the end closes the pipe
            self.ended.set()

    def join(self, seconds: float) -> None:
        """Until its thread has ended, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        """Listen until it is told to end; then the pipe goes, also when nobody waited for that."""
        self._listen()
        os.close(self._awake)
        os.close(self._wake)

    def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self.ended.is_set():
            reason = ""
            try:
                for _ in self._hearing():
                    pause = FIRST_PAUSE_SECONDS
                    self._told()
            except (mail_server.NoAnswer, mail_server.NotLetIn) as error:
                reason = str(error)
            except Exception as error:
                log.exception("waiting for mail failed", source=self.watched.name)
                reason = type(error).__name__
            if self.ended.is_set():
                return
            if not reason:
                pause = LONGEST_PAUSE_SECONDS
            log.info("not waiting for mail", source=self.watched.name, reason=reason, pause_seconds=pause)
            self.ended.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _hearing(self) -> Iterator[None]:
        """Whenever something may have come; ends when told to, or at once where the server cannot wait."""
        with closing(self._opened(self.watched.account)) as connection:
            if not connection.can_wait():
                return
            connection.choose(self.watched.folder)
            yield  # what came while nobody waited
            while not self.ended.is_set():
                if connection.wait(seconds=RENEW_SECONDS, awake=self._awake):
                    yield


class Watch:
    """The listeners of one worker, as many as there are folders of mailboxes."""

    def __init__(self, app: Flask) -> None:
        self.app, self.settings = app, app.config["SETTINGS"]
        self.listeners: dict[Watched, Listener] = {}

    def look(self) -> None:
        """Begin with what is new, end what is gone or stands otherwise by now."""
        wanted = set(self._wanted())
        self._end([watched for watched in self.listeners if watched not in wanted], seconds=0)
        for watched in sorted(wanted - self.listeners.keys(), key=lambda each: (each.source_id, each.folder)):
            listener = Listener(watched, opened=self._opened, told=partial(self._due, watched.source_id))
            self.listeners[watched] = listener
            listener.start()

    def end(self) -> None:
        """Let all of them go."""
        self._end(list(self.listeners), seconds=2)

    def _end(self, gone: list[Watched], *, seconds: float) -> None:
        leaving = [self.listeners.pop(watched) for watched in gone]
        for listener in leaving:
            listener.end()
        for listener in leaving:
            listener.join(seconds)

    def _wanted(self) -> Iterator[Watched]:
        with self.app.app_context(), dialects.reading():
            asked = polls.asked(channels=[mailbox.CHANNEL])
            db.session.rollback()
        for source_id, name, settings, credentials in asked:
            if (account := self._account(name, settings, credentials)) is not None:
                for folder in account.folders[:MOST_FOLDERS]:
                    yield Watched(source_id, name, folder, account)

    def _account(self, name: str, settings: Mapping[str, str], credentials: Mapping[str, str]) -> Account | None:
        try:
            secrets = {field: sealing.unseal(text, key=self.settings.secret_key) for field, text in credentials.items()}
            return read_mailboxes.account_of({**settings, **secrets})
        except (sealing.CannotUnseal, ValueError) as error:
            log.warning("mailbox not waited at", source=name, reason=str(error))
            return None

    def _opened(self, account: Account) -> Connection:
        return Connection(account, private_targets=self.settings.private_targets)

    def _due(self, source_id: int) -> None:
        with self.app.app_context():
            dialects.set_may_write(True)
            polls.due_now(source_id=source_id, now=clock.now())
            db.session.commit()


def start(app: Flask, stopping: threading.Event) -> threading.Thread:
    """Wait for mail in threads of their own until `stopping` is set."""
    thread = threading.Thread(target=work, args=[app, stopping], name="await mail")
    thread.start()
    return thread


def work(app: Flask, stopping: threading.Event) -> None:
    """Look again and again which mailboxes there are; a failure is logged, and the next look tries again."""
    watch = Watch(app)
    while not stopping.is_set():
        try:
            watch.look()
        except Exception:
            log.exception("looking for mailboxes failed; it will be tried again")
        stopping.wait(LOOK_SECONDS)
    watch.end()

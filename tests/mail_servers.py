"""Real mail servers for tests: Dovecot (IMAP and LMTP) with its own configuration and folder, and an SMTP server in front."""

from __future__ import annotations

import asyncio
import imaplib
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import trustme
from aiosmtpd.controller import Controller

from tests.processes import PATIENCE_SECONDS, free_port, wait_until

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
PASSWORD = "secret-of-the-mailbox"

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
postmaster_address = postmaster@shop.example
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={usergroup} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Wysłane" {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  client_limit = 100
}}
"""


@dataclass
class MailServer:
    """Every address has a mailbox here; `send` goes the way of any mail: SMTP, LMTP, folder."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    smtp: int
    authority: Path

    def send(self, **said: Any) -> str:
        """A mail by SMTP; `to`, `sender`, `subject`, `body`, other headers by name. Returns its Message-ID."""
        message = mail(**said)
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=90) as client:
            client.send_message(message)
        return str(message["Message-ID"]).strip("<>")

    def send_raw(self, to: str, raw: bytes, sender: str = "") -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=90) as client:
            client.sendmail(sender, [to], raw)

    @contextmanager
    def opened(self, user: str) -> Iterator[imaplib.IMAP4]:
        """The mailbox as its owner's mail program opens it."""
        client = imaplib.IMAP4("127.0.0.1", self.imap, timeout=90)
        client.login(user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def append(self, user: str, folder: str, message: EmailMessage, at: datetime | None = None) -> None:
        """What a mail program does with a copy of sent mail."""
        with self.opened(user) as client:
            when = imaplib.Time2Internaldate(at) if at else imaplib.Time2Internaldate(time.time())
            assert client.append(folder, "", when, message.as_bytes())[0] == "OK"


def mail(*, to: str, sender: str, subject: str = "Pytanie", body: str = "Dzień dobry", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{time.monotonic_ns()}@{sender.rpartition('@')[2].strip('>')}>"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0100"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        if value:
            message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


class _ToDovecot:
    """An SMTP server's handler: what it takes is delivered before it says yes."""

    def __init__(self, lmtp: int):
        self.lmtp = lmtp

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            client.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content)
        return "250 Delivered"


class Receiver(Controller):
    """aiosmtpd's server on a port that the system chooses as it binds it, with the time a busy machine takes to start one."""

    def __init__(self, handler: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE_SECONDS)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr, attr-defined]
        super()._trigger_server()


@contextmanager
def mail_server(more: str = "") -> Iterator[MailServer]:
    """Dovecot (with `more` settings) and SMTP on free ports; nothing of them is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dc"))  # a short path: sockets have names of at most 108 bytes
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    try:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(str(folder / "cert.pem"), append=True)
        _configure(folder, more, imap=imap, imaps=imaps, lmtp=lmtp)
        process = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], stdin=subprocess.DEVNULL)
        controller = Receiver(_ToDovecot(lmtp))
        try:
            wait_until(lambda: _answers(imap) and _answers(lmtp), what="Dovecot")
            controller.start()
            yield MailServer(folder, imap, imaps, lmtp, controller.port, folder / "ca.pem")
        finally:
            if controller.server is not None:
                controller.stop()
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, more: str, **ports: int) -> None:
    root = os.geteuid() == 0
    mine = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
    names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull", "user": "mail", "usergroup": "mail"}
    if not root:
        names = {"internal": mine, "group": group, "login": mine, "user": mine, "usergroup": group}
    (folder / "mail").mkdir()
    if root:
        folder.chmod(0o755)
        shutil.chown(folder / "mail", "mail", "mail")
    text = _CONFIGURATION.format(folder=folder, password=PASSWORD, **names, **ports)
    (folder / "dovecot.conf").write_text(f"{text}{more}\n", encoding="utf-8")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def receiving(handler: Any) -> Iterator[int]:
    """A mail server on this machine whose messages `handler` takes (`handle_DATA`, as aiosmtpd calls it); its port."""
    controller = Receiver(handler)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class HoldingSink:
    """A mail server's handler that keeps whom it took mail for, and leaves the message number `hold_at` without an answer
    until `go_on` is set."""

    def __init__(self, *, hold_at: int = 0) -> None:
        self.taken: list[str] = []
        self.hold_at = hold_at
        self.holding, self.go_on = threading.Event(), threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken += envelope.rcpt_tos
        if len(self.taken) == self.hold_at and not self.go_on.is_set():
            self.holding.set()
            await asyncio.to_thread(self.go_on.wait, PATIENCE_SECONDS)
        return "250 taken"


Handler = TypeVar("Handler", bound=HoldingSink)


@contextmanager
def holding(taking: Handler) -> Iterator[tuple[Handler, int]]:
    """A mail server that may hold a message back, and its port; in the end it holds none."""
    with receiving(taking) as port:
        yield taking, port
        taking.go_on.set()


def sent_through(port: int) -> dict[str, str]:
    """Settings of an installation whose mail leaves through such a server, at any hour."""
    return {"SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none", "MAIL_FROM": "shop@lipowa.example", "MAIL_RATE": "1000", "QUIET_HOURS": "0-0"}  # fmt: skip

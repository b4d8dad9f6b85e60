"""Handing messages to a mail server, one connection for many, and telling apart how it ended.

The one thing that must never be guessed: once the server has been given the whole message and no answer came, nobody
knows whether it will be delivered. That outcome is `unknown`, and only a person may send again.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from crm360.kernel import mail

_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_TEMPORARY = 400
_PERMANENT = 500
_GOING_DOWN = 421


class BadAddress(ValueError):
    """The address of a mail server cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail is handed over. `tls`: "implicit" from the first byte, "starttls", or "none" (only inside a machine)."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    user: str = ""
    password: str = ""


class Outcome(NamedTuple):
    """How it ended. `code` is the server's reply code, 0 where there was none; `text` its words, at most 300 letters."""

    kind: Literal["sent", "later", "refused", "unknown"]
    code: int = 0
    text: str = ""


def server(url: str, *, password: str = "") -> Server:
    """`smtp://USER@HOST:PORT` (STARTTLS; with `?tls=none` without) or `smtps://…`. Raises BadAddress."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadAddress("A mail server is written smtp://USER@HOST:PORT or smtps://USER@HOST:PORT.")
    asked = parse_qs(parts.query).get("tls", [""])[0]
    tls: Literal["implicit", "starttls", "none"] = "implicit" if parts.scheme == "smtps" else "starttls"
    if asked == "none" and parts.scheme == "smtp":
        tls = "none"
    elif asked not in ("", "starttls", "implicit"):
        raise BadAddress(f"tls is starttls or none, not {asked!r}.")
    port = parts.port or (465 if tls == "implicit" else 587 if tls == "starttls" else 25)
    secret = password or unquote(parts.password or "")
    return Server(host=parts.hostname, port=port, tls=tls, user=unquote(parts.username or ""), password=secret)


class Carrier:
    """A connection that is opened when needed, kept for the next message and renewed when it breaks."""

    def __init__(self, to: Server, *, timeout: float = 30.0, context: ssl.SSLContext | None = None):
        self.to = to
        self.timeout = timeout
        self.context = context or ssl.create_default_context()
        self._connection: smtplib.SMTP | None = None
        #: Nothing was said on the connection yet.
        self._fresh = False

    def __enter__(self) -> Carrier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # nobody listens any more: closed all the same
                connection.quit()
            connection.close()

    def greet(self) -> str:
        """Open the connection and sign in; why that is not possible, "" when it is."""
        try:
            self._opened()
        except smtplib.SMTPAuthenticationError as error:
            return f"it refuses the password, {error.smtp_code}"
        except (OSError, smtplib.SMTPException) as error:
            return type(error).__name__
        return ""

    def carry(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message. Never raises for what a server or a network does."""
        try:
            connection, refused = self._begun(sender, recipient)
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            return _said("later", error.smtp_code, error.smtp_error)  # a wrong password is ours, not the recipient's
        except mail.UnsafeValue as error:
            return Outcome("refused", 0, str(error))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome("later", 0, f"{type(error).__name__}"[:300])
        return refused or self._content(connection, message)

    def _begun(self, sender: str, recipient: str) -> tuple[smtplib.SMTP, Outcome | None]:
        """The envelope over the connection there is; over a new one when that broke or its server is going down."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # broken: a new one is opened below
                refused = self._envelope(self._connection, sender, recipient)
                if refused is None or refused.code != _GOING_DOWN:
                    return self._connection, refused
            self.close()
        connection = self._opened()
        return connection, self._envelope(connection, sender, recipient)

    def _opened(self) -> smtplib.SMTP:
        if self.to.tls == "implicit":
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                self.to.host, self.to.port, timeout=self.timeout, context=self.context
            )
        else:
            made = smtplib.SMTP(self.to.host, self.to.port, timeout=self.timeout)
        self._connection = made
        if self.to.tls == "starttls":
            made.starttls(context=self.context)
        if self.to.user:
            made.login(self.to.user, self.to.password)
        made.ehlo_or_helo_if_needed()
        self._fresh = True
        return made

    def _envelope(self, connection: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
        """Sender, recipient, and leave to send; None when the server waits for the message."""
        asked = (f"MAIL FROM:<{mail.address(sender)}>", f"RCPT TO:<{mail.address(recipient)}>")
        for said in self._said_of(connection, asked):
            if said[0] >= _TEMPORARY:
                return _said("refused" if said[0] >= _PERMANENT else "later", *said)
        code, text = connection.docmd("DATA")
        if code != 354:
            return _said("refused" if code >= _PERMANENT else "later", code, text)
        return None

    def _said_of(self, connection: smtplib.SMTP, commands: tuple[str, ...]) -> list[tuple[int, bytes]]:
        """The answers to commands, asked in one go where the server takes them so (RFC 2920); a message that was broken off
        before is forgotten first."""
        if not self._fresh:
            commands = ("RSET", *commands)
        self._fresh = False
        if not connection.has_extn("pipelining"):
            return [connection.docmd(each) for each in commands]
        connection.send("".join(f"{each}\r\n" for each in commands))
        return [connection.getreply() for _ in commands]

    def _content(self, connection: smtplib.SMTP, message: bytes) -> Outcome:
        body = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", message))
        end = b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            connection.send(body + end)
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome("unknown", 0, type(error).__name__)
        if code < 300:
            return _said("sent", code, text)
        return _said("refused" if code >= _PERMANENT else "later", code, text)


def _said(kind: Literal["sent", "later", "refused", "unknown"], code: int, text: bytes | str) -> Outcome:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Outcome(kind, code, " ".join(words.split())[:300])

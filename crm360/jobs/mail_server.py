"""Speaks IMAP to one mailbox: which folders there are, and what is new in one since a message known already.

The host's address is checked before the connection goes to that very address, as with every address people type in.
"""

from __future__ import annotations

import imaplib
import re
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import certifi
from imap_tools import BaseMailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from crm360.kernel import addresses

TIMEOUT_SECONDS = 20.0
#: Of a longer message only so much is read: its words come before its attachments.
LARGEST = 10_000_000
#: A batch is fetched, kept and committed together, well within a poller's lease.
BATCH_BYTES, BATCH_MESSAGES = 4_000_000, 50
_SENT = "\\sent"
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class NoAnswer(Exception):
    """The server cannot be reached or broke off; worth trying again."""


class NotLetIn(Exception):
    """The server answers and refuses: password, encryption, a folder that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a mailbox is. `security`: tls, starttls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folders: tuple[str, ...] = ("INBOX",)
    sent_folders: tuple[str, ...] = ()


class Place(NamedTuple):
    """How far a folder was read: messages up to `uid` of the numbering `validity`."""

    validity: int = 0
    uid: int = 0


class Fetched(NamedTuple):
    """A message as the server keeps it; `arrived_at` is when it came there (INTERNALDATE)."""

    uid: int
    arrived_at: datetime | None
    body: bytes


class Connection:
    """A signed-in mailbox; leave it with `with`. Raises NoAnswer and NotLetIn throughout."""

    def __init__(
        self, account: Account, *, private_targets: Sequence[addresses.Network] = (), ca_file: str | None = None
    ):
        self.account = account
        with _explained():
            self._box: BaseMailBox = _Pinned(account, _permitted(account.host, private_targets), ca_file)
            try:
                self._box.login(account.user, account.password, initial_folder=None)
            except (imaplib.IMAP4.error, ImapToolsError) as error:
                self.close()
                raise NotLetIn(f"The mailbox does not let us in: {_words(error)}.") from None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye, if anybody listens still."""
        with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):  # nobody may be there any more
            self._box.client.logout()
        with suppress(OSError):  # the connection may be gone, its socket is ours to close
            self._box.client.shutdown()

    def folders(self) -> Mapping[str, bool]:
        """Folders to read → whether what lies there was sent by us: those named, and the one marked as sent mail."""
        found = dict.fromkeys(self.account.folders, False)
        found |= dict.fromkeys(self.account.sent_folders, True)
        if not self.account.sent_folders:
            with _explained():
                marked = [
                    each.name for each in self._box.folder.list() if _SENT in {flag.lower() for flag in each.flags}
                ]
            found |= dict.fromkeys(marked, True)
        return found

    def can_wait(self) -> bool:
        """Whether the server says by itself when mail comes (IDLE); asked anew, for many tell only those signed in."""
        with _explained():
            listed = self._ok(self._box.client.capability())
        return b"IDLE" in b" ".join(listed).upper().split()

    def choose(self, folder: str) -> None:
        """Go to a folder, to wait there."""
        with _explained():
            self._select(folder)

    def wait(self, *, seconds: float, awake: int) -> bool:
        """Until something happens in the chosen folder, at most so long, or until the pipe `awake` can be read; whether
        there is a message more or less.

        Whatever the server says ends the wait and is read to its end, so that nothing stays behind unheard.
        """
        with _explained():
            client: Any = self._box.client
            client.untagged_responses.pop("EXISTS", None)
            tag = client._command("IDLE")
            while client._get_response() is not None:  # until it says that it waits
                if client.tagged_commands.get(tag):
                    raise NotLetIn(f"The server refuses to wait: {_words(client.tagged_commands[tag])}.")
            poller = select.poll()
            poller.register(client.sock, select.POLLIN)
            poller.register(awake, select.POLLIN)
            if not unread(client):
                poller.poll(seconds * 1000)
            client.send(b"DONE\r\n")
            client._command_complete("IDLE", tag)
            return client.untagged_responses.pop("EXISTS", None) is not None

    def new(self, folder: str, place: Place) -> Iterator[tuple[Place, list[Fetched]]]:
        """Batches of what a folder holds after `place`, oldest first, each with the place after it.

        A folder that was numbered anew is read from its beginning.
        """
        with _explained():
            validity = self._select(folder)
            last = place.uid if place.validity == validity else 0
            listed = self._ok(self._box.client.uid("FETCH", f"{last + 1}:*", "(UID RFC822.SIZE)"))
            sizes = {
                int(uid[1]): int(size[1])
                for line in listed
                if (uid := _UID.search(line)) and (size := _SIZE.search(line))
            }
        for uids in _batches({uid: size for uid, size in sorted(sizes.items()) if uid > last}):
            with _explained():
                found = [message for uid in uids if (message := self._fetch(uid)) is not None]
            yield Place(validity, uids[-1]), found
        if place.validity != validity and not sizes:
            yield Place(validity, 0), []

    def _select(self, folder: str) -> int:
        try:
            self._box.folder.set(folder, readonly=True)
        except ImapToolsError:
            raise NotLetIn(f"There is no folder {folder!r} in the mailbox.") from None
        _, said = self._box.client.response("UIDVALIDITY")
        return int(said[0]) if said and isinstance(said[0], bytes) and said[0].isdigit() else 1

    def _fetch(self, uid: int) -> Fetched | None:
        """One message; None when it has gone meanwhile. It stays unread there."""
        said = self._box.client.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)")
        if said[0] != "OK":
            raise NotLetIn(f"The server refuses a message: {_words(said[1])}.")
        parts = [part for part in said[1] if isinstance(part, tuple)]
        if not parts:
            return None
        head, body = parts[0]
        arrived = imaplib.Internaldate2tuple(head)
        at = datetime.fromtimestamp(time.mktime(arrived), UTC) if arrived else None
        return Fetched(uid, at, bytes(body))

    def _ok(self, said: tuple[str, list[Any]]) -> list[bytes]:
        status, lines = said
        if status != "OK":
            raise NotLetIn(f"The server refuses: {_words(lines)}.")
        return [line[0] if isinstance(line, tuple) else line for line in lines if line]


class _Pinned(MailBoxUnencrypted):
    """A mailbox reached at one checked address, encrypted as the account says and checked against the host's name."""

    def __init__(self, account: Account, address: str, ca_file: str | None):
        self._account, self._address = account, address
        self._tls = ssl.create_default_context()
        self._tls.load_verify_locations(ca_file or certifi.where())
        super().__init__(account.host, account.port, TIMEOUT_SECONDS)

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        address, tls = self._address, self._tls

        class Client(imaplib.IMAP4):
            def _create_socket(self, timeout: float | None) -> socket.socket:
                made = socket.create_connection((address, self.port), timeout)
                return tls.wrap_socket(made, server_hostname=self.host) if direct else made

        direct = self._account.security == "tls"
        client = Client(self._account.host, self._account.port, TIMEOUT_SECONDS)
        if self._account.security == "starttls":
            client.starttls(self._tls)
        return client


class _explained:  # noqa: N801 - reads as what it does
    """Whatever goes wrong with the network inside leaves as NoAnswer, what the server refuses as NotLetIn."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ssl.SSLError):
            raise NotLetIn(f"No safe connection to the mailbox: {_words(error)}.") from error
        if isinstance(error, OSError | imaplib.IMAP4.abort | EOFError):
            raise NoAnswer(f"The mailbox does not answer: {_words(error)}.") from error
        if isinstance(error, imaplib.IMAP4.error | ImapToolsError | ValueError):
            raise NotLetIn(f"The mailbox refuses: {_words(error)}.") from error


def unread(client: Any) -> bool:
    """Whether the server said more than was looked at: what came with the line before lies in the reader's buffer, or in
    that of TLS, and the socket is silent about it."""
    reader, before = getattr(client, "_file", None) or client.file, client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(reader.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client.sock.settimeout(before)


def _permitted(host: str, private_targets: Sequence[addresses.Network]) -> str:
    try:
        found = addresses.resolve(host, within=TIMEOUT_SECONDS)
    except addresses.NoAddress:
        raise NoAnswer("The mail server's name is not known.") from None
    permitted = [address for address in found if addresses.is_permitted(address, private_targets)]
    if not permitted:
        raise NotLetIn("The mail server is on a private network that is not listed in PRIVATE_TARGETS.")
    return permitted[0]


def _batches(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Numbers in their order, in groups bounded in number and bytes; a big message is a group of its own."""
    batch: list[int] = []
    total = 0
    for uid, size in sizes.items():
        size = min(size, LARGEST)
        if batch and (total + size > BATCH_BYTES or len(batch) >= BATCH_MESSAGES):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch


def _words(said: object) -> str:
    """What the server said, as one short line."""
    if result := getattr(said, "command_result", None):
        said = list(result[1])
    if isinstance(said, list):
        said = b" ".join(part for part in said if isinstance(part, bytes)).decode("utf-8", "replace")
    return " ".join(str(said).split()).rstrip(".")[:200]

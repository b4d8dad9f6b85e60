"""E-mail: one RFC 5322 message per payload. The header `own-addresses` lists the shop's, parted by commas ("@shop.pl"
stands for a whole domain); it decides what is incoming and who the customer is. A message with the header `sent` lay
in a folder of sent mail, whatever address it bears; `internal-date` is when it came to the server.

What machines send back is told apart: a delivery report or a complaint speaks of whom it is about and is no message of
theirs; an automatic reply is kept and marked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal, NamedTuple

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, MessageExchanged
from crm360.sources import bounces, mailbox_text, mailing_facts
from crm360.sources.base import Payload, Unreadable
from crm360.sources.channel import Channel, Setting
from crm360.sources.contact_keys import email_key
from crm360.sources.instants import instant
from crm360.sources.json_fields import digest
from crm360.sources.mailing_facts import Happened

CHANNEL = "mailbox"

_KINDS: dict[str, mailing_facts.Kind] = {
    "hard": "hard_bounced",
    "soft": "soft_bounced",
    "blocked": "blocked",
    "delayed": "deferred",
    "delivered": "delivered",
    "complaint": "complained",
    "unsubscribed": "unsubscribed",
}

_ID = re.compile(r"<\s*([^<>\s]+)\s*>")
_REPLY_PREFIX = re.compile(
    r"\s*(?:(?:re|odp|fwd?|pd|aw|sv|vs|antw|wg|tr|rif)\s*(?:\[\d+\])?\s*:|\[[^\]]{1,30}\]\s*(?=\S))\s*", re.IGNORECASE
)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
#: A message may name a crowd; more than the first hundred correspondents decide nothing.
_MOST_ADDRESSES = 100


class Address(NamedTuple):
    name: str
    email: str


def read(payload: Payload) -> Sequence[Fact]:
    """One message → its correspondent and the message; a delivery report or complaint → what became of our message.

    Mail among the shop's own addresses → nothing.

    Raises Unreadable when the message names no correspondent.
    """
    try:
        message = mailbox_text.parse(_with_newlines(payload.body))
    except (MessageError, ValueError, RecursionError) as error:
        raise Unreadable(f"Not a readable e-mail message: {error}.") from None
    try:
        return _facts(payload, message)
    except RecursionError:
        raise Unreadable("The message nests too deep.") from None


def _with_newlines(body: bytes) -> bytes:
    """Old exports end lines with CR alone, which the parser takes for one long line."""
    return body.replace(b"\r", b"\n") if b"\n" not in body else body


def _facts(payload: Payload, message: Message) -> Sequence[Fact]:
    own = own_addresses(payload.headers.get("own-addresses", ""))
    report = bounces.classify(message, own=own)
    if report is not None and report.what != "auto_reply":
        return _outcomes(payload, message, report, own)
    correspondent, direction = _correspondent(message, own, sent=bool(payload.headers.get("sent")))
    if correspondent is None:
        return []
    ref = ContactRef(payload.source, email_key(correspondent.email))
    occurred_at = _date(message, _arrived(payload))
    subject = mailbox_text.header_text(message, "Subject")[:500]
    message_id = _own_id(message, payload.body)
    references = _references(message)
    return [
        ContactSeen(
            ref=ref,
            occurred_at=occurred_at,
            fields={"full_name": correspondent.name} if correspondent.name else {},
            identifiers=(Identifier("email", correspondent.email),),
        ),
        MessageExchanged(
            ref=ref,
            source=payload.source,
            channel="email",
            conversation_id=_conversation(message_id, references, subject, correspondent),
            message_id=message_id,
            direction=direction,
            occurred_at=occurred_at,
            subject=subject,
            body=mailbox_text.body_text(message),
            author="" if direction == "in" else _author(message),
            in_reply_to=references,
            attachments=mailbox_text.attachment_names(message),
            automatic=is_automatic(message),
        ),
    ]


def _outcomes(payload: Payload, message: Message, report: bounces.Report, own: frozenset[str]) -> Sequence[Fact]:
    at, told_in = _date(message, _arrived(payload)), _own_id(message, payload.body)
    found: list[Fact] = []
    for each in report.outcomes:
        if not _is_own(Address("", each.address), own):
            happened = Happened(
                address=each.address,
                kind=_KINDS[each.kind],
                at=at,
                event_id=f"{told_in} {each.address}",
                message_id=report.original_id,
                status=each.status,
                reason=each.reason,
                method="feedback report",
            )
            found += mailing_facts.facts(payload, happened)
    return found


def _addresses(message: Message, *headers: str) -> list[Address]:
    # Parsed before decoding: an encoded name may hold a comma.
    found = getaddresses([mailbox_text.raw_header(message, header) for header in headers])
    parsed = []
    for name, address in found[:_MOST_ADDRESSES]:
        if "@" in address.strip("@"):
            shown = mailbox_text.words(name).strip("'\" ")
            parsed.append(Address("" if "@" in shown else shown[:200], address.strip()[:320]))
    return parsed


def own_addresses(written: str) -> frozenset[str]:
    """The header's list as a set, in lower case."""
    return frozenset(part.strip().lower() for part in written.split(",") if part.strip())


def _correspondent(
    message: Message, own: frozenset[str], *, sent: bool = False
) -> tuple[Address | None, Literal["in", "out"]]:
    senders = _addresses(message, "From") or _addresses(message, "Sender", "Reply-To", "Return-Path")
    if not senders:
        raise Unreadable("The message names no sender.")
    if sent:
        own |= {senders[0].email.lower()}
    if not _is_own(senders[0], own):
        return senders[0], "in"
    outside = [address for address in _addresses(message, "To", "Cc", "Bcc") if not _is_own(address, own)]
    if outside:
        return outside[0], "out"
    # A contact form mails the shop in the shop's own name; the customer is whom to reply to.
    asking = [address for address in _addresses(message, "Reply-To") if not _is_own(address, own)]
    return (asking[0], "in") if asking else (None, "out")


def _is_own(address: Address, own: frozenset[str]) -> bool:
    bare = address.email.lower()
    return bare in own or "@" + bare.rpartition("@")[2] in own


def _author(message: Message) -> str:
    senders = _addresses(message, "From")
    return (senders[0].name or senders[0].email) if senders else ""


def _ids(message: Message, header: str) -> list[str]:
    return _ID.findall(mailbox_text.raw_header(message, header))


def _own_id(message: Message, body: bytes) -> str:
    return next(iter(_ids(message, "Message-ID")), "")[:500] or f"hash:{digest(body)}"


def _references(message: Message) -> tuple[str, ...]:
    """What the message answers, oldest first, as far as it says."""
    return tuple(dict.fromkeys((*_ids(message, "References"), *_ids(message, "In-Reply-To"))))[:50]


def _conversation(message_id: str, references: Sequence[str], subject: str, correspondent: Address) -> str:
    """The first message's id. A reply that forgot what it answers is kept with its subject and correspondent."""
    if references:
        return references[0][:500]
    bare = plain_subject(subject)
    if bare and bare != subject.casefold():
        return f"subject:{digest(email_key(correspondent.email), bare)}"
    return message_id


def plain_subject(subject: str) -> str:
    """A subject without "Re:", "Odp:", "Fwd:" and list tags, case folded: what replies share."""
    bare = subject
    while found := _REPLY_PREFIX.match(bare):
        bare = bare[found.end() :]
    return " ".join(bare.split()).casefold()


def _arrived(payload: Payload) -> datetime:
    """When the message came to its server, as far as that is known."""
    return instant(payload.headers.get("internal-date")) or payload.received_at


def _date(message: Message, received_at: datetime) -> datetime:
    """The Date header, unless it is missing, broken, before 1990 or more than a day ahead."""
    try:
        written = parsedate_to_datetime(mailbox_text.raw_header(message, "Date"))
        moment = (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return received_at
    return moment if _EARLIEST <= moment <= received_at + timedelta(days=1) else received_at


def is_automatic(message: Message) -> bool:
    """Sent by a machine: auto-replies, mailing lists, bounces. Nothing the customer did."""

    def said(header: str) -> str:
        return mailbox_text.raw_header(message, header).lower()

    submitted = said("Auto-Submitted").partition(";")[0].strip()
    return (
        submitted not in ("", "no")
        or said("Precedence") in _BULK
        or said("Return-Path").replace(" ", "") == "<>"
        or any(message.get(header) is not None for header in ("List-Id", "X-Autoreply", "X-Autorespond"))
    )


ABOUT = Channel(
    label="Mailbox (IMAP)",
    group="email",
    reads_mail=True,
    every_seconds=60,
    settings=(
        Setting(name="host", label="Mail server", help="imap.example.com"),
        Setting(name="port", label="Port", kind="number", required=False, default="993"),
        Setting(name="security", label="Encryption", kind="choice", default="tls", choices=("tls", "starttls", "none")),
        Setting(name="user", label="User name"),
        Setting(name="password", label="Password", kind="secret", help="Where there are app passwords, one of those."),
        Setting(name="folders", label="Folders", required=False, default="INBOX", help="Several are parted by commas."),
        Setting(
            name="sent_folders",
            label="Folders of sent mail",
            required=False,
            help="Without it the one the server marks as such.",
        ),
        Setting(
            name="own-addresses",
            label="Own addresses",
            required=False,
            help="Parted by commas; @shop.example stands for a whole domain.",
        ),
    ),
    setup=(
        "At your mail provider: allow IMAP for this mailbox and, where it offers that, make an app password.",
        "The mailbox is only read: messages stay there, unread ones stay unread.",
    ),
)

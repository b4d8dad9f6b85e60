"""E-mail: one RFC 5322 message per payload. The header `own-addresses` lists the shop's, parted by commas ("@shop.pl"
stands for a whole domain); it decides what is incoming and who the customer is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal, NamedTuple

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, MessageExchanged
from crm360.sources import mailbox_text
from crm360.sources.base import Payload, Unreadable
from crm360.sources.contact_keys import email_key
from crm360.sources.json_fields import digest

CHANNEL = "mailbox"

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
    """One message → its correspondent and the message. Mail among the shop's own addresses → nothing.

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
    correspondent, direction = _correspondent(message, payload.headers.get("own-addresses", ""))
    if correspondent is None:
        return []
    ref = ContactRef(payload.source, email_key(correspondent.email))
    occurred_at = _date(message, payload.received_at)
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


def _addresses(message: Message, *headers: str) -> list[Address]:
    # Parsed before decoding: an encoded name may hold a comma.
    found = getaddresses([mailbox_text.raw_header(message, header) for header in headers])
    parsed = []
    for name, address in found[:_MOST_ADDRESSES]:
        if "@" in address.strip("@"):
            shown = mailbox_text.words(name).strip("'\" ")
            parsed.append(Address("" if "@" in shown else shown[:200], address.strip()[:320]))
    return parsed


def _correspondent(message: Message, own_list: str) -> tuple[Address | None, Literal["in", "out"]]:
    own = frozenset(part.strip().lower() for part in own_list.split(",") if part.strip())
    senders = _addresses(message, "From") or _addresses(message, "Sender", "Reply-To", "Return-Path")
    if not senders:
        raise Unreadable("The message names no sender.")
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

"""Bounces without a machine-readable part: which addresses a mail server's letter names as failed, and what it says of each.

Every mail server words it its own way; what they share is that a failed address opens its line, or follows one of a few
phrases, and that the original message comes last.
"""

from __future__ import annotations

import re
from typing import NamedTuple

ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])(?!\.?[A-Za-z0-9-])"
_ADDRESS = re.compile(ADDRESS)

#: Where the returned message begins.
_ORIGINAL = re.compile(
    r"^[ \t>]*(?:-{2,}[ \t]*)?(?:original (?:message|mail)\b|this is a copy of|below this line is a copy|below is a copy of|the headers? of the original"
    r"|message headers follow|unsent message follows|returned message|included is a copy|enclosed is a copy|original mail info"
    r"|-+[ \t]*original|received:[ \t]*(?:from|by|\(qmail)|return-path:[ \t]*<)",
    re.IGNORECASE | re.MULTILINE,
)
#: The failed address opens the line, whatever brackets, quotes or bullets stand before it, or ends it alone.
_OPENING = re.compile(
    rf"^[\s>*-]*(\d{{3}}[ -])?[<\"'(\[]?(?:smtp:)?({ADDRESS})[>\"')\]]?(?=[\s:<\[.(,;]|$)", re.IGNORECASE
)
_AFTER_PHRASE = re.compile(
    r"(?:deliver\w*(?: (?:your|the|this))?(?: mail| message| e-?mail)?(?: to)?:?|recipient(?: address)?:?|addressed to:?|rcpt to:"
    r"|failed to send to[^,]*,|wasn't delivered to|your message to:?|allowed size:|mailbox is full:|\d+ attempts:|rejected recipient"
    r"|to the following (?:address|recipient)\S*:?|problem delivering your message to|could not be delivered to:?"
    r"|userid:|unknown (?:user|recipient|address):|undeliverable(?: address| to)?:?|error-for:|local mailbox|dda:smtp=|which your message was addressed,"
    rf"|nie można dostarczyć[^:]*:)[ \t]*[<\"'\[]?(?:smtp:)?({ADDRESS})",
    re.IGNORECASE,
)
#: The address we wrote to, told after the one it was forwarded to.
_MADE_FROM = re.compile(rf"(?:generated (?:by|from)|expanded from:?)[ \t]*<?({ADDRESS})", re.IGNORECASE)
#: Lines that name somebody else: the sender, or whom to ask.
_OTHERS = re.compile(
    r"mail from|envelope-from|^\s*from:|^\s*to:|contact|assistance|support@|message-id|message sent by|^\s*cc:|subject:|reply-to|expanded from|^\s*(?:out|in):\s+mail",
    re.IGNORECASE,
)


class Named(NamedTuple):
    """A failed address and the words that go with it."""

    address: str
    told: str


def report_and_original(text: str) -> tuple[str, str]:
    """The letter's own words, and the returned message after them."""
    found = _ORIGINAL.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def failed(text: str) -> list[Named]:
    """The addresses the letter says failed, in their order, each with its share of the words."""
    lines = text.split("\n")
    starts: list[tuple[int, str]] = []
    before_it = ""
    for number, line in enumerate(lines):
        if made := _MADE_FROM.search(line):
            forwarded = bool(starts) and number - starts[-1][0] <= 2
            starts[-1 if forwarded else len(starts) :] = [(starts[-1][0] if forwarded else number, made[1])]
        elif not before_it.endswith("sent by") and (address := _address_of(line)):
            starts.append((number, address))
        before_it = line.strip().lower() or before_it
    found: dict[str, str] = {}
    for place, (number, address) in enumerate(starts):
        end = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        if (opening := _OPENING.match(lines[number])) and opening[1]:
            end = number + 1  # "550 <address>... reason" says it all; what follows speaks of others
        found[address] = found.get(address, "") + " " + " ".join(" ".join(lines[number:end]).split())
    # What stands before the first address is said of all of them; it counts where an address has no words of its own.
    before = " ".join(" ".join(lines[: starts[0][0]]).split()) if starts else ""
    return [Named(address, told.strip() if _says_more(told, address) else f"{before} {told}") for address, told in found.items()]  # fmt: skip


def _address_of(line: str) -> str:
    if _OTHERS.search(line) and not _AFTER_PHRASE.search(line):
        return ""
    if found := _OPENING.match(line):
        return found[2]
    found = _AFTER_PHRASE.search(line)
    if found:
        return found[1]
    inside = _ADDRESS.findall(line)
    closing = line.rstrip().rstrip(">.)\"'")
    return inside[-1] if len(inside) == 1 and closing.endswith(inside[0]) and re.match(r"\s*<[^<]", line) else ""


def _says_more(told: str, address: str) -> bool:
    return len(re.sub(r"\W+", "", told.replace(address, ""))) > 12


def any_address(text: str) -> str:
    """The first address in a text, or ""."""
    found = _ADDRESS.search(text)
    return found[0] if found else ""

"""Mail that machines send back: delivery reports (RFC 3464 and older letters), complaints (RFC 5965), automatic replies.

`classify` says which of these a message is, whom it is about and what became of each. It believes a letter without a
machine-readable part only when a mail server signs it: a bounce that a person forwards is a person's message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Literal, NamedTuple

from crm360.sources import mailbox_text
from crm360.sources.bounce_reasons import Kind, enhanced_code, kind_of
from crm360.sources.bounce_texts import any_address, failed, report_and_original

_SERVERS = frozenset(
    {
        "mailer-daemon",
        "postmaster",
        "post_master",
        "poostmaster",
        "mail.delivery.system",
        "mailerdaemon",
        "maildaemon",
        "bounce",
        "bounces",
        "",
    }
)
#: Senders that may be a mail server; a returned message tells.
_NOBODY = frozenset({"no-reply", "noreply", "no_reply", "donotreply", "do-not-reply"})
_DELAYED = re.compile(
    r"warning message only|this is a warning only|has not yet been delivered|will be retried|still being retried|is delayed for more than"
    r"|delivery attempts will continue|has been delayed|temporary failure report|could not send (?:mail|message) for past",
    re.IGNORECASE,
)
#: How servers without a telling address head their letters; a person who forwards one starts with "Fwd:".
_SUBJECT = re.compile(
    r"[\W_]*(?:(?:mail|message|e-?mail|delivery|your message\b.*|warning: \S+@\S+|failure|notice|returned|permanent|system|automatically|error)\W+){0,3}"
    r"(?:undeliver|non-?deliver|not delivered|delivery (?:fail|problem|status|error|notification|report)|could not be delivered|returned mail|failure notice|user unknown"
    r"|niedostarcz|nie dostarczono|zwrot wiadomości|unzustellbar|non remis|non recapitabile)",
    re.IGNORECASE,
)
_REPLY_SUBJECT = re.compile(
    r"automatic reply|auto(?:matic)?[ -]?(?:reply|respon)|out of (?:the )?office|abwesenheit|automatyczna odpowied|odpowiedź automatyczna|poza biurem|nieobecno|réponse automatique|risposta automatica",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]{2,40}):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_COMPLAINTS: dict[str, Kind] = {"abuse": "complaint", "fraud": "complaint", "opt-out": "unsubscribed", "opt-out-list": "unsubscribed"}  # fmt: skip
_MESSAGE_ID = re.compile(r"^message-id:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^to:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.IGNORECASE | re.MULTILINE)
_COMPLAINED_TO = re.compile(r"^x-hmxmroriginalrecipient:\s*(\S+@\S+)", re.IGNORECASE | re.MULTILINE)
_MOST_RECIPIENTS = 100


class Outcome(NamedTuple):
    """What became of one recipient. `status` an RFC 3463 code or ""; `reason` the server's words."""

    address: str
    kind: Kind
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a machine tells of a message we sent. `original_id` is that message's Message-ID, "" when it does not say.

    `what`: delivery, feedback (complaints and opt-outs), or auto_reply, which has no outcomes.
    """

    what: Literal["delivery", "feedback", "auto_reply"]
    outcomes: tuple[Outcome, ...] = ()
    original_id: str = ""
    #: What kind of feedback, also when the provider hides whose it is.
    feedback: Kind | None = None


def classify(message: Message, *, own: frozenset[str] = frozenset()) -> Report | None:
    """The report a message is, or None when it is a message of its own. `own`: our addresses, which are never the failed."""
    letter = _letter(message)
    if report := _feedback(message, letter) or _notification(letter):
        return report
    if not (_is_report(message) or letter.blocks or _is_servers(message, letter)):
        return Report(what="auto_reply") if _is_auto_reply(message) else None
    ours = own | {address.lower() for _, address in getaddresses([mailbox_text.raw_header(message, "To")])}
    outcomes = _delivery(message, letter, ours)
    return Report(what="delivery", outcomes=outcomes, original_id=letter.original_id(message)) if outcomes else None


class _Letter(NamedTuple):
    """A message taken apart: its words, its machine-readable blocks of fields, and the message it returns."""

    words: str
    blocks: list[dict[str, str]]
    feedback: dict[str, list[str]]
    original: str

    def original_id(self, message: Message) -> str:
        found = _MESSAGE_ID.search(self.original)
        answered = re.search(r"<([^<>\s]+)>", mailbox_text.raw_header(message, "In-Reply-To"))
        return (found or answered)[1][:500] if found or answered else ""  # type: ignore[index]

    def original_recipients(self) -> list[str]:
        found = _TO.search(self.original or self.words)
        named = [address for _, address in getaddresses([found[1]])] if found else []
        return [address for address in named if "@" in address]


def _letter(message: Message) -> _Letter:
    words: list[str] = []
    blocks: list[dict[str, str]] = []
    feedback: dict[str, list[str]] = {}
    original = ""
    for kind, text in _parts(message):
        if kind == "message/feedback-report":
            for name, value in _FIELD.findall(text):
                feedback.setdefault(name.lower(), []).append(_unfolded(value))
        elif kind == "original":
            original = original or text
        elif kind == "message/delivery-status":
            blocks += _blocks(text)
        else:
            said, returned = report_and_original(text)
            # Broken boundaries and home-made reports leave the fields among the words.
            blocks += [] if blocks else _blocks(said)
            words.append(said)
            original = original or returned
    return _Letter("\n".join(words), blocks, feedback, original)


def _parts(message: Message) -> Iterator[tuple[str, str]]:
    """(kind, text) of every part that holds words, the returned message as one text of kind "original"."""
    kind = message.get_content_type()
    if kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
        yield "original", _flat(message)
    elif kind in ("message/delivery-status", "message/feedback-report", "message/global-delivery-status"):
        yield kind.replace("global-", ""), _flat(message)
    elif message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
    elif kind == "text/html":
        yield kind, mailbox_text.without_tags(_decoded(message))
    elif kind.startswith(("text/", "multipart/")) and not mailbox_text.file_name(message):
        yield kind, _decoded(message)


def _flat(part: Message) -> str:
    """A part inside of which the parser may have found messages, as one text again."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _decoded(part)
    inside = (each for each in payload if isinstance(each, Message))
    return "\n\n".join(f"{_head(each)}\n\n{_flat(each)}"[:20_000] for each in inside)


def _head(message: Message) -> str:
    return "\n".join(f"{name}: {value}" for name, value in message.items())


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(part.get_payload() or "").encode("utf-8", "surrogateescape")
    charset = part.get_param("charset")
    named = charset if isinstance(charset, str) else "iso-2022-jp" if b"\x1b$" in raw else None
    return mailbox_text.decoded(raw, named).replace("\r\n", "\n").replace("\r", "\n")


def _unfolded(value: str) -> str:
    return " ".join(value.split())


def _blocks(text: str) -> list[dict[str, str]]:
    """Groups of fields that name a recipient; groups are parted by blank lines."""
    found = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        fields = {name.lower(): _unfolded(value) for name, value in _FIELD.findall(paragraph)}
        named = fields.keys() & {"final-recipient", "original-recipient"}
        if named and fields.keys() & {"action", "status", "diagnostic-code"}:
            found.append(fields)
    return found[:_MOST_RECIPIENTS]


def _feedback(message: Message, letter: _Letter) -> Report | None:
    """A complaint or opt-out that a mailbox provider passes on."""
    kinds = letter.feedback.get("feedback-type", [])
    if kinds:
        kind = _COMPLAINTS.get(kinds[0].lower())
        fields = [*letter.feedback.get("original-rcpt-to", []), *letter.feedback.get("removal-recipient", [])]
        named = [any_address(value) for value in fields]
    elif found := _COMPLAINED_TO.search(letter.original):
        kind, named = "complaint", [found[1]]
    else:
        return None
    # A provider that hides whom it was leaves the address of the message complained about.
    addresses = [address for address in named if address] or letter.original_recipients()
    outcomes = (
        tuple(Outcome(address, kind, reason=_unfolded(letter.words)[:300]) for address in addresses) if kind else ()
    )
    return Report(what="feedback", outcomes=outcomes, original_id=letter.original_id(message), feedback=kind)


def _notification(letter: _Letter) -> Report | None:
    """Amazon SES events that somebody subscribed by e-mail."""
    start = letter.words.strip()
    if not start.startswith('{"') or '"notificationType"' not in start:
        return None
    try:
        document, _ = json.JSONDecoder(strict=False).raw_decode(start)
        mail, bounce, complaint = (document.get(name) or {} for name in ("mail", "bounce", "complaint"))
        outcomes = [
            Outcome(
                each["emailAddress"],
                kind_of(
                    action="failed", status=each.get("status", ""), diagnostic=each.get("diagnosticCode", ""), told=""
                ),
                each.get("status", ""),
                each.get("diagnosticCode", ""),
            )
            for each in bounce.get("bouncedRecipients", [])
        ]
        outcomes += [Outcome(each["emailAddress"], "complaint") for each in complaint.get("complainedRecipients", [])]
        return Report(what="delivery", outcomes=tuple(outcomes), original_id=str(mail.get("messageId", ""))[:500])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _delivery(message: Message, letter: _Letter, own: frozenset[str]) -> tuple[Outcome, ...]:
    named = {each.address.lower(): each.told for each in failed(letter.words)}
    delayed = bool(_DELAYED.search(letter.words) or _DELAYED.search(mailbox_text.header_text(message, "Subject")))
    everything = _unfolded(letter.words)[:4000]
    outcomes: dict[str, Outcome] = {}
    for block in letter.blocks or ([] if named else _blocks(letter.original)):
        address = _recipient(block) or _only(letter, own)
        if address:
            alone = everything if len(letter.blocks) == 1 else ""
            outcomes[address.lower()] = _outcome(address, block, named.get(address.lower()) or alone, alone, delayed)
    if not outcomes:
        said, told_of = _failed_header(message), [address for address in named if address not in own] or list(named)
        # The header knows where a message was forwarded, the words also whom it was written to.
        addresses = told_of if len(told_of) >= len(said) else said
        for address in addresses or _fallback(letter, own):
            alone = everything if len(named) < 2 else ""
            outcomes[address.lower()] = _outcome(address, {}, named.get(address.lower(), ""), alone, delayed)
    return tuple(outcomes.values())[:_MOST_RECIPIENTS]


def _outcome(address: str, block: dict[str, str], told: str, around: str, delayed: bool) -> Outcome:
    action = block.get("action", "").partition(" ")[0]
    status = enhanced_code(block.get("status", "")) or ""
    diagnostic = block.get("diagnostic-code", "").removeprefix("smtp;").strip()
    said = kind_of(action=action, status=status, diagnostic=diagnostic, told=told, around=around)
    kind: Kind = "delayed" if delayed else said
    return Outcome(
        address, kind, status or enhanced_code(diagnostic) or enhanced_code(told), (diagnostic or told or around)[:500]
    )


def _recipient(block: dict[str, str]) -> str:
    """Whom we wrote to rather than where it was forwarded."""
    for name in ("original-recipient", "final-recipient"):
        written = block.get(name, "").rpartition(";")[2].strip()
        bare = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), written) if name[0] == "o" else written
        if "|" not in bare and not bare.startswith("/") and (address := any_address(bare)):
            return address
    return ""


def _failed_header(message: Message) -> list[str]:
    return [part.strip() for part in mailbox_text.raw_header(message, "X-Failed-Recipients").split(",") if "@" in part]


def _only(letter: _Letter, own: frozenset[str]) -> str:
    addresses = [each.address for each in failed(letter.words)] or _fallback(letter, own)
    return addresses[0] if addresses else ""


def _fallback(letter: _Letter, own: frozenset[str]) -> Sequence[str]:
    """Whom the returned message was for, when the letter names nobody."""
    return [address for address in letter.original_recipients() if address.lower() not in own][:1]


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report" or message.get("X-Failed-Recipients") is not None


def _is_servers(message: Message, letter: _Letter) -> bool:
    local = parseaddr(mailbox_text.raw_header(message, "From"))[1].lower().partition("@")[0]
    empty = mailbox_text.raw_header(message, "Return-Path").replace(" ", "") == "<>"
    returned = local in _NOBODY and bool(letter.original and failed(letter.words))
    headed = bool(_SUBJECT.match(mailbox_text.header_text(message, "Subject")) and failed(letter.words))
    return local in _SERVERS or returned or headed or (empty and not _is_auto_reply(message))


def _is_auto_reply(message: Message) -> bool:
    submitted = mailbox_text.raw_header(message, "Auto-Submitted").lower()
    return (
        submitted.startswith("auto-replied")
        or any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond"))
        or bool(_REPLY_SUBJECT.search(mailbox_text.header_text(message, "Subject")))
    )

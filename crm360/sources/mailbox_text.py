"""Words out of raw mail: encoded headers, undeclared code pages, HTML bodies."""

from __future__ import annotations

import email
import re
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from html.parser import HTMLParser

from crm360.sources.text_encoding import guess_encoding

BODY_LIMIT = 20_000
_SPACES = re.compile(r"\s+")
_FOLD = re.compile(r"\s*[\r\n]+\s*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_BREAKING = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "hr"})
_SILENT = frozenset({"script", "style", "head", "title"})


class _Untouched(Compat32):
    """Hands headers out as they came. The newer policy raises on headers that real mail has; the older one turns
    undeclared 8-bit letters into question marks."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


def parse(body: bytes) -> Message:
    """The message in its parts. Raises MessageError, ValueError or RecursionError for what is no message."""
    return email.message_from_bytes(body, policy=_Untouched())


def decoded(raw: bytes, charset: str | None) -> str:
    """Bytes in the declared charset; in the guessed one when it is missing, unknown or wrong."""
    for encoding in (charset, guess_encoding(raw)):
        # "us-ascii" and "unknown-8bit" are what mailers declare when they declare nothing.
        if encoding and encoding.lower() not in ("unknown-8bit", "us-ascii"):
            try:
                return _UNSTORABLE.sub("", raw.decode(encoding))
            except (LookupError, ValueError):
                continue
    return _UNSTORABLE.sub("", raw.decode("cp1250", "replace"))


def header_text(message: Message, name: str) -> str:
    """A header as people read it, unfolded, RFC 2047 words and raw 8-bit letters decoded; "" when absent."""
    return words(raw_header(message, name))


def raw_header(message: Message, name: str) -> str:
    """A header's undecoded text, unfolded."""
    value = message.get(name, "")
    return _FOLD.sub(" ", _recovered(str(value))).strip()


def _recovered(value: str) -> str:
    """8-bit bytes, which the parser smuggles through as lone surrogates, read in the likeliest encoding."""
    if not any("\ud800" <= character <= "\udfff" for character in value):
        return value
    return decoded(value.encode("utf-8", "surrogateescape"), None)


def words(value: str) -> str:
    """RFC 2047 encoded words decoded; what is broken stays as it was written."""
    try:
        parts = decode_header(value)
    except (MessageError, ValueError, AssertionError):
        return value
    text = "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)
    return _UNSTORABLE.sub("", text).strip()


def body_text(message: Message) -> str:
    """The message's words, at most 20,000 characters: its plain text, else its HTML without the tags."""
    html = ""
    for part in message.walk():
        if part.is_multipart() or file_name(part) or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and (plain := _part_text(part).strip()):
            return plain[:BODY_LIMIT]
        if kind == "text/html" and not html:
            html = without_tags(_part_text(part))
    return html[:BODY_LIMIT]


def _part_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = part.get_param("charset")
    return decoded(raw, charset if isinstance(charset, str) else None).replace("\r\n", "\n").replace("\r", "\n")


def file_name(part: Message) -> str:
    """An attachment's name (RFC 2231 and 2047), or ""."""
    try:
        name = part.get_filename()
    except (LookupError, ValueError, TypeError, AttributeError):
        return "attachment"
    return words(_recovered(name)) if name else ""


def attachment_names(message: Message) -> tuple[str, ...]:
    """Names of everything that is not the message's own text."""
    names = []
    for part in message.walk():
        if part.is_multipart():
            continue
        name = file_name(part)
        if name or part.get_content_disposition() == "attachment":
            names.append(name or "attachment")
    return tuple(names)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKING:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKING:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(_SPACES.sub(" ", data))


def without_tags(html: str) -> str:
    """HTML → the words a reader sees, one block per line."""
    parser = _Text()
    # A hostile document cannot cost more than a long one: what is beyond the kept length is not even parsed.
    parser.feed(html[: BODY_LIMIT * 20])
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

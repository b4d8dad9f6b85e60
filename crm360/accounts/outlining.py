"""What is no JSON and no form, in outline: how it is built, and nothing of what it says. Pure.

Of a mail the names of its headers, of a table its cells as so many dots.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesParser

from crm360.accounts.disclosure import DOT

_HIDDEN = DOT * 3
_SHOWN_LINES = 3
_LONGEST_LINE = 400
_MOST_READ = 64 * 1024
_MOST_HEADERS, _MOST_PARTS = 40, 20
#: Headers that say what kind of message this is, and nothing of anybody.
_KINDS = {"mime-version", "auto-submitted", "precedence", "x-auto-response-suppress", "content-transfer-encoding"}
_HEADER = re.compile(rb"(?:From |[A-Za-z][A-Za-z0-9-]{1,60}:)")
_SAID = re.compile(r"[^\s,;|\t:]+(?:[ ]+[^\s,;|\t:]+)*")
_WORD = re.compile(r"[a-z][a-z0-9.+/-]{0,60}")


def outline(body: bytes) -> str | None:
    """The structure of a text, or None for what is no text."""
    if not body.strip() or b"\x00" in body[:_MOST_READ]:
        return None
    if _HEADER.match(body):
        said = BytesParser().parsebytes(body[:_MOST_READ])
        if said.keys():
            return _mail(said)
    return _table(body)


def _mail(said: Message) -> str:
    headers = [f"{name}: {_value(name, str(value))}" for name, value in said.items()[:_MOST_HEADERS]]
    parts = [f"[{_kind(part.get_content_type())}]" for part in list(said.walk())[:_MOST_PARTS]]
    return "\n".join([*headers, " ".join(parts)])


def _value(name: str, value: str) -> str:
    if name.lower() == "content-type":
        return _kind(value.partition(";")[0].strip().lower())
    return _kind(value.strip().lower()) if name.lower() in _KINDS else _HIDDEN


def _kind(word: str) -> str:
    return word if _WORD.fullmatch(word) or word == "1.0" else _HIDDEN


def _table(body: bytes) -> str:
    lines = body[:_MOST_READ].decode("utf-8", "replace").splitlines()
    shown = [_SAID.sub(_HIDDEN, line[:_LONGEST_LINE]) for line in lines[:_SHOWN_LINES]]
    return "\n".join(shown + ([f"(+{len(lines) - len(shown)})"] if len(lines) > len(shown) else []))

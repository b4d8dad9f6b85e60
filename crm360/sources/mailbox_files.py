"""Mail files → single messages: mbox archives read one message at a time, .eml files whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

#: "From sender date": the date tells it from a sentence that starts with "From".
_POSTMARK = re.compile(rb"From \S*.*\d\d:\d\d")
_ESCAPED = re.compile(rb">+From ")


def split_mbox(stream: BinaryIO) -> Iterator[bytes]:
    """Messages of an mbox archive, ">From " unescaped; memory for one message at a time.

    A stream that does not start with a postmark is one .eml message. An empty stream holds none.
    """
    first = stream.readline()
    while first and not first.strip():
        first = stream.readline()
    if not _POSTMARK.match(first):
        whole = first + stream.read()
        if whole.strip():
            yield whole
        return
    yield from _messages(stream)


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    lines: list[bytes] = []
    after_blank = False
    for line in stream:
        if after_blank and _POSTMARK.match(line):
            yield _joined(lines)
            lines = []
        else:
            lines.append(line[1:] if _ESCAPED.match(line) else line)
        after_blank = not line.strip(b"\r\n")
    if lines:
        yield _joined(lines)


def _joined(lines: list[bytes]) -> bytes:
    # The blank line before the next postmark belongs to the archive, not to the message.
    return b"".join(lines[:-1] if lines and not lines[-1].strip(b"\r\n") else lines)

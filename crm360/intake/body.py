"""A request's body as the sender meant it: unpacked when its own bytes say it is gzip, bounded either way."""

from __future__ import annotations

import zlib
from typing import IO

from crm360.kernel.errors import Invalid

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31


class BodyTooLarge(Invalid):
    """The body, or what it unpacks to, is larger than the door takes. `start` holds the bytes that were read of it."""

    status, title = 413, "Too large"

    def __init__(self, message: str, start: bytes = b"") -> None:
        super().__init__(message)
        self.start = start


class BodyUnreadable(ValueError):
    """The body cannot be taken apart; the message says why."""


def take(stream: IO[bytes], *, limit: int) -> bytes:
    """Everything in `stream`, of which no more than `limit` bytes are ever held. Raises BodyTooLarge."""
    taken = bytearray()
    while piece := stream.read(min(64 * 1024, limit + 1 - len(taken))):
        taken += piece
        if len(taken) > limit:
            raise BodyTooLarge(_too_much(limit), bytes(taken))
    return bytes(taken)


def unpack(body: bytes, *, limit: int) -> bytes:
    """The plain body of at most `limit` bytes. Senders label compression wrongly, so only the bytes are believed.

    Raises BodyTooLarge, and BodyUnreadable for a broken archive.
    """
    plain = body if not body.startswith(_GZIP) else _inflate(body, limit)
    if len(plain) > limit:
        raise BodyTooLarge(_too_much(limit), body)
    return plain


def _too_much(limit: int) -> str:
    return f"A request may hold at most {limit // 1024} KB, unpacked."


def _inflate(body: bytes, limit: int) -> bytes:
    """Every member of a gzip file, one byte more than `limit` at most."""
    plain = bytearray()
    rest = body
    while rest and len(plain) <= limit:
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            plain += stream.decompress(rest, limit + 1 - len(plain))
        except zlib.error:
            raise BodyUnreadable("The body starts like gzip and cannot be unpacked.") from None
        if not stream.eof and len(plain) <= limit:
            raise BodyUnreadable("The gzip body ends too early.")
        rest = stream.unused_data.lstrip(b"\0")
    return bytes(plain)

"""A request's body as the sender meant it: unpacked when its own bytes say it is gzip, bounded either way."""

from __future__ import annotations

import zlib

from crm360.kernel.errors import Invalid

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31


class BodyTooLarge(Invalid):
    """The body, or what it unpacks to, is larger than the door takes."""

    status, title = 413, "Too large"


class BodyUnreadable(ValueError):
    """The body cannot be taken apart; the message says why."""


def unpack(body: bytes, *, limit: int) -> bytes:
    """The plain body of at most `limit` bytes. Senders label compression wrongly, so only the bytes are believed.

    Raises BodyTooLarge, and BodyUnreadable for a broken archive.
    """
    plain = body if not body.startswith(_GZIP) else _inflate(body, limit)
    if len(plain) > limit:
        raise BodyTooLarge(f"A request may hold at most {limit // 1024} KB, unpacked.")
    return plain


def _inflate(body: bytes, limit: int) -> bytes:
    """Every member of a gzip file, one byte more than `limit` at most."""
    plain = bytearray()
    while body and len(plain) <= limit:
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            plain += stream.decompress(body, limit + 1 - len(plain))
        except zlib.error:
            raise BodyUnreadable("The body starts like gzip and cannot be unpacked.") from None
        if not stream.eof and len(plain) <= limit:
            raise BodyUnreadable("The gzip body ends too early.")
        body = stream.unused_data.lstrip(b"\0")
    return bytes(plain)

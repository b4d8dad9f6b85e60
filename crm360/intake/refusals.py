"""What the tracking door cannot take: kept in quarantine when a known site sent it, counted when nobody knows who did."""

from __future__ import annotations

import re

from flask import Response, request

from crm360.inbox.operations import NewPayload, content_key
from crm360.intake import answers, write_keys
from crm360.intake.body import BodyTooLarge, BodyUnreadable, unpack
from crm360.intake.calls import Refused
from crm360.intake.inlets import keep

#: Of a body nobody can read this much is kept: enough to see what it was, and to mend what people write by hand.
KEPT_BYTES = 256 * 1024
_KEY = re.compile(rb'"writeKey"\s*:\s*"([\x20-\x7e]{1,200}?)"')


def keep_unreadable(body: bytes, reason: str, *, status: int) -> Response:
    """A body that cannot be taken apart waits in quarantine, and the sender is told why, with `status`.

    Raises UnknownWriteKey when the request names no valid key, not even inside the wreck.
    """
    inlet = write_keys.inlet_of(_rescued_key(body))
    headers = {"path": request.path}
    kept, told = body[:KEPT_BYTES], reason
    if len(kept) < len(body) or status == BodyTooLarge.status:
        headers["bytes"] = str(request.content_length or len(body))
        told = f"{reason} Its first {len(kept) // 1024} KB are kept."
    keep(inlet, (), [Refused(NewPayload(content_key(body), kept, headers), told)])
    return answers.failure(status, reason)


def _rescued_key(body: bytes) -> str:
    """The write key that can still be read in a broken body."""
    try:
        start = unpack(body, limit=KEPT_BYTES)
    except (BodyTooLarge, BodyUnreadable):
        start = body[:KEPT_BYTES]
    found = _KEY.search(start)
    return found[1].decode() if found else ""

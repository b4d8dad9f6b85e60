"""Mail that is due goes to the mail server, over one connection, no faster than allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import dkim
from structlog import get_logger

from crm360.jobs import posting
from crm360.jobs.job import Limits
from crm360.kernel import clock, letterbox
from crm360.outreach import leaving, plan

log = get_logger(__name__)

#: A round ends after so many letters, so that a stopping worker is not kept.
MOST_AT_ONCE = 2000


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many letters were settled. Without a mail server nothing is taken in hand; letters wait."""
    if not limits.smtp_url:
        return 0
    sender = posting.Sender(limits.mail_from, limits.shop_name, signer(limits))
    settled, hold = 0, partial(leaving.holds, house=plan.house(limits))
    with letterbox.carrier(limits.smtp_url, password=limits.smtp_password) as carrier:
        pace = posting.Pace(limits.mail_rate)
        while settled < MOST_AT_ONCE:
            tally = posting.send_due(carry=carrier.carry, sender=sender, clock=clock.now, pace=pace, hold=hold)
            if tally.unknown:
                log.warning("letters of unknown outcome; nobody sends them again by itself", count=tally.unknown)
            settled += tally.total
            if not tally.total:
                break
    return settled


def signer(limits: Limits) -> Callable[[bytes], bytes]:
    """What puts a DKIM signature over a message, when the shop has a key."""
    if not limits.dkim_key_file:
        return lambda message: message
    key = Path(limits.dkim_key_file).read_bytes()
    domain = limits.mail_from.rpartition("@")[2].encode()
    covered = [b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
               b"list-unsubscribe", b"list-unsubscribe-post"]  # fmt: skip

    def sign(message: bytes) -> bytes:
        names = {line.partition(b":")[0].lower() for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        headers = [name for name in covered if name in names]
        return bytes(dkim.sign(message, limits.dkim_selector.encode(), domain, key, include_headers=headers)) + message

    return sign

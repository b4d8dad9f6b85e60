"""Senders that wait for an address or a certificate to be fetched (Amazon SNS) get what they wait for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from structlog import get_logger

from crm360.inbox import operations, queries
from crm360.inbox.queries import Awaited
from crm360.jobs.job import Limits
from crm360.kernel import http
from crm360.kernel.db import db
from crm360.sources import sns

log = get_logger(__name__)

#: Fetches an address; None when it has to be tried again. Raises Refused when it never will answer.
Fetch = Callable[[str], bytes | None]
LIMITS = http.Limits(total=15, largest=100_000)


class Refused(Exception):
    """The address answered that it will not."""


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many senders were answered. Only addresses of Amazon's are fetched, and no private ones."""
    return answer_all(_fetching(http.Client()))


def something_waits() -> bool:
    """Whether a sender waits."""
    return bool(queries.awaited())


def answer_all(fetch: Fetch) -> int:
    """Fetch what is awaited, each outside any transaction, and settle it in one of its own."""
    waiting = queries.awaited()
    db.session.commit()
    answered = 0
    for each in waiting:
        answered += _certified(each, fetch) if each.certificate_url else 0
        answered += _agreed(each, fetch) if each.confirm_url else 0
    return answered


def _certified(each: Awaited, fetch: Fetch) -> bool:
    try:
        body = fetch(each.certificate_url) if sns.is_amazons(each.certificate_url) else b""
    except Refused:
        body = b""
    if body is None:
        return False
    kept = body.decode("ascii", "replace") if body and sns.is_certificate(body) else ""
    operations.keep_certificate(source_id=each.source_id, url=each.certificate_url, certificate=kept)
    db.session.commit()
    log.info("certificate fetched", source_id=each.source_id, usable=bool(kept))
    return True


def _agreed(each: Awaited, fetch: Fetch) -> bool:
    try:
        agreed = fetch(each.confirm_url) if sns.is_amazons(each.confirm_url) else b""
    except Refused:
        log.warning("subscription refused", source_id=each.source_id)
        agreed = b""
    if agreed is None:
        return False
    operations.confirmed(source_id=each.source_id, url=each.confirm_url)
    db.session.commit()
    log.info("subscription agreed to", source_id=each.source_id)
    return True


def _fetching(client: http.Client) -> Fetch:
    def fetch(url: str) -> bytes | None:
        try:
            response = client.send(http.Request(method="GET", url=url), LIMITS)
        except http.Failed as failure:
            log.warning("not fetched", reason=failure.symbol)
            return None
        if response.status == 200:
            return response.body
        if response.status >= 500 or response.status == 429:
            return None
        raise Refused

    return fetch

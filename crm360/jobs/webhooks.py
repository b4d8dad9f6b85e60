"""Outgoing webhooks on their way: claimed and committed, spoken in threads without a database, then settled.

A worker killed in the middle loses nothing: what it had claimed is taken over when the lease ends, and may arrive
twice under one id. Several workers share the queue, for each claims what no other holds.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Flask
from structlog import get_logger

from crm360.accounts import audit
from crm360.accounts.audit import Actor
from crm360.kernel import clock, dialects, http, sealing, signing
from crm360.kernel.db import db
from crm360.webhooks import delivering
from crm360.webhooks.delivering import Claimed, Outcome

#: Calls under way at one time: a receiver that hangs holds up its own deliveries, not the others'.
PER_ENDPOINT = 4
POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
#: What is under way when the worker is told to end may finish within this time.
FAREWELL_SECONDS = 1.5
LIMITS = http.Limits(connect=5, read=10, total=15, largest=100_000, cut=True)

log = get_logger(__name__)


class Said(NamedTuple):
    """A call that ended, and how."""

    claimed: Claimed
    outcome: Outcome


class Courier:
    """Carries deliveries of one worker; `key` opens sealed secrets."""

    def __init__(self, client: http.Client, key: str, *, now: Callable[[], datetime] = clock.now):
        self.client, self.key, self.now = client, key, now
        self.under_way: dict[int, Claimed] = {}
        self.ended: queue.Queue[Said] = queue.Queue()

    def round(self, *, wait: float) -> bool:
        """Settle what ended (waiting a little while something is under way), take up what is due.

        Returns whether anything is under way.
        """
        said = self._ended(wait if self.under_way else 0)
        if said or self._anything_due():
            taken = self._settle(said, claim=True)
            self.under_way |= {claimed.delivery_id: claimed for claimed in taken}
            for claimed in taken:
                threading.Thread(target=self._speak, args=[claimed], daemon=True, name="webhook").start()
        return bool(self.under_way)

    def deliver_all(self) -> None:
        """Until nothing is due and nothing under way."""
        while self.round(wait=LIMITS.total):
            continue

    def finish(self) -> None:
        """Give calls under way a moment, and settle those that end; what does not is taken up again later."""
        while self.under_way and (said := self._ended(FAREWELL_SECONDS)):
            self._settle(said)

    def _settle(self, said: Sequence[Said], *, claim: bool = False) -> list[Claimed]:
        """Settle and claim in one transaction; when it fails, what was said is kept for the next round."""
        dialects.set_may_write(True)
        heard = {each.claimed.delivery_id for each in said}
        try:
            self._settle_within(said)
            busy = Counter(each.endpoint_id for id_, each in self.under_way.items() if id_ not in heard)
            taken = delivering.claim(per_endpoint=PER_ENDPOINT, busy=busy, now=self.now()) if claim else []
            db.session.commit()
        except BaseException:
            db.session.rollback()
            for each in said:
                self.ended.put(each)
            raise
        for delivery_id in heard:
            self.under_way.pop(delivery_id, None)
        return taken

    def _settle_within(self, said: Sequence[Said]) -> None:
        for claimed, outcome in said:
            now = self.now()
            if reason := delivering.settle(claimed=claimed, outcome=outcome, now=now):
                log.error("webhook endpoint paused", endpoint_id=claimed.endpoint_id, reason=reason)
                audit.record(
                    actor=Actor("system", None, "crm360"), action="webhook.paused", subject_kind="webhook",
                    subject_id=claimed.endpoint_id, details={"reason": reason}, now=now,
                )  # fmt: skip

    def _anything_due(self) -> bool:
        with dialects.reading():
            due = delivering.anything_due(now=self.now())
            db.session.rollback()
        return due

    def _ended(self, wait: float) -> list[Said]:
        """Calls that ended; waits so long for the first."""
        said: list[Said] = []
        try:
            said.append(self.ended.get(timeout=wait) if wait else self.ended.get_nowait())
            while True:
                said.append(self.ended.get_nowait())
        except queue.Empty:
            return said

    def _speak(self, claimed: Claimed) -> None:
        self.ended.put(Said(claimed, self._outcome(claimed)))

    def _outcome(self, claimed: Claimed) -> Outcome:
        try:
            answer = self.client.send(request(claimed, key=self.key, now=self.now()), LIMITS)
        except http.Failed as failure:
            return Outcome(symbol=failure.symbol, excerpt=failure.detail, seconds=failure.elapsed)
        except sealing.CannotUnseal as error:
            return Outcome(symbol="cannot_sign", excerpt=error.message)
        except Exception as error:
            log.exception("webhook call failed", delivery_id=claimed.delivery_id)
            return Outcome(symbol="connection_failed", excerpt=type(error).__name__)
        text = answer.body.decode("utf-8", "replace").replace("\0", "")
        return Outcome(status=answer.status, headers=answer.headers, excerpt=text, seconds=answer.elapsed)


def request(claimed: Claimed, *, key: str, now: datetime) -> http.Request:
    """The event as it goes out, signed by every secret in force. Raises CannotUnseal."""
    body, timestamp = claimed.body.encode(), int(now.timestamp())
    signatures = [
        signing.standard_webhook(
            sealing.unseal(sealed, key=key), message_id=claimed.message_id, timestamp=timestamp, body=body
        )
        for sealed in claimed.sealed
    ]
    headers = {
        "content-type": "application/json",
        "webhook-id": claimed.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
    return http.Request(method="POST", url=claimed.url, headers=headers, body=body)


def courier(app: Flask) -> Courier:
    """A courier with the settings of `app`."""
    settings = app.config["SETTINGS"]
    return Courier(http.Client(private_targets=settings.private_targets), settings.secret_key)


def start(app: Flask, stopping: threading.Event) -> threading.Thread:
    """Carry deliveries in a thread of their own until `stopping` is set."""
    thread = threading.Thread(target=work, args=[app, stopping], name="webhooks")
    thread.start()
    return thread


def work(app: Flask, stopping: threading.Event) -> None:
    """Round after round; a failure is logged, and the next round tries again."""
    carrying, pause = courier(app), POLL_SECONDS
    while not stopping.is_set():
        try:
            with app.app_context():
                busy = carrying.round(wait=POLL_SECONDS)
            pause = POLL_SECONDS
        except Exception:
            log.exception("webhooks failed; they will be tried again", pause_seconds=pause)
            busy, pause = False, min(pause * 2, LONGEST_PAUSE_SECONDS)
        if not busy:
            stopping.wait(pause)
    with app.app_context():
        carrying.finish()

"""Systems that passed requests on after OpenDSR hear of each status at the addresses they named, signed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from structlog import get_logger

from crm360.flows import requesting
from crm360.jobs.job import Limits
from crm360.kernel import clock, http, urls
from crm360.kernel.db import db
from crm360.privacy import calling_back, handling
from crm360.privacy.models import Callback, Case
from crm360.webhooks import retrying

AT_ONCE = 20
LIMITS = http.Limits(connect=5, read=10, total=10, largest=10_000, cut=True)

log = get_logger(__name__)


class Call(NamedTuple):
    """What is said where: plain values, for it is spoken outside any transaction."""

    callback_id: int
    case_id: int
    number: int
    url: str
    status: str
    word: str
    body: bytes


class Outcome(NamedTuple):
    """The answer's status, or the symbol of a failure; how long the receiver wants to be left alone."""

    status: int | None
    symbol: str = ""
    asked: timedelta = timedelta(0)

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def something_waits(*, now: datetime) -> bool:
    """Whether some address should hear of a request."""
    return calling_back.anything_due(now=now)


def run(*, limits: Limits, now: datetime) -> int:
    """Tell whom a status is news to; returns how many heard it."""
    calls = [_call(*each) for each in calling_back.claim(most=AT_ONCE, now=now)]
    db.session.commit()
    client = http.Client(private_targets=limits.private_targets)
    heard = 0
    for call in calls:
        outcome = _spoken(client, call, limits)
        heard += _settled(call, outcome, now=clock.now())
        db.session.commit()
    return heard


def _call(callback: Callback, case: Case) -> Call:
    told = requesting.told(case) | {
        "request_status": requesting.status(case),
        "status_callback_url": callback.url,
        "api_version": requesting.API_VERSION,
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    return Call(callback.id, case.id, callback.attempts, callback.url, case.status, told["request_status"], body)


def _spoken(client: http.Client, call: Call, limits: Limits) -> Outcome:
    signed = requesting.signature(call.body, public_url=limits.public_url, seed=limits.ledger_key)
    headers = {"content-type": "application/json", **signed}
    try:
        answer = client.send(http.Request(method="POST", url=call.url, headers=headers, body=call.body), LIMITS)
    except http.Failed as failure:
        return Outcome(None, failure.symbol)
    return Outcome(answer.status, asked=retrying.asked_for(answer.status, answer.headers, clock.now()))


def _settled(call: Call, outcome: Outcome, *, now: datetime) -> bool:
    told = {"status": call.word, "host": urls.place(call.url).host}
    if outcome.arrived:
        calling_back.heard(callback_id=call.callback_id, status=call.status, now=now)
        handling.note(case_id=call.case_id, what="called_back", by="crm360", now=now, details=told)
        return True
    wait = (
        None if outcome.status == retrying.GONE else retrying.pause_after(call.number, f"callback {call.callback_id}")
    )
    why = outcome.symbol or str(outcome.status)
    log.warning("callback not taken", case_id=call.case_id, why=why, last=wait is None)
    if wait is None:
        calling_back.give_up(callback_id=call.callback_id)
        handling.note(
            case_id=call.case_id, what="callback_given_up", by="crm360", now=now, details={**told, "why": why}
        )
    else:
        calling_back.again(callback_id=call.callback_id, at=now + max(wait, outcome.asked))
    return False

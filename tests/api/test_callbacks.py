"""Systems that passed requests on are told how these do, by real calls to a real receiver."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import func, select

from crm360.flows import meeting
from crm360.jobs import call_back
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.privacy import handling
from crm360.privacy.models import Callback, Case, Event
from crm360.webhooks import retrying
from tests import peers
from tests.api.conftest import Call
from tests.api.test_privacy_requests import asked
from tests.peers import Answer, Heard, Peer

Listen = Callable[..., Peer]
DATABASES = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as opened:
        yield lambda *answers, **more: opened.enter_context(peers.listening(*answers, **more))


def told(call: Call, *urls: str, kind: str = "access") -> dict[str, Any]:
    body = asked(kind=kind, status_callback_urls=list(urls))
    assert call("POST", "/opendsr_requests", json=body).status_code == 201
    return body


def case_of(session: Any) -> Case:
    return session.scalars(select(Case)).one()


def work(app: Flask, *, later: timedelta = timedelta(0)) -> int:
    """A round of the worker, as much later."""
    db.session.commit()
    now = clock.now() + later
    done = call_back.run(limits=app.config["SETTINGS"], now=now) if call_back.something_waits(now=now) else 0
    db.session.commit()
    db.session.expire_all()
    return done


def statuses(peer: Peer) -> list[str]:
    return [json.loads(heard.body)["request_status"] for heard in peer.heard]


def lines(session: Any, what: str) -> list[dict[str, Any]]:
    return list(session.scalars(select(Event.details).where(Event.what == what).order_by(Event.id)))


def check(client: Any, heard: Heard) -> None:
    """As a controller does."""
    key = x509.load_pem_x509_certificate(client.get("/api/v1/opendsr_certificate.pem").data).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(base64.b64decode(heard.headers["X-OpenDSR-Signature"]), heard.body, ec.ECDSA(hashes.SHA256()))
    assert heard.headers["X-OpenDSR-Processor-Domain"] == "127.0.0.1"


def test_each_status_is_told_once_signed_to_the_end(
    app: Flask, call: Call, client: Any, session: Any, lucja: int, listen: Listen
) -> None:
    one, other = listen(), listen()
    body = told(call, f"{one.url}/status", f"{other.url}/status", f"{one.url}/status")
    assert work(app) == 0, "the answer of the request said it"
    case = case_of(session)
    meeting.grant(case=case, by="charlie", locale="en", now=clock.now())
    assert [work(app), work(app)] == [2, 0]
    handling.finish(case=case_of(session), by="charlie", now=clock.now())
    assert [work(app), work(app)] == [2, 0]
    handling.close(case=case_of(session), by="charlie", now=clock.now())
    assert work(app) == 0
    assert statuses(one) == statuses(other) == ["in_progress", "completed"]
    for heard in one.heard:
        check(client, heard)
    assert json.loads(one.heard[0].body) == {
        "controller_id": "admin-key", "subject_request_id": body["subject_request_id"], "request_status": "in_progress",
        "expected_completion_time": f"{case.due_on}T23:59:59.000000Z", "status_callback_url": f"{one.url}/status",
        "api_version": "1.0",
    }  # fmt: skip
    assert (one.heard[0].method, one.heard[0].path, one.heard[0].headers["content-type"]) == ("POST", "/status", "application/json")  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Callback)) == 0
    assert [each["status"] for each in lines(session, "called_back")] == ["in_progress"] * 2 + ["completed"] * 2


@DATABASES
def test_a_request_taken_back_is_told_as_cancelled_and_what_says_no_is_asked_again(
    app: Flask, call: Call, session: Any, lucja: int, listen: Listen
) -> None:
    peer = listen(Answer(500), Answer(503, headers={"Retry-After": "3600"}), Answer(204))
    body = told(call, peer.url)
    assert call("DELETE", f"/opendsr_requests/{body['subject_request_id']}").status_code == 202
    assert [work(app), work(app)] == [0, 0]
    assert len(peer.heard) == 1, "not again at once"
    assert work(app, later=timedelta(seconds=10)) == 0
    assert work(app, later=timedelta(minutes=30)) == 0
    assert len(peer.heard) == 2, "it asked for an hour"
    assert work(app, later=timedelta(minutes=61)) == 1
    assert statuses(peer) == ["cancelled"] * 3


@DATABASES
def test_who_never_answers_is_given_up_and_the_log_says_so(
    app: Flask, call: Call, session: Any, lucja: int, listen: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    peer = listen(*[Answer(500)] * 20)
    told(call, f"{peer.url}/of?person=lucja.kania@example.com")
    meeting.grant(case=case_of(session), by="charlie", locale="en", now=clock.now())
    for number in range(retrying.ATTEMPTS + 2):
        work(app, later=timedelta(days=2 * number))
    assert len(peer.heard) == retrying.ATTEMPTS
    (line,) = lines(session, "callback_given_up")
    assert (line["why"], line["host"]) == ("500", "127.0.0.1")
    assert "lucja" not in caplog.text
    assert work(app, later=timedelta(days=99)) == 0


@DATABASES
@pytest.mark.parametrize(("answer", "why"), [(Answer(410), "410"), (None, "refused_address")])
def test_who_is_gone_or_private(
    app: Flask, call: Call, session: Any, lucja: int, listen: Listen, answer: Answer | None, why: str
) -> None:
    peer = listen(*([answer] if answer else []))
    told(call, peer.url if answer else "http://192.168.7.7/status")
    meeting.grant(case=case_of(session), by="charlie", locale="en", now=clock.now())
    assert work(app) == 0
    given_up = [each["why"] for each in lines(session, "callback_given_up")]
    assert given_up == ([why] if answer else [])
    assert session.scalar(select(func.count()).select_from(Callback)) == (0 if answer else 1)


@DATABASES
def test_a_worker_that_died_while_it_spoke_leaves_it_to_the_next(
    app: Flask, call: Call, session: Any, lucja: int, listen: Listen, now: datetime
) -> None:
    peer = listen()
    told(call, peer.url)
    meeting.grant(case=case_of(session), by="charlie", locale="en", now=clock.now())
    taken = call_back.calling_back.claim(most=9, now=clock.now())
    assert len(taken) == 1
    assert work(app) == 0
    assert work(app, later=call_back.calling_back.LEASE) == 1


@DATABASES
@pytest.mark.parametrize("url", ["ftp://example.com/", "https://me:secret@example.com/", "nowhere", ""])
def test_what_is_no_address_is_refused(call: Call, session: Any, lucja: int, url: str) -> None:
    answer = call("POST", "/opendsr_requests", json=asked(status_callback_urls=[url]))
    assert (answer.status_code, session.scalar(select(func.count()).select_from(Case))) == (422, 0)

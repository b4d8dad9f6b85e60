"""Amazon's way in: a certificate is waited for, a subscription agreed to, and only then do notices count."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import func, select

from crm360.consents.models import Suppression
from crm360.flows import receive
from crm360.inbox import operations as inbox
from crm360.inbox import queries
from crm360.inbox.models import Payload, Source
from crm360.jobs import answer_senders
from crm360.kernel import clock
from tests.intake.signers import ses as amazon
from tests.intake.signers.kit import Told, document

SECRET = "unguessable"
SUBSCRIBE = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t1"


@pytest.fixture
def source(session: Any, now: datetime) -> Source:
    made = inbox.create_source(name="ses", channel="ses", secret=SECRET, now=now)
    session.commit()
    return made


def sent(body: bytes, now: datetime, **changes: Any) -> bytes:
    made = json.loads(amazon.sign(Told(body, "", "", now, "")).body)
    return document(**made | changes)


def confirmation(now: datetime, **changes: Any) -> bytes:
    said = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "c1",
        "Token": "t1",
        "Message": "You have chosen",
        "SubscribeURL": SUBSCRIBE,
    }
    said |= {"TopicArn": "arn:aws:sns:eu-west-1:1:ses", "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    text = "".join(f"{name}\n{said[name]}\n" for name in sorted(said))
    signature = base64.b64encode(amazon.key().sign(text.encode(), PKCS1v15(), SHA256())).decode()
    return document(**said | {"SignatureVersion": "2", "Signature": signature, "SigningCertURL": amazon.URL} | changes)


def post(client: Any, body: bytes, token: str = SECRET) -> int:
    return int(client.post(f"/hooks/ses/ses/{token}", data=body, content_type="text/plain; charset=UTF-8").status_code)


class Amazon:
    """What is fetched, and what comes back."""

    def __init__(self, **answers: bytes | None):
        self.answers = {amazon.URL: amazon.certificate().encode(), SUBSCRIBE: b"<Confirmed/>"} | answers
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes | None:
        self.asked.append(url)
        return self.answers[url]


def kept(session: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(Payload)))


def test_from_the_subscription_to_a_suppressed_address(
    client: Any, session: Any, source: Source, now: datetime
) -> None:
    fetch = Amazon()
    assert post(client, confirmation(now)) == 503, "its certificate is not known yet"
    assert answer_senders.something_waits()
    assert answer_senders.answer_all(fetch) == 1
    assert post(client, confirmation(now)) == 200
    assert answer_senders.answer_all(fetch) == 1
    assert fetch.asked == [amazon.URL, SUBSCRIBE]
    assert not answer_senders.something_waits()
    notice = sent(amazon.SIGNER.body, now)
    assert {post(client, notice) for _ in range(3)} == {200}
    assert kept(session) == 1
    receive.process_waiting(now=clock.now())
    assert session.scalars(select(Suppression.reason)).all() == ["hard_bounced"]


def test_what_amazon_does_not_answer_is_asked_again(client: Any, session: Any, source: Source, now: datetime) -> None:
    post(client, confirmation(now))
    assert answer_senders.answer_all(Amazon(**{amazon.URL: None})) == 0
    assert answer_senders.something_waits()
    assert answer_senders.answer_all(Amazon()) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_not_kept(
    client: Any, session: Any, source: Source, now: datetime, body: bytes
) -> None:
    post(client, confirmation(now))
    answer_senders.answer_all(Amazon(**{amazon.URL: body}))
    assert post(client, sent(amazon.SIGNER.body, now)) == 503
    assert kept(session) == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.pem",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.x.amazonaws.com@evil.example/",
    ],
)
def test_nothing_is_fetched_from_elsewhere(client: Any, session: Any, source: Source, now: datetime, url: str) -> None:
    assert post(client, confirmation(now, SigningCertURL=url)) == 401
    assert queries.awaited() == []
    inbox.ask_to_confirm(source_id=source.id, url=url)
    fetch = Amazon()
    answer_senders.answer_all(fetch)
    assert (fetch.asked, queries.awaited()) == ([], [])


def test_a_forged_notice_or_subscription_is_refused(client: Any, session: Any, source: Source, now: datetime) -> None:
    post(client, confirmation(now))
    answer_senders.answer_all(Amazon())
    assert post(client, confirmation(now, Token="another")) == 401
    assert post(client, sent(amazon.SIGNER.body, now, Message="{}")) == 401
    assert post(client, sent(amazon.SIGNER.body, now), token="guessed") == 401
    assert (kept(session), queries.awaited()) == (0, [])


def test_a_source_may_name_its_topic(client: Any, session: Any, source: Source, now: datetime) -> None:
    inbox.set_source_settings(
        name="ses", settings={"topic_arn": "arn:aws:sns:eu-west-1:2:other", **amazon.SIGNER.settings}
    )
    session.commit()
    assert post(client, sent(amazon.SIGNER.body, now)) == 401


def test_only_the_last_certificates_are_kept(session: Any, source: Source) -> None:
    for number in range(9):
        inbox.keep_certificate(source_id=source.id, url=f"https://sns.{number}.amazonaws.com/x", certificate="c")
    assert len(source.settings["certificates"]) == inbox.MOST_CERTIFICATES

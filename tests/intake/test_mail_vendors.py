"""Signatures of sending services beside the vendors' own verifiers: we take what they take, and nothing else."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from sendgrid.helpers.eventwebhook import EventWebhook
from standardwebhooks import Webhook, WebhookVerificationError

from crm360.sources import resend, sendgrid, sns
from crm360.sources.channel import Delivery
from tests.intake.signers import kit
from tests.intake.signers import resend as svix
from tests.intake.signers import sendgrid as twilio
from tests.intake.signers import ses as amazon
from tests.intake.signers.kit import Sent, Told
from tests.intake.test_vendors import AT, FOLDER, needs_node, spoken, texts

URL = "https://crm.example.com/hooks/x/shop"
CASES = 100


def delivery(sent: Sent) -> Delivery:
    return Delivery(method="POST", url=URL, body=sent.body, received_at=AT, headers=dict(sent.headers))


def spoiled(sent: Sent, signature: str, rng: random.Random) -> Sent:
    """Another body, another signature, or as it was."""
    match rng.randrange(3):
        case 0:
            return Sent(sent.body.replace(b"1", b"2") + b" ", sent.headers)
        case 1:
            changed = sent.headers[signature]
            return sent.having(**{signature: changed[:-4] + ("A" if changed[-4] != "A" else "B") + changed[-3:]})
    return sent


def test_sendgrids_own_verifier_says_the_same() -> None:
    rng, theirs = random.Random("sendgrid"), EventWebhook()
    verdicts = []
    for number in range(CASES):
        sent = twilio.sign(Told(texts(rng), twilio.PUBLIC, URL, AT, f"d{number}"))
        sent = spoiled(sent, twilio.PREFIX + "signature", rng)
        key = theirs.convert_public_key_to_ecdsa(twilio.PUBLIC)
        stated = (sent.headers[twilio.PREFIX + "signature"], sent.headers[twilio.PREFIX + "timestamp"])
        verdict = theirs.verify_signature(sent.body.decode(), *stated, key)
        ours = sendgrid.ABOUT.hook.signed(delivery(sent), twilio.PUBLIC, {})  # type: ignore[union-attr, misc]
        assert ours == verdict
        verdicts.append(ours)
    assert 20 < sum(verdicts) < CASES - 20


def test_standard_webhooks_own_verifier_says_the_same() -> None:
    rng, secret = random.Random("resend"), svix.SIGNER.secret
    verdicts = []
    with time_machine.travel(AT, tick=False):
        for number in range(CASES):
            sent = spoiled(svix.sign(Told(texts(rng), secret, URL, AT, f"d{number}")), "svix-signature", rng)
            named = {name.replace("svix-", "webhook-"): value for name, value in sent.headers.items()}
            try:
                Webhook(secret).verify(sent.body, named)
                verdict = True
            except WebhookVerificationError:
                verdict = False
            for headers in (sent.headers, named):
                ours = resend.ABOUT.hook.signed(delivery(Sent(sent.body, headers)), secret, {})  # type: ignore[union-attr, misc]
                assert ours == verdict
            verdicts.append(verdict)
    assert 20 < sum(verdicts) < CASES - 20


def test_the_published_vector_of_standard_webhooks() -> None:
    """From the specification's reference implementation."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    told = Delivery(
        method="POST", url=URL, body=b'{"test": 2432232314}', received_at=datetime.fromtimestamp(1614265330, UTC), headers=headers
    )  # fmt: skip
    assert resend.ABOUT.hook.signed(told, secret, {})  # type: ignore[union-attr, misc]


def envelope(kind: str, rng: random.Random, version: str) -> dict[str, Any]:
    said = {
        "Type": kind, "MessageId": f"m{rng.randrange(10**9)}", "TopicArn": "arn:aws:sns:eu-west-1:1:ses",
        "Message": texts(rng).decode(), "Timestamp": "2026-03-02T09:00:00.000Z", "SignatureVersion": version,
        "SigningCertURL": amazon.URL,
    }  # fmt: skip
    if kind == "Notification" and rng.random() < 0.5:
        said["Subject"] = "Amazon SES Email Event"
    if kind != "Notification":
        said |= {
            "Token": "t1",
            "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t1",
        }
    text = "".join(
        f"{name}\n{said[name]}\n" for name in sorted(said) if name not in ("SignatureVersion", "SigningCertURL")
    )
    signature = amazon.key().sign(text.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
    return said | {"Signature": base64.b64encode(signature).decode()}


@needs_node
@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation"])
def test_a_published_validator_of_sns_says_the_same(kind: str, version: str) -> None:
    rng, messages = random.Random(kind + version), []
    for _ in range(CASES):
        said = envelope(kind, rng, version)
        if rng.random() < 0.5:
            name = rng.choice([name for name in said if name not in ("Type", "SigningCertURL", "SignatureVersion")])
            said[name] = kit.other_text(said[name], rng) if name != "Signature" else said[name][::-1]
        messages.append(said)
    told = {"certificate": amazon.certificate(), "messages": messages}
    theirs = [line == "true" for line in spoken(["node", str(FOLDER / "sns.js")], told)]
    settings = {"certificates": {amazon.URL: amazon.certificate()}}
    assert [sns.signed(delivery(Sent(json.dumps(said).encode())), "", settings) for said in messages] == theirs
    assert 20 < sum(theirs) < CASES - 20


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com:444/a.pem",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem",
        "https://s3.amazonaws.com/bucket/a.pem",
        "https://sns.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/../a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        "",
    ],
)
def test_certificates_come_from_amazon_alone(url: str) -> None:
    assert not sns.is_amazons(url)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "cn-north-1"])
def test_addresses_of_amazons(region: str) -> None:
    end = ".cn" if region.startswith("cn") else ""
    assert sns.is_amazons(
        f"https://sns.{region}.amazonaws.com{end}/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
    )

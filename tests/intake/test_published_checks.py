"""Mailgun by its own package, Mandrill by the check that Django shops use, Intercom and Zendesk by what their guides show.

Neither `intercom-client` nor any package of Zendesk's checks a signature. Intercom's guide shows a header without its
secret; its own sample receivers (github.com/intercom-archive/intercom-webhooks, of which `vendors/sign.js` is the one for
Node.js) compare `sha1=` and the hex of HMAC-SHA1 over the bytes. Zendesk's guide shows HMAC-SHA256 over time and body in
base64, and once, while webhooks were new, an example to the byte in which the body came first.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mandrill import MandrillSignatureMixin
from django.conf import settings as django
from django.http import HttpRequest, QueryDict
from mailgun.security import SecurityGuard

from crm360.kernel import signing
from crm360.sources import registry
from crm360.sources.channel import Delivery
from tests.intake.signers import kit
from tests.intake.signers.kit import Sent, Told
from tests.intake.test_vendors import AT, CASES, FOLDER, URL, needs_node, ours, spoken, texts


def test_mailguns_own_package_says_the_same() -> None:
    rng, signer, verdicts = random.Random("mailgun"), kit.signers()["mailgun"], []
    for number in range(CASES):
        said = json.loads(signer.sign(Told(signer.body, signer.secret, URL, AT, f"d{number}")).body)
        signature = said["signature"]
        if number % 2:
            name = rng.choice(sorted(signature))
            signature[name] = str(int(signature[name]) + 1) if name == "timestamp" else signature[name][::-1] + "0"
        theirs = SecurityGuard.verify_webhook(
            signer.secret, signature["token"], signature["timestamp"], signature["signature"], max_age_seconds=0
        )
        assert ours("mailgun", Sent(kit.document(**said)), signer.secret) == theirs
        verdicts.append(theirs)
    assert sum(verdicts) == CASES // 2


class Mandrill(MandrillSignatureMixin):
    """Their check, told our key."""

    esp_name = "Mandrill"

    def __init__(self, key: str) -> None:
        self.webhook_key, self.webhook_url = key.encode(), URL

    def takes(self, sent: Sent) -> bool:
        request = HttpRequest()
        request.META["HTTP_X_MANDRILL_SIGNATURE"] = sent.headers["x-mandrill-signature"]
        request.POST = QueryDict(sent.body, encoding="utf-8")
        try:
            self.validate_request(request)
        except AnymailWebhookValidationFailure:
            return False
        return True


def test_what_django_shops_check_mandrill_with_says_the_same() -> None:
    if not django.configured:
        django.configure(DEFAULT_CHARSET="utf-8", DATA_UPLOAD_MAX_NUMBER_FIELDS=100)
    rng, signer, verdicts = random.Random("mandrill"), kit.signers()["mandrill"], []
    for number in range(CASES):
        fields = {"mandrill_events": f"[{texts(rng).decode()}]", **({"Extra": "zażółć & =+"} if number % 3 else {})}
        said = URL + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        signature = kit.hmac_base64(signer.secret, said.encode(), "sha1")
        sent = Sent(urlencode(fields).encode(), {"x-mandrill-signature": signature}, signer.sign(told()).content_type)
        if number % 2:
            sent = rng.choice((
                Sent(sent.body + b"&more=1", sent.headers, sent.content_type),
                Sent(sent.body.replace(b"mandrill_events", b"mandrill_event"), sent.headers, sent.content_type),
                sent.having(x_mandrill_signature=signature[::-1]),
            ))  # fmt: skip
        theirs = Mandrill(signer.secret).takes(sent)
        assert ours("mandrill", sent, signer.secret) == theirs
        verdicts.append(theirs)
    assert sum(verdicts) == CASES // 2


def told() -> Told:
    signer = kit.signers()["mandrill"]
    return Told(signer.body, signer.secret, URL, AT, "d")


def test_zendesks_one_published_example_is_keyed_and_written_as_ours_and_of_an_order_given_up() -> None:
    """developer.zendesk.com/documentation/event-connectors/webhooks/verifying, before it said time first."""
    secret, stated, body = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", "2021-07-25T10:00:00Z", b'{"say": "hello"}'
    published = "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw="
    assert signing.hmac_base64(secret, body + stated.encode()) == published
    hook = registry.channels()["zendesk"].hook
    assert hook is not None
    assert hook.signed is not None
    at = datetime(2021, 7, 25, 10, 1, tzinfo=UTC)
    for signature, taken in (
        (published, False),
        (signing.hmac_base64(secret, stated.encode() + body), True),
    ):
        headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stated}
        delivery = Delivery(method="POST", url=URL, body=body, received_at=at, headers=headers)
        assert bool(hook.signed(delivery, secret, {})) is taken


@needs_node
@pytest.mark.parametrize("channel", ["intercom", "zendesk"])
def test_signatures_made_as_the_guides_show_are_taken(channel: str) -> None:
    rng, stated = random.Random(channel), AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    # Zendesk's own secret for trying a webhook before it is created
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    bodies = [texts(rng) for _ in range(CASES)]
    cases: list[dict[str, Any]] = [{"secret": secret, "body": body.decode(), "stated": stated} for body in bodies]
    made = spoken(["node", str(FOLDER / "sign.js")], {"vendor": channel, "cases": cases})
    for body, signature in zip(bodies, made, strict=True):
        headers = {"x-hub-signature": signature} if channel == "intercom" else {
            "x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stated}  # fmt: skip
        assert ours(channel, Sent(body, headers), secret)
        assert not ours(channel, Sent(body + b" ", headers), secret)
        assert not ours(channel, Sent(body, headers), secret + "=")

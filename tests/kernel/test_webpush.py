"""Push messages: only their browser reads them, and their service can tell that they are ours."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from crm360.kernel import webpush
from tests.push.browsers import BrowserKeys

ENDPOINT = "https://push.example.com/send/abc"
KEY = webpush.new_key()


def made(
    browser: BrowserKeys, now: datetime, payload: bytes = b'{"title": "Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87"}'
) -> Any:
    return webpush.message(
        endpoint=ENDPOINT, **browser.keys, payload=payload, key=KEY, contact="mailto:a@example.com", now=now, seconds=60
    )


def test_only_its_browser_reads_a_message(now: datetime) -> None:
    browser, other = BrowserKeys(), BrowserKeys()
    message = made(browser, now)
    assert browser.read(message.body) == {"title": "Zażółć"}
    assert b"title" not in message.body
    with pytest.raises(Exception, match=r"[Dd]ecrypt|[Tt]ag"):
        other.read(message.body)
    assert (message.headers["Content-Encoding"], message.headers["TTL"]) == ("aes128gcm", "60")


def test_the_service_can_tell_that_it_is_ours(now: datetime) -> None:
    scheme, _, said = made(BrowserKeys(), now).headers["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in said.split(","))
    assert (scheme, parts["k"]) == ("vapid", webpush.public_key(KEY))
    signed, _, signature = parts["t"].rpartition(".")
    claims = json.loads(webpush.decoded(signed.split(".")[1]))
    assert claims == {
        "sub": "mailto:a@example.com",
        "aud": "https://push.example.com",
        "exp": int(now.timestamp()) + 43200,
    }
    raw = webpush.decoded(signature)
    both = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), webpush.decoded(parts["k"]))
    public.verify(both, signed.encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(both, signed.encode() + b"x", ec.ECDSA(SHA256()))


def test_what_is_too_long_is_refused(now: datetime) -> None:
    assert len(made(BrowserKeys(), now, b"x" * webpush.LONGEST_PAYLOAD).body) <= 4096
    with pytest.raises(ValueError, match="3993"):
        made(BrowserKeys(), now, b"x" * (webpush.LONGEST_PAYLOAD + 1))


GOOD = BrowserKeys(20260302).keys


@pytest.mark.parametrize(
    ("endpoint", "p256dh", "auth", "usable"),
    [
        (ENDPOINT, GOOD["p256dh"], GOOD["auth"], True),
        ("http://localhost:9/x", GOOD["p256dh"], GOOD["auth"], True),
        ("http://push.example.com/x", GOOD["p256dh"], GOOD["auth"], False),
        ("https://user@push.example.com/x", GOOD["p256dh"], GOOD["auth"], False),
        ("ftp://push.example.com/x", GOOD["p256dh"], GOOD["auth"], False),
        ("https://[bad/x", GOOD["p256dh"], GOOD["auth"], False),
        ("", GOOD["p256dh"], GOOD["auth"], False),
        ("https://push.example.com/" + "x" * 2000, GOOD["p256dh"], GOOD["auth"], False),
        (ENDPOINT, GOOD["p256dh"][:-4], GOOD["auth"], False),
        (ENDPOINT, webpush.encoded(b"\x04" + bytes(64)), GOOD["auth"], False),
        (ENDPOINT, "ąść", GOOD["auth"], False),
        (ENDPOINT, GOOD["p256dh"], "AAAA", False),
    ],
)
def test_what_can_be_written_to(endpoint: str, p256dh: str, auth: str, usable: bool) -> None:
    assert webpush.is_subscription(endpoint, p256dh, auth) is usable


@pytest.mark.parametrize("text", ["", "short", "!" * 43, webpush.encoded(bytes(32)), webpush.encoded(b"\xff" * 32)])
def test_what_is_no_key(text: str) -> None:
    assert not webpush.is_key(text)
    assert webpush.is_key(webpush.new_key())

"""Amazon SNS envelopes: what is signed of them, and by which certificates.

A certificate is fetched once from Amazon's own address and kept in the source's settings; until it is there the sender
is asked to try again, which SNS does for an hour.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate

from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Unreadable
from crm360.sources.channel import Answer, Delivery

_AMAZON = re.compile(r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?/[!-~]{1,1500}")
_CONFIRMATIONS = frozenset({"SubscriptionConfirmation", "UnsubscribeConfirmation"})
_SIGNED = {
    False: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    True: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES = {"1": SHA1, "2": SHA256}


def is_amazons(url: str) -> bool:
    """Whether an address is one of Amazon SNS, by HTTPS, without a name, a port or a way around."""
    return bool(_AMAZON.fullmatch(url)) and "@" not in url and "\\" not in url and ".." not in url


def envelope(delivery: Delivery) -> JsonObject:
    """The envelope of a delivery. Raises Unreadable."""
    return json_fields.load(delivery.body)


def greeting(delivery: Delivery, _secret: str, settings: Mapping[str, Any]) -> Answer | None:
    """A subscription to agree to, or a certificate to wait for; None for a notification that can be checked."""
    try:
        said = envelope(delivery)
    except Unreadable:
        return None
    url = json_fields.text(said.get("SigningCertURL"), 2000)
    if delivery.method != "POST" or not is_amazons(url):
        return None
    if url not in _certificates(settings):
        waiting = b'{"success":false,"code":"certificate_awaited","message":"Try again in a minute."}'
        return Answer(body=waiting, status=503, certificate_url=url)
    if json_fields.text(said.get("Type")) not in _CONFIRMATIONS or not signed(delivery, "", settings):
        return None
    subscribe = json_fields.text(said.get("SubscribeURL"), 2000)
    wanted = json_fields.text(said.get("Type")) == "SubscriptionConfirmation" and is_amazons(subscribe)
    return Answer(confirm_url=subscribe if wanted else "")


def signed(delivery: Delivery, _secret: str, settings: Mapping[str, Any]) -> bool:
    """Whether the envelope bears Amazon's signature, version 1 or 2, and is of the topic the source names, if any."""
    try:
        said = envelope(delivery)
    except Unreadable:
        return False
    topic = settings.get("topic_arn")
    certificate = _certificates(settings).get(json_fields.text(said.get("SigningCertURL"), 2000))
    hashing = _HASHES.get(json_fields.text(said.get("SignatureVersion")))
    if not isinstance(certificate, str) or hashing is None or (topic and said.get("TopicArn") != topic):
        return False
    try:
        key = load_pem_x509_certificate(certificate.encode()).public_key()
        signature = base64.b64decode(json_fields.text(said.get("Signature"), 2000), validate=True)
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(signature, to_sign(said), PKCS1v15(), hashing())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def to_sign(said: JsonObject) -> bytes:
    """The text Amazon signs: names and values, each on a line of its own."""
    names = _SIGNED[json_fields.text(said.get("Type")) in _CONFIRMATIONS]
    lines = (f"{name}\n{said[name]}\n" for name in names if isinstance(said.get(name), str))
    return "".join(lines).encode("utf-8", "surrogatepass")


def is_certificate(body: bytes) -> bool:
    """Whether what was fetched is a certificate that can check a signature."""
    try:
        return isinstance(load_pem_x509_certificate(body).public_key(), RSAPublicKey)
    except ValueError:
        return False


def _certificates(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    found = settings.get("certificates")
    return found if isinstance(found, dict) else {}

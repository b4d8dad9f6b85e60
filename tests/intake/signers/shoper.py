"""Shoper puts the webhook's id, the secret and the body into one SHA-1."""

import hashlib

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    digest = hashlib.sha1(told.delivery_id.encode() + b":" + told.secret.encode() + b":" + told.body).hexdigest()
    headers = {
        "x-webhook-id": told.delivery_id,
        "x-webhook-name": "order.create",
        "x-webhook-sha1": digest,
        "x-shop-domain": "sklep.example.com",
        "x-shop-version": "5.60.0",
    }
    return Sent(told.body, headers)


SIGNER = Signer(
    body=document(order_id="12", user_id="3", email="ewa@example.com", date="2026-03-02 10:00:00", sum="49.90"),
    sign=sign, signature="x-webhook-sha1", delivery_id="x-webhook-id",
)  # fmt: skip

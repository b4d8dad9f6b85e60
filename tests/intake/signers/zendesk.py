"""Zendesk signs timestamp and body in base64."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_base64


def sign(told: Told) -> Sent:
    stated = told.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "x-zendesk-webhook-signature": hmac_base64(told.secret, stated.encode() + told.body),
        "x-zendesk-webhook-signature-timestamp": stated,
        "x-zendesk-webhook-invocation-id": told.delivery_id,
    }
    return Sent(told.body, headers)


SIGNER = Signer(
    body=document(
        id="01GK", type="zen:event-type:ticket.created", time="2026-03-02T09:00:00Z",
        detail={"id": "5158", "requester_id": "844", "subject": "Zwrot", "description": "Jak?", "status": "OPEN"}, event={},
    ),
    sign=sign, signature="x-zendesk-webhook-signature", time="x-zendesk-webhook-signature-timestamp",
    delivery_id="x-zendesk-webhook-invocation-id", tolerance=600, unsigned=frozenset({"id"}),
)  # fmt: skip

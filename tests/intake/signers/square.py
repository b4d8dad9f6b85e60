"""Square signs the address it was given and the body; the event's id stands in the body."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_base64


def sign(told: Told) -> Sent:
    return Sent(told.body, {"x-square-hmacsha256-signature": hmac_base64(told.secret, told.url.encode() + told.body)})


SIGNER = Signer(
    body=document(
        merchant_id="M1", type="customer.created", event_id="e-1", created_at="2026-03-02T09:00:00Z",
        data={"type": "customer", "id": "C1", "object": {"customer": {"id": "C1", "email_address": "ewa@example.com"}}},
    ),
    sign=sign, signature="x-square-hmacsha256-signature",
)  # fmt: skip

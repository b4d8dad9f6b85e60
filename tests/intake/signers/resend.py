"""Resend signs after Standard Webhooks, with the headers of Svix."""

import base64
import hashlib
import hmac

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    stated = str(int(told.at.timestamp()))
    try:
        key = base64.b64decode(told.secret.removeprefix("whsec_"))
    except ValueError:
        key = told.secret.encode()
    said = f"{told.delivery_id}.{stated}.".encode() + told.body
    signature = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return Sent(told.body, {"svix-id": told.delivery_id, "svix-timestamp": stated, "svix-signature": signature})


SIGNER = Signer(
    body=document(type="email.bounced", created_at="2026-03-02T09:00:00Z",
                  data={"email_id": "e1", "to": ["ewa@example.com"], "bounce": {"type": "Permanent"}}),
    sign=sign, secret="whsec_" + base64.b64encode(b"a secret of the vendor's own").decode(), signature="svix-signature",
    time="svix-timestamp", delivery_id="svix-id", tolerance=300,
)  # fmt: skip

"""Resend signs after Standard Webhooks, with the headers of Svix."""

import base64
import hashlib
import hmac

from tests.intake.signers.kit import Sent, Signer, Told, document

SECRET = "whsec_" + base64.b64encode(b"a secret of the vendor's own").decode()


def sign(told: Told) -> Sent:
    stated = str(int(told.at.timestamp()))
    # Base64 may be written in several ways: another text must not happen to be the same key.
    key = base64.b64decode(SECRET.removeprefix("whsec_")) if told.secret == SECRET else told.secret.encode()
    said = f"{told.delivery_id}.{stated}.".encode() + told.body
    signature = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return Sent(told.body, {"svix-id": told.delivery_id, "svix-timestamp": stated, "svix-signature": signature})


SIGNER = Signer(
    body=document(type="email.bounced", created_at="2026-03-02T09:00:00Z",
                  data={"email_id": "e1", "to": ["ewa@example.com"], "bounce": {"type": "Permanent"}}),
    sign=sign, secret=SECRET, signature="svix-signature",
    time="svix-timestamp", delivery_id="svix-id", tolerance=300,
)  # fmt: skip

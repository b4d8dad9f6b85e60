"""SendGrid signs time and body with its own key pair; the shop holds the public half."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.intake.signers.kit import Sent, Signer, Told

KEY = ec.derive_private_key(20260302, ec.SECP256R1())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
PREFIX = "x-twilio-email-event-webhook-"


def sign(told: Told) -> Sent:
    stated = str(int(told.at.timestamp()))
    key = KEY if told.secret == PUBLIC else ec.derive_private_key(sum(told.secret.encode()) + 1, ec.SECP256R1())
    signature = base64.b64encode(key.sign(stated.encode() + told.body, ec.ECDSA(SHA256()))).decode()
    return Sent(told.body, {PREFIX + "signature": signature, PREFIX + "timestamp": stated})


SIGNER = Signer(
    body=b'[{"email":"ewa@example.com","event":"bounce","type":"bounce","timestamp":1772442000,"sg_event_id":"e1"}]',
    sign=sign, secret=PUBLIC, signature=PREFIX + "signature", time=PREFIX + "timestamp",
)  # fmt: skip

"""Amazon SNS signs the fields of its envelope with a certificate of Amazon's."""

import base64
import json
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.intake.signers.kit import Sent, Signer, Told, document

URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
NAMES = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder(
        name, name, key().public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    return made.sign(key(), SHA256()).public_bytes(Encoding.PEM).decode()


def sign(told: Told) -> Sent:
    said = json.loads(told.body) | {"Timestamp": told.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    text = "".join(f"{name}\n{said[name]}\n" for name in NAMES).encode()
    signature = base64.b64encode(key().sign(text, PKCS1v15(), SHA256())).decode()
    envelope = document(**said, SignatureVersion="2", Signature=signature, SigningCertURL=URL)
    return Sent(envelope, {"x-amz-sns-message-type": "Notification"}, "text/plain; charset=UTF-8")


def resigned(sent: Sent, signature: str) -> Sent:
    return Sent(document(**json.loads(sent.body) | {"Signature": signature}), sent.headers, sent.content_type)


def retimed(sent: Sent, by: int) -> Sent:
    said = json.loads(sent.body)
    said["Timestamp"] = said["Timestamp"].replace(".000Z", f".{abs(by) % 999 + 1:03}Z")
    return Sent(document(**said), sent.headers, sent.content_type)


BOUNCE = {
    "notificationType": "Bounce", "mail": {"messageId": "m1", "timestamp": "2026-03-02T09:00:00.000Z"},
    "bounce": {"bounceType": "Permanent", "feedbackId": "f1", "timestamp": "2026-03-02T09:00:00.000Z",
               "bouncedRecipients": [{"emailAddress": "ewa@example.com"}]},
}  # fmt: skip

SIGNER = Signer(
    body=document(Type="Notification", MessageId="22b80b92", TopicArn="arn:aws:sns:eu-west-1:1:ses", Message=json.dumps(BOUNCE)),
    sign=sign, settings={"certificates": {URL: certificate()}}, in_address=True, retimed=retimed, resigned=resigned,
)  # fmt: skip

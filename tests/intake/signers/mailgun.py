"""Mailgun signs a time and a token inside the body; the event itself is not signed, so a token counts once."""

import json

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_hex


def sign(told: Told) -> Sent:
    stated, token = str(int(told.at.timestamp())), f"token-{told.delivery_id}"
    signature = {"timestamp": stated, "token": token, "signature": hmac_hex(told.secret, (stated + token).encode())}
    return Sent(document(**json.loads(told.body), signature=signature))


def resigned(sent: Sent, signature: str) -> Sent:
    said = json.loads(sent.body)
    return Sent(document(**said | {"signature": said["signature"] | {"signature": signature}}))


def retimed(sent: Sent, by: int) -> Sent:
    said = json.loads(sent.body)
    stated = str(int(said["signature"]["timestamp"]) + by)
    return Sent(document(**said | {"signature": said["signature"] | {"timestamp": stated}}))


SIGNER = Signer(
    body=document(**{"event-data": {
        "id": "mg-1", "event": "failed", "severity": "permanent", "recipient": "ewa@example.com", "timestamp": 1772442000.5,
    }}),
    sign=sign, retimed=retimed, resigned=resigned,
)  # fmt: skip

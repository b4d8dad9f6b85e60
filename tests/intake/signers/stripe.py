"""Stripe signs "t.body" and states the time in the same header."""

import re

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_hex


def sign(told: Told) -> Sent:
    stated = str(int(told.at.timestamp()))
    signature = hmac_hex(told.secret, stated.encode() + b"." + told.body)
    return Sent(told.body, {"stripe-signature": f"t={stated},v1={signature},v0={'0' * 64}"})


def retimed(sent: Sent, by: int) -> Sent:
    changed = re.sub(r"t=(\d+)", lambda found: f"t={int(found[1]) + by}", sent.headers["stripe-signature"])
    return sent.having(stripe_signature=changed)


def resigned(sent: Sent, signature: str) -> Sent:
    return sent.having(
        stripe_signature=re.sub(r"v1=[^,]*", lambda _: f"v1={signature}", sent.headers["stripe-signature"])
    )


SIGNER = Signer(
    body=document(
        id="evt_1", object="event", type="customer.created", created=1772447400,
        data={"object": {"id": "cus_1", "email": "ewa@example.com", "name": "Ewa Lis"}},
    ),
    sign=sign, signature="stripe-signature", tolerance=300, retimed=retimed, resigned=resigned,
)  # fmt: skip

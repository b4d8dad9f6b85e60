"""Chatwoot 4 signs "timestamp.body"; the address holds a secret as well."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_hex


def sign(told: Told) -> Sent:
    stated = str(int(told.at.timestamp()))
    headers = {
        "x-chatwoot-signature": f"sha256={hmac_hex(told.secret, stated.encode() + b'.' + told.body)}",
        "x-chatwoot-timestamp": stated,
        "x-chatwoot-delivery": told.delivery_id,
    }
    return Sent(told.body, headers)


SIGNER = Signer(
    body=document(
        event="message_created", id=1, content="Dzień dobry", message_type="incoming",
        created_at="2026-03-02T09:00:00Z", conversation={"id": 3}, sender={"id": 4, "name": "Ewa Lis"},
    ),
    sign=sign, signature="x-chatwoot-signature", time="x-chatwoot-timestamp", delivery_id="x-chatwoot-delivery",
    in_address=True, tolerance=600, unsigned=frozenset({"id"}),
)  # fmt: skip

"""Intercom signs the raw body with SHA-1, and no time."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_hex


def sign(told: Told) -> Sent:
    return Sent(told.body, {"x-hub-signature": "sha1=" + hmac_hex(told.secret, told.body, "sha1")})


SIGNER = Signer(
    body=document(
        type="notification_event", id="notif_1", topic="conversation.user.created", created_at=1772442000,
        data={"item": {"id": "147", "source": {
            "type": "conversation", "id": "1", "body": "<p>Halo</p>", "author": {"type": "user", "id": "5", "name": "Jan"},
        }}},
    ),
    sign=sign, signature="x-hub-signature", unsigned=frozenset({"time", "id"}),
)  # fmt: skip

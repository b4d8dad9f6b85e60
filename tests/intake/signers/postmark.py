"""Postmark signs nothing: the unguessable address is the proof."""

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    return Sent(told.body)


SIGNER = Signer(
    body=document(
        RecordType="Bounce", Type="HardBounce", ID=1, Email="ewa@example.com", BouncedAt="2026-03-02T09:00:00Z"
    ),
    sign=sign,
    in_address=True,
)

"""Brevo signs nothing: the unguessable address is the proof."""

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    return Sent(told.body)


SIGNER = Signer(
    body=document(event="hard_bounce", email="ewa@example.com", id=1, ts_epoch=1772442000000),
    sign=sign,
    in_address=True,
)

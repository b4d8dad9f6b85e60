"""Mailjet signs nothing: the unguessable address is the proof."""

from tests.intake.signers.kit import Sent, Signer, Told


def sign(told: Told) -> Sent:
    return Sent(told.body)


SIGNER = Signer(
    body=b'[{"event":"bounce","email":"ewa@example.com","time":1772442000,"hard_bounce":true,"MessageID":1}]',
    sign=sign,
    in_address=True,
)

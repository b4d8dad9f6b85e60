"""Mailchimp signs nothing: the unguessable address is the proof."""

from tests.intake.signers.kit import Sent, Signer, Told


def sign(told: Told) -> Sent:
    return Sent(told.body, content_type="application/x-www-form-urlencoded")


SIGNER = Signer(
    body=b"type=cleaned&fired_at=2026-03-02+09%3A00%3A00&data%5Breason%5D=hard&data%5Bemail%5D=ewa%40example.com",
    sign=sign,
    in_address=True,
)

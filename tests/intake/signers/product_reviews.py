"""Review apps sign nothing alike: the unguessable address is the proof."""

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    return Sent(told.body)


SIGNER = Signer(
    body=document(review={
        "id": 81, "rating": 2, "body": "Przyszła rysa na kloszu.", "created_at": "2026-03-02T09:00:00Z",
        "reviewer": {"name": "Ewa", "email": "ewa@example.com"},
    }),
    sign=sign,
    in_address=True,
)  # fmt: skip

"""LiveChat puts the webhook's secret key into the body; the address holds a secret as well."""

import json

from tests.intake.signers.kit import Sent, Signer, Told, document


def sign(told: Told) -> Sent:
    return Sent(document(**json.loads(told.body), secret_key="key of the console"))


def resigned(sent: Sent, signature: str) -> Sent:
    return Sent(document(**json.loads(sent.body) | {"secret_key": signature}), sent.headers)


SIGNER = Signer(
    body=document(
        webhook_id="w1", action="incoming_event",
        payload={
            "chat_id": "C1", "thread_id": "T1",
            "event": {"id": "T1_3", "type": "message", "text": "Halo", "author_id": "b7ef", "created_at": "2026-03-02T09:00:00Z"},
        },
    ),
    sign=sign, settings={"secret_key": "key of the console"}, in_address=True, resigned=resigned,
    unsigned=frozenset({"body", "time", "id"}),
    counts_anew={"body": "the body is not signed: who knows the address and the key is believed, as by the vendor"},
)  # fmt: skip

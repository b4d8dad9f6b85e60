"""Mandrill signs its address and the form's fields with SHA-1."""

from urllib.parse import quote_plus

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_base64

EVENTS = "[" + document(event="hard_bounce", _id="abc", ts=1772442000, msg={"email": "ewa@example.com"}).decode() + "]"


def sign(told: Told) -> Sent:
    said = f"{told.url}mandrill_events{EVENTS}".encode()
    signature = hmac_base64(told.secret, said, "sha1")
    return Sent(told.body, {"x-mandrill-signature": signature}, "application/x-www-form-urlencoded")


SIGNER = Signer(
    body=f"mandrill_events={quote_plus(EVENTS)}".encode(), sign=sign, signature="x-mandrill-signature",
    unsigned=frozenset({"body"}),  # how a form is written is not signed, what it says is
)  # fmt: skip

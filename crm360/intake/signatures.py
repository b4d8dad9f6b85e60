"""Which source a webhook speaks for: checked over the raw bytes, in constant time, before anything is parsed."""

from __future__ import annotations

from flask import request

from crm360.inbox import queries as inbox
from crm360.inbox.queries import Sender
from crm360.intake.inlets import Inlet
from crm360.kernel import signing
from crm360.kernel.errors import Forbidden


class BadSignature(Forbidden):
    """The request does not prove that it comes from its source. Says no more, whether the source exists or not."""

    status, title = 401, "Bad signature"

    def __init__(self) -> None:
        super().__init__("The signature is missing or wrong.")


def shopify(*, source: str) -> Inlet:
    """HMAC-SHA256 of the raw body in base64, with the source's secret. Raises BadSignature."""
    found = _source(source, "shopify")
    expected = signing.hmac_base64(found.secret, request.get_data())
    if not signing.same(request.headers.get("X-Shopify-Hmac-Sha256", "").strip(), expected):
        raise BadSignature
    return Inlet(found.id, "shopify")


def chatwoot(*, source: str, token: str) -> Inlet:
    """The unguessable part of the address; newer versions also sign `timestamp.body`, which must be right when sent.

    The signing secret is the source's setting `signing_secret`, else the one of the address. Raises BadSignature.
    """
    found = _source(source, "chatwoot")
    if not signing.same(token, found.secret):
        raise BadSignature
    signature = request.headers.get("X-Chatwoot-Signature", "").strip()
    if signature:
        signed = request.headers.get("X-Chatwoot-Timestamp", "").encode() + b"." + request.get_data()
        expected = signing.hmac_hex(found.settings.get("signing_secret") or found.secret, signed)
        if not signing.same(signature.removeprefix("sha256="), expected):
            raise BadSignature
    return Inlet(found.id, "chatwoot")


def _source(name: str, channel: str) -> Sender:
    found = inbox.sender(name)
    if found is None or found.channel != channel or not found.secret:
        raise BadSignature
    return found

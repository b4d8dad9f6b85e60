"""A tracking request's body → the calls in it, each as one payload. Pure; made for speed, so most bytes are not read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from crm360.inbox.operations import NewPayload, content_key, senders_key
from crm360.intake.body import BodyUnreadable
from crm360.sources import json_fields

MAX_CALL_BYTES = 32 * 1024
MAX_CALLS = 2500


class Refused(NamedTuple):
    """A call kept in quarantine instead of being processed, and why."""

    payload: NewPayload
    reason: str


class Calls(NamedTuple):
    """What a request holds. `write_key` is the one its body names, "" when none."""

    write_key: str
    accepted: list[NewPayload]
    refused: list[Refused]


class _Head(msgspec.Struct, rename="camel"):
    """The little that must be known of a call to keep it."""

    message_id: Any = None
    snake_message_id: Any = msgspec.field(default=None, name="message_id")
    write_key: Any = None
    sent_at: Any = None


class _Envelope(msgspec.Struct, rename="camel"):
    """A batch; its calls stay bytes."""

    batch: list[msgspec.Raw]
    write_key: Any = None
    sent_at: Any = None
    context: Any = None
    integrations: Any = None


_envelopes = msgspec.json.Decoder(_Envelope)
_heads = msgspec.json.Decoder(_Head)


def one(body: bytes, headers: Mapping[str, str]) -> Calls:
    """A single call, kept byte for byte; `headers["type"]` is what the path calls it. Raises BodyUnreadable."""
    head = _head(body)
    accepted, refused = _sort([_payload(body, head, headers)])
    return Calls(json_fields.text(head.write_key), accepted, refused)


def batch(body: bytes, headers: Mapping[str, str] = {}) -> Calls:
    """Every call of a batch, with the envelope's `sentAt`, `context` and `integrations` merged into each.

    An item that is no call is kept as it is, for the worker to say what is wrong. Raises BodyUnreadable.
    """
    envelope = _opened(body)
    heads: list[_Head | None] = []
    payloads: list[NewPayload] = []
    for item in envelope.batch:
        call = bytes(item)
        head = _head_or_none(call)
        heads.append(head)
        payloads.append(_payload(_completed(call, head, envelope), head, headers))
    accepted, refused = _sort(payloads)
    key = envelope.write_key or next((head.write_key for head in heads if head is not None and head.write_key), "")
    return Calls(json_fields.text(key), accepted, refused)


def _opened(body: bytes) -> _Envelope:
    try:
        return _envelopes.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document = _document(body)  # NaN, lone surrogates and a byte-order mark are JSON to many clients
    items = document.get("batch")
    if not isinstance(items, list):
        raise BodyUnreadable("A batch needs the list `batch`.")
    envelope = msgspec.convert(document | {"batch": []}, _Envelope)
    envelope.batch = [msgspec.Raw(json.dumps(item).encode()) for item in items]
    return envelope


def _head(call: bytes) -> _Head:
    """Raises BodyUnreadable when `call` is no JSON object."""
    try:
        return _heads.decode(call)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.convert(_document(call), _Head)  # what one strict reader refuses, the lenient one may take


def _head_or_none(call: bytes) -> _Head | None:
    try:
        return _head(call)
    except BodyUnreadable:
        return None


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8-sig"), parse_constant=lambda _name: None)
    except (ValueError, RecursionError) as error:
        raise BodyUnreadable(f"The body is not valid JSON: {str(error)[:200]}") from None
    if not isinstance(document, dict):
        raise BodyUnreadable("The body must be one JSON object.")
    return document


def _completed(call: bytes, head: _Head | None, envelope: _Envelope) -> bytes:
    if head is None:
        return call
    if isinstance(envelope.context, dict) or isinstance(envelope.integrations, dict):
        return _merged(call, envelope)
    if envelope.sent_at is None or head.sent_at is not None:
        return call
    opened = call.rstrip()[:-1].rstrip()
    comma = b"" if opened == b"{" else b","
    return opened + comma + b'"sentAt":' + json.dumps(envelope.sent_at).encode() + b"}"


def _merged(call: bytes, envelope: _Envelope) -> bytes:
    """The call with what the envelope says of all of them; the call's own words count more."""
    document = _document(call)
    for name, common in (("context", envelope.context), ("integrations", envelope.integrations)):
        own = document.get(name)
        if isinstance(common, dict) and (own is None or isinstance(own, dict)):
            document[name] = {**common, **(own or {})}
    if document.get("sentAt") is None and envelope.sent_at is not None:
        document["sentAt"] = envelope.sent_at
    return json.dumps(document).encode()


def _payload(call: bytes, head: _Head | None, headers: Mapping[str, str]) -> NewPayload:
    ids = {} if head is None else {"camel": head.message_id, "snake": head.snake_message_id}
    if message_id := json_fields.identity(ids, "camel", "snake"):
        return NewPayload(senders_key(message_id), call, headers)
    return NewPayload(content_key(headers.get("type", "").encode(), _canonical(call)), call, headers)


def _canonical(call: bytes) -> bytes:
    """The same bytes for the same content: without `sentAt`, which a repeat renews."""
    try:
        document = json.loads(call)
    except (ValueError, RecursionError):
        return call
    if isinstance(document, dict):
        document.pop("sentAt", None)
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _sort(payloads: list[NewPayload]) -> tuple[list[NewPayload], list[Refused]]:
    accepted: list[NewPayload] = []
    refused: list[Refused] = []
    for position, payload in enumerate(payloads):
        if position >= MAX_CALLS:
            refused.append(Refused(payload, f"The request held more than {MAX_CALLS} calls."))
        elif len(payload.body) > MAX_CALL_BYTES:
            refused.append(Refused(payload, f"The call is larger than {MAX_CALL_BYTES // 1024} KB."))
        else:
            accepted.append(payload)
    return accepted, refused

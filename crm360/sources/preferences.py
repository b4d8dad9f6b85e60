"""What a person said on our own public pages about one address of theirs. One JSON object per payload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Fact, Identifier
from crm360.normalise.identifiers import IdentifierKind
from crm360.sources import json_fields as read_json
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.instants import instant

CHANNEL = "preferences"

_STATES = ("given", "withdrawn", "refused", "pending_confirmation")
_CHANNELS = ("email", "sms", "phone", "push", "post", "web")
_GRADES = ("A", "B", "C", "D")


def read(payload: Payload) -> Sequence[Fact]:
    """The statements of one visit: `contact` [source, external id], `identifier` [kind, value], `statements`.

    Raises Unreadable.
    """
    raw = read_json.load(payload.body)
    contact, address = read_json.texts(raw.get("contact")), read_json.texts(raw.get("identifier"))
    if len(contact) != 2 or len(address) != 2 or address[0] not in get_args(IdentifierKind):
        raise Unreadable("A statement needs its contact and its address.")
    if not all(part.strip() for part in (*contact, *address)):
        raise Unreadable("A statement needs its contact and its address.")
    ref = ContactRef(contact[0], contact[1])
    identifier = Identifier(cast("IdentifierKind", address[0]), address[1], verified=raw.get("verified") is True)
    listed = raw.get("statements")
    said = [_statement(payload, ref, identifier, each) for each in listed] if isinstance(listed, list) else []
    known = ContactSeen(ref=ref, occurred_at=payload.received_at, identifiers=(identifier,), anonymous=ref.is_device)
    return [known, *said] if said else []


def _statement(payload: Payload, ref: ContactRef, identifier: Identifier, raw: object) -> ConsentStated:
    each = read_json.obj(raw)
    purpose, channel, state = (read_json.text(each.get(name)) for name in ("purpose", "channel", "state"))
    grade = read_json.text(each.get("grade"))
    if not purpose or channel not in _CHANNELS or state not in _STATES or grade not in _GRADES:
        raise Unreadable("A statement needs a purpose, a channel, a state and a grade.")
    said_at = read_json.text(each.get("at"))
    at = instant(said_at) if said_at else None
    if said_at and at is None:
        raise Unreadable("The moment of a statement cannot be read.")
    chosen: Any = {"channel": channel, "state": state, "evidence_grade": grade}
    return ConsentStated(
        ref=ref, identifier=identifier, purpose=purpose, occurred_at=min(at or payload.received_at, payload.received_at),
        source=payload.source,
        method=read_json.text(each.get("method")), notice=read_json.text(each.get("notice")),
        evidence=_evidence(each.get("evidence")), **chosen,
    )  # fmt: skip


def _evidence(raw: object) -> JsonObject:
    return {name: value for name, value in read_json.obj(raw).items() if isinstance(value, str | int | bool)}

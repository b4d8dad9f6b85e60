"""What a colleague wrote down about a customer: a statement like any other source's. One JSON object per payload."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import CONTACT_FIELDS, ContactRef, ContactSeen, Fact, Identifier
from crm360.sources import json_fields as read_json
from crm360.sources.base import Payload, Unreadable
from crm360.sources.contact_keys import iso_birth_date

CHANNEL = "staff"


def read(payload: Payload) -> Sequence[Fact]:
    """The customer of `external_id` with `fields`, `email`, `phone`; `by` names the colleague. Raises Unreadable."""
    raw = read_json.load(payload.body)
    external_id = read_json.identity(raw, "external_id")
    if not external_id:
        raise Unreadable("Nobody is named: a statement needs an external_id.")
    said = read_json.obj(raw.get("fields"))
    fields = {name: text for name in CONTACT_FIELDS if (text := read_json.text(said.get(name)))}
    if "birth_date" in fields:
        fields["birth_date"] = iso_birth_date(fields["birth_date"])
    by = read_json.text(raw.get("by"))
    return [
        ContactSeen(
            ref=ContactRef(payload.source, f"customer:{external_id}"),
            occurred_at=payload.received_at,
            fields={name: text for name, text in fields.items() if text},
            identifiers=tuple(
                Identifier(kind, value) for kind in ("email", "phone") if (value := read_json.identity(raw, kind))
            ),
            attributes={"written_by": by} if by else {},
        )
    ]

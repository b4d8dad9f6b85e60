"""RudderStack's merge call: `mergeProperties`, a list of {"type", "value"} that name one person."""

from __future__ import annotations

from typing import NamedTuple

from crm360.normalise.identifiers import IdentifierKind
from crm360.sources import json_fields
from crm360.sources.base import JsonObject

_KINDS: dict[str, IdentifierKind] = {
    "email": "email", "phone": "phone", "mobile": "phone", "userid": "customer_id", "anonymousid": "device",
}  # fmt: skip


class Stated(NamedTuple):
    """One property; of the kind "customer_id" the value is the bare user id."""

    kind: IdentifierKind
    value: str


def properties(call: JsonObject) -> list[Stated]:
    """Those that name somebody; types we do not know are left out."""
    found = []
    for said in json_fields.objects(call.get("mergeProperties")):
        kind = _KINDS.get(json_fields.first_text(said, "type").lower().replace("_", ""))
        if kind and (value := json_fields.identity(said, "value")):
            found.append(Stated(kind, value))
    return found

"""Whom a payload of an integrator speaks of: its own record of a customer, or whoever the identifiers name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast, get_args

from crm360.facts import CONTACT_FIELDS, ContactRef, ContactSeen, Identifier, TagsStated
from crm360.normalise.identifiers import IdentifierKind
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Unreadable
from crm360.sources.contact_keys import card_key, email_key, iso_birth_date, phone_key

KINDS: tuple[str, ...] = get_args(IdentifierKind)
#: Ids that mean something only together with the system that gave them.
OF_A_SOURCE = ("customer_id", "chat_id")

_KEYS: Mapping[str, Callable[[str], str]] = {
    "customer_id": lambda value: f"customer_id:{value}",
    "email": email_key,
    "phone": phone_key,
    "card": card_key,
    "chat_id": lambda value: f"chat:{value}",
    "tax_id": lambda value: f"tax_id:{value}",
    "national_id": lambda value: f"national_id:{value}",
    "device": lambda value: f"anon:{value}",
}


def seen(raw: JsonObject, source: str, occurred_at: datetime) -> ContactSeen:
    """The customer a payload shows. Raises Unreadable when it names nobody."""
    external_id, identifiers = read.identity(raw, "external_id"), _identifiers(raw, source)
    fields = _fields(read.obj(raw.get("fields")))
    ref = _ref(source, external_id, identifiers)
    own = (Identifier("customer_id", f"{source}:{external_id}"),) if external_id else ()
    return ContactSeen(
        ref=ref,
        occurred_at=occurred_at,
        fields=fields,
        identifiers=tuple(dict.fromkeys((*own, *identifiers))),
        attributes=read.obj(raw.get("attributes")),
        anonymous=ref.is_device and not fields,
    )


def tags(raw: JsonObject, contact: ContactSeen) -> list[TagsStated]:
    """The integrator's own labels; a payload without `tags` says nothing of them."""
    if not isinstance(raw.get("tags"), list):
        return []
    return [TagsStated(ref=contact.ref, tags=read.texts(raw["tags"]), occurred_at=contact.occurred_at)]


def identifier(said: JsonObject, source: str) -> Identifier:
    """One identifier; ids of a system carry its name. Raises Unreadable."""
    kind, value = read.text(said.get("kind")), read.identity(said, "value")
    if kind not in KINDS:
        raise Unreadable(f"Unknown kind of identifier {kind[:40]!r}; expected one of {', '.join(KINDS)}.")
    if not value:
        raise Unreadable(f"An identifier of the kind {kind} has no usable value.")
    if kind in OF_A_SOURCE:
        value = f"{read.first_text(said, 'source') or source}:{value}"
    return Identifier(cast("IdentifierKind", kind), value, said.get("verified") is True)


def _identifiers(raw: JsonObject, source: str) -> tuple[Identifier, ...]:
    return tuple(identifier(said, source) for said in read.objects(raw.get("identifiers")))


def _fields(said: JsonObject) -> dict[str, str]:
    found = {name: read.text(said.get(name)) for name in CONTACT_FIELDS}
    found["birth_date"] = iso_birth_date(found["birth_date"])
    return {name: value for name, value in found.items() if value}


def _ref(source: str, external_id: str, identifiers: Sequence[Identifier]) -> ContactRef:
    if external_id:
        return ContactRef(source, f"customer:{external_id}")
    for kind, key in _KEYS.items():
        for each in identifiers:
            if each.kind == kind:
                return ContactRef(source, key(each.value))
    raise Unreadable("Nobody is named: give an external_id or at least one identifier.")

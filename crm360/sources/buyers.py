"""Whom a purchase belongs to, the same way for every shop: a customer there, else a guest by e-mail or phone, else a
device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.normalise.address import split_street
from crm360.sources import json_fields as read
from crm360.sources.base import Payload
from crm360.sources.contact_keys import DEFAULT_REGION, email_key, phone_key

#: Names under which shops hand the web visitor's id on with a cart, letters and digits only.
_DEVICE_NAMES = frozenset({"rudderanonymousid", "anonymousid", "ajsanonymousid", "segmentanonymousid"})
_NO_LETTER = re.compile(r"[\W_]+")


def buyer(
    payload: Payload,
    *,
    occurred_at: datetime,
    customer_id: str = "",
    email: str = "",
    phone: str = "",
    device: str = "",
    verified: bool = False,
    fields: Mapping[str, str] | None = None,
    attributes: Mapping[str, Any] | None = None,
    more: Iterable[Identifier] = (),
) -> ContactSeen | None:
    """A contact of this source; None when the document names nobody. `verified`: the shop proved the e-mail.

    `more` are further identifiers; they make no contact by themselves.
    """
    ref = _ref(payload, customer_id, email, phone, device)
    if ref is None:
        return None
    identifiers = [customer_identifier(payload, customer_id)] if customer_id else []
    if email:
        identifiers.append(Identifier("email", email, verified))
    if phone:
        identifiers.append(Identifier("phone", phone))
    if device:
        identifiers.append(Identifier("device", device))
    return ContactSeen(
        ref=ref,
        occurred_at=occurred_at,
        fields=fields or {},
        identifiers=(*identifiers, *more),
        attributes=attributes or {},
        anonymous=not (customer_id or email or phone),
    )


def customer_ref(payload: Payload, customer_id: str) -> ContactRef:
    """The contact of a customer with an account."""
    return ContactRef(payload.source, f"customer:{customer_id}")


def customer_identifier(payload: Payload, customer_id: str) -> Identifier:
    """A customer's id within this shop; other shops' ids are other people's."""
    return Identifier("customer_id", f"{payload.source}:{customer_id}", verified=True)


def device_of(notes: Iterable[tuple[Any, Any]]) -> str:
    """The web visitor's id among a cart's or an order's named notes: what the tracker calls them by."""
    for name, value in notes:
        plain = _NO_LETTER.sub("", read.text(name)).lower()
        if plain in _DEVICE_NAMES and (found := read.identity({"value": value}, "value")):
            return found
    return ""


def contact_fields(*, street: str = "", **others: str) -> dict[str, str]:
    """Contact fields without the empty ones; the house number is parted from the street."""
    name, house_number = split_street(street)
    fields = {"street": name or "", "house_number": house_number or "", **others}
    return {field: value for field, value in fields.items() if value}


def _ref(payload: Payload, customer_id: str, email: str, phone: str, device: str) -> ContactRef | None:
    if customer_id:
        return customer_ref(payload, customer_id)
    if email:
        return ContactRef(payload.source, email_key(email).replace("email:", "guest:", 1))
    if phone:
        key = phone_key(phone, payload.headers.get("region") or DEFAULT_REGION)
        return ContactRef(payload.source, key.replace("phone:", "guest-phone:", 1))
    return ContactRef(payload.source, f"anon:{device}") if device else None

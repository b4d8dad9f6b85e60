"""Composes the 360 page: asks each room once for what it knows of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from crm360.commerce import queries as commerce
from crm360.commerce.value import Value
from crm360.consents import queries as consents
from crm360.conversations import queries as conversations
from crm360.identity import queries as identity
from crm360.identity.models import Contact, ContactIdentifier
from crm360.identity.shared_values import Marked, Weak, marked_identifiers
from crm360.profiles import points
from crm360.profiles import queries as profiles
from crm360.profiles.models import GoldenRecord
from crm360.push import queries as push
from crm360.web import at_hand, reach, spark

MONTHS = 18
#: Kinds of identifiers in the order they are read.
ORDER = ("email", "phone", "card", "customer_id", "chat_id", "tax_id", "national_id", "device")
ORDERS_SHOWN = 8
CONVERSATIONS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An identifier as people read it: once, with every source that knows it."""

    kind: str
    value: str
    sources: tuple[str, ...]
    since: datetime
    verified: bool
    #: Why it joins nobody; None when it can.
    weak: Weak | None = None


def head(profile_id: int, contacts: Sequence[Contact], *, now: datetime) -> dict[str, Any]:
    """What stands above and beside the timeline."""
    alike = identity.lookalikes(profile_id, why=False)
    marked = marked_identifiers(profile_id)
    records = profiles.golden([profile_id, *(each.profile_id for each in alike)])
    cells, value = consents.matrix(profile_id, now=now), commerce.value_of(profile_id)
    record = records.get(profile_id) or GoldenRecord(display_name=f"#{profile_id}", city="", fields={})
    reached = reach.by_channel(cells)
    return {
        "profile_id": profile_id,
        "record": record,
        "lookalikes": [(each, records[each.profile_id]) for each in alike if each.profile_id in records],
        "addresses": addresses([each.identifier for each in marked], contacts, weak_values(marked)),
        "unreadable": unreadable(contacts),
        "source_tags": sorted({tag for contact in contacts for tag in contact.source_tags}),
        "tags": profiles.tags(profile_id),
        "cells": cells,
        "reach": reached,
        "contacts": contacts,
        "points": points.balance_of(contacts),
        **worth(value, now),
        **at_hand.head(profile_id, record, reached, now=now),
    }


def worth(value: Value, now: datetime) -> dict[str, Any]:
    """The value card: the currency most money was spent in leads, and is the one drawn."""
    currency = max(value.spend, key=lambda each: value.spend[each], default="")
    months = [
        (month.year, month.month, month.spend.get(currency, 0)) for month in value.monthly_spend(now, months=MONTHS)
    ]
    return {"value": value, "currency": currency, "bars": spark.bars(months), "spark": spark}


def more(profile_id: int) -> dict[str, Any]:
    """What comes after: notes, orders, carts, conversations, history, records as the sources gave them."""
    return {
        "profile_id": profile_id,
        "orders": commerce.orders_with_lines(profile_id, limit=ORDERS_SHOWN),
        "carts": commerce.carts_of(profile_id),
        "threads": conversations.conversations_of(profile_id, limit=CONVERSATIONS_SHOWN),
        "notes": profiles.notes(profile_id),
        "history": identity.history(profile_id),
        "contacts": identity.contacts_of(profile_id),
        "browsers": push.subscriptions_of(profile_id),
    }


def unreadable(contacts: Sequence[Contact]) -> list[tuple[str, str]]:
    """(kind, text) of what sources gave as an identifier that holds none, such as a phone number of zeros."""
    prefix = "unreadable_"
    return sorted(
        {
            (name.removeprefix(prefix), str(said["value"]))
            for contact in contacts
            for name, said in contact.attributes.items()
            if name.startswith(prefix)
        }
    )


def weak_values(marked: Sequence[Marked]) -> dict[tuple[str, str], Weak]:
    """(kind, normal) → why it joins nobody, for those that do not."""
    return {(each.identifier.kind, each.identifier.normal): each.weak for each in marked if each.weak}


def addresses(
    identifiers: Sequence[ContactIdentifier],
    contacts: Sequence[Contact],
    weak: Mapping[tuple[str, str], Weak] = MappingProxyType({}),
) -> list[Address]:
    """Each identifier once: the sources that gave it, since when, verified when any proved it. Devices come last."""
    names = {contact.id: contact.source for contact in contacts}
    found: dict[tuple[str, str], list[ContactIdentifier]] = {}
    for each in identifiers:
        found.setdefault((each.kind, each.normal), []).append(each)
    merged = [_address(same, names, weak.get(key)) for key, same in found.items()]
    return sorted(merged, key=lambda each: (ORDER.index(each.kind) if each.kind in ORDER else len(ORDER), each.since))


def _address(same: Sequence[ContactIdentifier], names: Mapping[int, str], weak: Weak | None) -> Address:
    return Address(
        kind=same[0].kind,
        value=_written(same[0], names.get(same[0].contact_id, "")),
        sources=tuple(sorted({names.get(each.contact_id, "") for each in same} - {""})),
        since=min(each.first_seen_at for each in same),
        verified=any(each.verified for each in same),
        weak=weak,
    )


def _written(identifier: ContactIdentifier, source: str) -> str:
    """Phones in one notation; a customer number without the source that stands beside it anyway."""
    if identifier.kind == "phone":
        return identifier.normal
    return identifier.value.removeprefix(f"{source}:")

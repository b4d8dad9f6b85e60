"""Composes the profile as one document: asks each room once for what it knows of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from crm360.accounts.disclosure import masked
from crm360.api.fields import amount
from crm360.commerce import queries as commerce
from crm360.commerce.models import Line, Order
from crm360.commerce.value import Value
from crm360.consents import queries as consents
from crm360.consents.queries import ConsentCell
from crm360.identity import queries as identity
from crm360.identity.models import Contact, ContactIdentifier
from crm360.profiles import queries as profiles
from crm360.profiles.search import Hit

#: Contact details that a role without `contacts.reveal` sees masked.
PERSONAL = ("email", "phone", "national_id", "tax_id")


def profile(profile_id: int, contacts: Sequence[Contact], *, requested_id: int, now: datetime) -> dict[str, Any]:
    """Everything but what has lists of its own."""
    record = profiles.golden([profile_id]).get(profile_id)
    return {
        "id": profile_id,
        "requested_id": requested_id,
        "links": links(profile_id),
        "display_name": record.display_name if record else f"#{profile_id}",
        "city": record.city if record else "",
        "fields": record.fields if record else {},
        "identifiers": identifiers(identity.identifiers_of(profile_id), contacts),
        "value": worth(commerce.value_of(profile_id), now),
        "consents": [consent(cell) for cell in consents.matrix(profile_id, now=now)],
        "tags": [tag.name for tag in profiles.tags(profile_id)],
        "source_tags": sorted({tag for contact in contacts for tag in contact.source_tags}),
        "contact_count": len(contacts),
        "lookalike_count": len(identity.lookalikes(profile_id)),
    }


def links(profile_id: int) -> dict[str, str]:
    """Addresses of a profile and its lists."""
    names = {"canonical": "profile", "timeline": "timeline", "contacts": "contacts", "orders": "orders"}
    return {name: url_for(f"api.{view}", profile_id=profile_id) for name, view in names.items()}


def summary(hit: Hit) -> dict[str, Any]:
    """A line of a list."""
    match = {"kind": hit.matched_kind, "text": hit.matched_text} if hit.matched_kind else None
    href = url_for("api.profile", profile_id=hit.profile_id)
    return {
        "id": hit.profile_id, "href": href, "display_name": hit.display_name, "city": hit.city, "match": match
    }  # fmt: skip


def identifiers(found: Sequence[ContactIdentifier], contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """Each identifier once, verified when any source proved it."""
    names = {contact.id: contact.source for contact in contacts}
    same: dict[tuple[str, str], list[ContactIdentifier]] = {}
    for each in found:
        same.setdefault((each.kind, each.normal), []).append(each)
    return [
        {
            "kind": kind,
            "value": group[0].value,
            "verified": any(each.verified for each in group),
            "sources": sorted({names[each.contact_id] for each in group if each.contact_id in names}),
            "first_seen_at": min(each.first_seen_at for each in group),
            "last_seen_at": max(each.last_seen_at for each in group),
        }
        for (kind, _), group in same.items()
    ]


def worth(value: Value, now: datetime) -> dict[str, Any]:
    """Purchases in numbers."""
    return {
        "orders": value.orders,
        "returns": value.returns,
        "cancelled": value.cancelled,
        "spend": [amount(minor, currency) for currency, minor in sorted(value.spend.items())],
        "average": [amount(minor, currency) for currency, minor in sorted(value.average.items())],
        "first_order_at": value.first_at,
        "last_order_at": value.last_at,
        "last_order": amount(value.last_minor, value.last_currency),
        "recency_days": value.recency_days(now),
    }


def consent(cell: ConsentCell) -> dict[str, Any]:
    """One address, purpose and channel with its verdict."""
    verdict = cell.verdict
    return {
        "identifier_kind": cell.identifier_kind,
        "identifier": cell.identifier,
        "purpose": cell.purpose,
        "channel": cell.channel,
        "permitted": verdict.permitted,
        "state": verdict.state,
        "reason": verdict.reason,
        "explanation": verdict.explanation,
        "since": cell.since,
    }


def contact(record: Contact, held: Sequence[ContactIdentifier]) -> dict[str, Any]:
    """A source record with its identifiers."""
    columns = (
        "id",
        "source",
        "external_id",
        "anonymous",
        "fields",
        "attributes",
        "source_tags",
        "first_seen_at",
        "last_seen_at",
    )
    shown = {name: getattr(record, name) for name in columns}
    names = ("kind", "value", "verified", "first_seen_at", "last_seen_at")
    return shown | {"identifiers": [{name: getattr(each, name) for name in names} for each in held]}


def order(made: Order, lines: Sequence[Line]) -> dict[str, Any]:
    """A purchase document with its lines."""
    columns = (
        "id",
        "source",
        "external_id",
        "number",
        "kind",
        "status",
        "channel",
        "store",
        "placed_at",
        "cancelled_at",
    )
    sums = ("total", "refunded", "discount", "shipping", "tax")
    return {
        **{name: getattr(made, name) for name in columns},
        **{name: amount(getattr(made, f"{name}_minor"), made.currency) for name in sums},
        "lines": [_line(line, made.currency) for line in lines],
    }


def veiled(document: dict[str, Any]) -> dict[str, Any]:
    """A document's contact details masked where only their kind tells that they are such."""
    named = document.get("fields", {})
    for kind in PERSONAL:
        for statement in [named[kind], *named[kind].get("others", ())] if kind in named else ():
            statement["value"] = masked(statement["value"], kind)
    for each in document.get("identifiers", ()):
        _veil(each, each["kind"], "value")
    for each in document.get("consents", ()):
        _veil(each, each["identifier_kind"], "identifier")
    if document.get("match"):
        _veil(document["match"], document["match"]["kind"], "text")
    return document


def _veil(part: dict[str, Any], kind: str, name: str) -> None:
    if kind in PERSONAL:
        part[name] = masked(part[name], kind)


def _line(line: Line, currency: str) -> dict[str, Any]:
    shown = {name: getattr(line, name) for name in ("line_no", "sku", "name", "category", "quantity")}
    prices: Mapping[str, int] = {"unit_price": line.unit_price_minor, "total": line.total_minor}
    return shown | {name: amount(minor, currency) for name, minor in prices.items()}

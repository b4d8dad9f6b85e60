"""Odoo's point of sale: receipts, customers and loyalty cards, asked for by JSON-RPC.

Body: `{"model": "pos.order", "record": {…}}`; a receipt's `record` has its lines whole under `lines`. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, OrderLine, OrderPlaced
from crm360.sources import buyers
from crm360.sources import json_fields as fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Setting
from crm360.sources.instants import instant
from crm360.sources.odoo_poll import poll

CHANNEL = "odoo"


def read(payload: Payload) -> Sequence[Fact]:
    """One record → facts. Raises Unreadable."""
    document = fields.load(payload.body)
    model, record = fields.first_text(document, "model"), fields.obj(document.get("record"))
    arm = _ARMS.get(model)
    if arm is None or not fields.text(record.get("id")):
        raise Unreadable(f"No record of a known model with an id: {model[:60]!r}.")
    return arm(payload, record)


def _partner(payload: Payload, record: JsonObject) -> Sequence[Fact]:
    barcode, tax_id = fields.first_text(record, "barcode"), fields.first_text(record, "vat")
    more = [Identifier("card", barcode)] if barcode else []
    is_company = record.get("is_company") is True
    name = fields.first_text(record, "name")
    seen = buyers.buyer(
        payload,
        occurred_at=_moment(record, "write_date") or payload.received_at,
        customer_id=fields.text(record.get("id")),
        email=fields.first_text(record, "email"),
        phone=fields.first_text(record, "mobile", "phone"),
        fields=buyers.contact_fields(
            full_name="" if is_company else name,
            company=name if is_company else fields.first_text(record, "company_name") or _named(record, "parent_id"),
            street=fields.first_text(record, "street"),
            address_2=fields.first_text(record, "street2"),
            city=fields.first_text(record, "city"),
            postcode=fields.first_text(record, "zip"),
            country=_named(record, "country_id"),
            locale=fields.first_text(record, "lang"),
            joined_on=fields.first_text(record, "create_date")[:10],
        ),
        more=[*more, *([Identifier("tax_id", tax_id)] if tax_id else [])],
    )
    return [seen] if seen else []


def _card(payload: Payload, record: JsonObject) -> Sequence[Fact]:
    """A card of somebody, or of nobody yet."""
    code, partner = fields.first_text(record, "code"), _linked(record, "partner_id")
    if not code:
        return []
    points = fields.number(record.get("points"), 0.0)
    owner = [buyers.customer_identifier(payload, partner)] if partner else []
    return [
        ContactSeen(
            ref=ContactRef(payload.source, f"loyalty:{fields.text(record.get('id'))}"),
            occurred_at=_moment(record, "write_date") or payload.received_at,
            identifiers=(*owner, Identifier("card", code)),
            attributes={"points": points, "programme": _named(record, "program_id")},
        )
    ]


def _receipt(payload: Payload, record: JsonObject) -> Sequence[Fact]:
    state = fields.first_text(record, "state")
    if state == "draft":
        return []  # still on the till; it comes again when it is paid
    at = _moment(record, "write_date") or payload.received_at
    partner = _linked(record, "partner_id")
    seen = buyers.buyer(payload, occurred_at=at, customer_id=partner) if partner else None
    currency = _named(record, "currency_id").upper()
    currency = currency if len(currency) == 3 else payload.headers.get("currency", "")
    lines = [_line(number, line, currency) for number, line in enumerate(fields.objects(record.get("lines")), 1)]
    total = fields.first_minor(record, currency, "amount_total")
    total = sum(line.total_minor for line in lines) if total is None else total
    number = fields.first_text(record, "pos_reference", "name") or fields.text(record.get("id"))
    placed = OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        external_id=fields.text(record.get("id")),
        number=number,
        placed_at=_moment(record, "date_order") or at,
        updated_at=at,
        currency=currency,
        total_minor=total,
        kind="return" if total < 0 else "sale",
        status="cancelled" if state == "cancel" else "paid",
        channel="store",
        store=_named(record, "config_id") or _named(record, "session_id"),
        tax_minor=fields.first_minor(record, currency, "amount_tax") or 0,
        lines=tuple(lines),
    )
    return [seen, placed] if seen else [placed]


def _line(line_no: int, line: JsonObject, currency: str) -> OrderLine:
    return OrderLine(
        line_no=line_no,
        sku=_linked(line, "product_id"),
        name=fields.first_text(line, "full_product_name") or _named(line, "product_id"),
        quantity=fields.number(line.get("qty"), 1.0),
        unit_price_minor=fields.first_minor(line, currency, "price_unit") or 0,
        total_minor=fields.first_minor(line, currency, "price_subtotal_incl") or 0,
    )


_ARMS: Mapping[str, Callable[[Payload, JsonObject], Sequence[Fact]]] = {
    "res.partner": _partner,
    "loyalty.card": _card,
    "pos.order": _receipt,
}


def _linked(record: JsonObject, name: str) -> str:
    """The id of a link, written [id, name], or false for none."""
    value = record.get(name)
    return fields.text(value[0]) if isinstance(value, list) and value else ""


def _named(record: JsonObject, name: str) -> str:
    value = record.get(name)
    return fields.text(value[1]) if isinstance(value, list) and len(value) > 1 else ""


def _moment(record: JsonObject, name: str) -> datetime | None:
    return instant(record.get(name))


ABOUT = Channel(
    label="Odoo POS",
    group="store",
    poll=poll,
    every_seconds=600,
    settings=(
        Setting(name="url", label="Address of Odoo", kind="url", help="https://odoo.example.com"),
        Setting(name="database", label="Database"),
        Setting(name="user", label="User name"),
        Setting(name="api_key", label="API key", kind="secret"),
    ),
    setup=(
        "In Odoo: create a user who may read point of sale, contacts and loyalty.",
        "As that user: My profile, Account security, New API key; enter it here with the user's name.",
    ),
)
